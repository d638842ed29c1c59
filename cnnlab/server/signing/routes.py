"""Signing in and out, and changing the workspace: forms that a browser sends, without scripts."""

import asyncio
import math
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError, SignInError, StorageError, TooManyTriesError
from cnnlab.lab.access import signing_in
from cnnlab.lab.access.acting import have_accounts
from cnnlab.lab.access.sessions import end_session, enter_workspace
from cnnlab.server.bare_page import NEVER_KEPT
from cnnlab.server.door.peers import came_from
from cnnlab.server.door.place import place_of
from cnnlab.server.signing.cookie import brought_keys, give_session, take_session
from cnnlab.server.signing.entrance import SESSION_HEADER
from cnnlab.server.signing.page import NEXT, safe_next, sign_in_page

_LARGEST_FORM_BYTES = 16 * 1024
_MOST_FIELDS = 10
_OWN_PAGES = ("same-origin", "none")


async def show_sign_in(request: Request) -> Response:
    """`GET /api/sign-in?next=PATH`: the page; where it makes no sense, Home."""
    place = place_of(request.scope)
    there = safe_next(request.query_params.get(NEXT, ""), place)
    if lab.auth() not in (lab.Auth.PASSWORD, lab.Auth.OIDC):
        return RedirectResponse(there, 303, NEVER_KEPT)
    return await asyncio.to_thread(sign_in_page, there, status=200)


async def sign_in(request: Request) -> Response:
    """`POST /api/sign-in` with `name`, `password`, `next`: a new session, whatever was before."""
    place = place_of(request.scope)
    if lab.auth() is not lab.Auth.PASSWORD:
        raise HTTPException(404, "Nobody signs in with a password here.")
    given = await _form(request)
    name, there = given.get("name", ""), safe_next(given.get(NEXT, ""), place)
    try:
        key = await asyncio.to_thread(
            signing_in.sign_in, name, given.get("password", ""), came_from(request)
        )
    except TooManyTriesError as error:
        answer = await asyncio.to_thread(
            sign_in_page, there, status=429, problem=str(error), name=name
        )
        answer.headers["Retry-After"] = str(math.ceil(error.wait_seconds))
        return answer
    except SignInError as error:
        return await asyncio.to_thread(sign_in_page, there, problem=str(error), name=name)
    return await enter(request, key, there)


async def enter(request: Request, key: str, there: str) -> Response:
    """Send a browser on with a new session; those that it had before have ended.

    Args:
        request: which is answered.
        key: of the new session.
        there: what it opens.
    """
    before, _ = brought_keys(request)
    for old in before:
        await asyncio.to_thread(end_session, old)
    answer = RedirectResponse(there, 303, NEVER_KEPT)
    give_session(answer, request, place_of(request.scope), key)
    return answer


async def sign_out(request: Request) -> Response:
    """`POST /api/sign-out`: the session has ended, in all tabs."""
    _require_sessions()
    await _form(request)
    try:
        await asyncio.to_thread(signing_in.sign_out, request.headers.get(SESSION_HEADER, ""))
    except StorageError as error:
        return PlainTextResponse(f"You aren't signed out: {error}", 503, NEVER_KEPT)
    place = place_of(request.scope)
    answer = RedirectResponse(f"{place.base_path}/", 303, NEVER_KEPT)
    take_session(answer, place)
    return answer


async def change_workspace(request: Request) -> Response:
    """`POST /api/workspace` with `workspace`: the session goes on in another one."""
    _require_sessions()
    given = await _form(request)
    key = request.headers.get(SESSION_HEADER, "")
    try:
        await asyncio.to_thread(enter_workspace, key, given.get("workspace", ""))
    except CnnlabError as error:
        status = 503 if isinstance(error, StorageError) else 404
        return PlainTextResponse(str(error), status, NEVER_KEPT)
    return RedirectResponse(f"{place_of(request.scope).base_path}/", 303, NEVER_KEPT)


def _require_sessions() -> None:
    if not have_accounts():
        raise HTTPException(404, "Nobody has an account here.")


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that one of our own pages sent; of several of a name the last."""
    if request.headers.get("sec-fetch-site", "none") not in _OWN_PAGES:
        raise HTTPException(403, "This form works only on a page of the app.")
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > _LARGEST_FORM_BYTES:
                raise HTTPException(413, "The form is too large.")
        fields = parse_qs(
            content.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except (ClientDisconnect, ValueError):
        raise HTTPException(400, "The form can't be read.") from None
    return {name: values[-1] for name, values in fields.items()}
