"""Signing in by an OIDC server: its word, checked by Authlib, becomes a session of ours.

Streamlit's `st.login` isn't used: it needs a page of the app before anybody has signed in, and its
cookie lasts 30 days, which nobody could revoke.
"""

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cnnlab import lab
from cnnlab.domain.errors import SignInError
from cnnlab.lab.access.allowed import is_allowed
from cnnlab.lab.access.signing_in import note_refused_sign_in, session_by_email
from cnnlab.server.addresses import SIGN_IN_BACK, address
from cnnlab.server.door.key import derived
from cnnlab.server.door.modes import OIDC_CLIENT, OIDC_SECRET, OIDC_SERVER
from cnnlab.server.door.peers import came_from
from cnnlab.server.door.place import place_of
from cnnlab.server.signing.page import NEXT, safe_next, sign_in_page
from cnnlab.server.signing.routes import enter

_COOKIE_SECONDS = 600
_DESCRIBED = "/.well-known/openid-configuration"
_NO_SERVER = "The server that says who you are doesn't answer: try again in a minute."
_NOT_TOLD = "The server that knows you didn't let you in, or took more than ten minutes: try again."
_log = logging.getLogger(__name__)


class _Client(Protocol):
    """What Authlib gives us."""

    async def authorize_redirect(self, request: Request, redirect_uri: str) -> Response:
        """Send the browser to the server, with state, nonce and challenge."""

    async def authorize_access_token(self, request: Request) -> dict[str, Any]:
        """Exchange what the browser brought back; the identity in it has been checked."""


class OidcRoute:
    """One of our two addresses of the way there and back, with the cookie that both share.

    Args:
        answer: what is done there.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI)."""
        place = place_of(scope)
        request = Request(scope)
        if lab.auth() is not lab.Auth.OIDC:
            raise HTTPException(404, "Nobody signs in by an OIDC server here.")
        app = SessionMiddleware(
            self._app,
            derived("oidc cookie"),
            session_cookie=f"cnnlab_oidc_{derived('oidc cookie name')[:8]}",
            max_age=_COOKIE_SECONDS,
            path=place.base_path or "/",
            https_only=place.is_secure(scope["scheme"], request.headers.get("host")),
        )
        await app(scope, receive, send)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(Request(scope, receive)))(scope, receive, send)


async def begin_oidc(request: Request) -> Response:
    """`GET /api/sign-in/oidc?next=PATH`: off to the server."""
    place = place_of(request.scope)
    there = safe_next(request.query_params.get(NEXT, ""), place)
    host = request.headers.get("host", "")
    scheme = "https" if place.is_secure(request.scope["scheme"], host) else "http"
    request.session.clear()
    try:
        answer = await _client().authorize_redirect(
            request, f"{scheme}://{host}{address(SIGN_IN_BACK)}"
        )
    except Exception as error:  # whatever a network or a server's answer may hold
        _log.warning("the OIDC server can't be asked: %s", error)
        return sign_in_page(there, status=503, problem=_NO_SERVER)
    request.session[NEXT] = there
    return answer


async def end_oidc(request: Request) -> Response:
    """`GET /api/sign-in/oidc/back`: the browser is back; whoever may come in gets a session."""
    there = safe_next(request.session.get(NEXT, ""), place_of(request.scope))
    try:
        token = await _client().authorize_access_token(request)
        told = dict(token["userinfo"])
    except Exception as error:  # a forged answer, an old one, a server that is away
        _log.warning("somebody wasn't signed in by OIDC: %s", error)
        told = {}
    request.session.clear()
    address_of = came_from(request)
    email = str(told.get("email", "")).strip().casefold()
    is_verified = told.get("email_verified") is True
    if not told:
        await asyncio.to_thread(note_refused_sign_in, "", address_of)
        return sign_in_page(there, problem=_NOT_TOLD)
    try:
        if not is_verified or not is_allowed(email):
            await asyncio.to_thread(note_refused_sign_in, email, address_of)
            raise SignInError("This address may not come in here: ask whoever runs the app.")
        key = await asyncio.to_thread(session_by_email, email, address_of)
    except SignInError as error:
        return sign_in_page(there, status=403, problem=str(error))
    return await enter(request, key, there)


def _client() -> _Client:
    names = (OIDC_SERVER, OIDC_CLIENT, OIDC_SECRET)
    return _known_client(*(os.environ.get(name, "").strip() for name in names))


@functools.lru_cache(maxsize=1)
def _known_client(server: str, client: str, secret: str) -> _Client:
    """Authlib's client; it asks the server for its keys once and when there are new ones."""
    from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415 - an extra

    described = server if "/.well-known/" in server else f"{server.rstrip('/')}{_DESCRIBED}"
    known: _Client = OAuth().register(
        "cnnlab",
        client_id=client,
        client_secret=secret,
        server_metadata_url=described,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )
    return known
