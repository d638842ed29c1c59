"""The door where people have accounts: everything behind it is done in the name of one of them."""

import asyncio
import functools

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from cnnlab.domain.errors import StorageError
from cnnlab.lab.access.acting import acting_as
from cnnlab.lab.access.sessions import use_session
from cnnlab.server.addresses import API, OWN, SIGN_IN, SIGN_IN_BACK, SIGN_IN_OIDC
from cnnlab.server.door.place import Place
from cnnlab.server.door.refusal import SIGNED_OUT, Refusal, said
from cnnlab.server.signing.page import sign_in_page, where_to
from cnnlab.server.signing.sockets import ENDED, ClosedAtEnd
from cnnlab.server.signing.visitor import Visitor, still_acting, who_comes

SESSION_HEADER = "x-cnnlab-session"
"""In it pages find the key of their session. What a browser sends there is dropped."""
_OPEN = tuple(f"{API}{route}" for route in (SIGN_IN, SIGN_IN_OIDC, SIGN_IN_BACK))
_NO_USE = (f"{API}{OWN}",)


class Entrance:
    """Lets in whoever is known, and shows the others where to sign in.

    Args:
        app: the application behind it.
        place: where that is.
    """

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app = app
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here (ASGI)."""
        connection = HTTPConnection(scope)
        path = scope["path"].removeprefix(self._place.base_path)
        if path in _OPEN and scope["type"] == "http":
            try:
                await self._app(_with_key(scope, ""), receive, send)
            except StorageError as error:
                await said(_unknown(error), connection)(scope, receive, send)
            return
        try:
            visitor = await who_comes(connection)
            if visitor.acting is not None and _is_use(scope, path):
                await asyncio.to_thread(use_session, visitor.key)
        except StorageError as error:
            visitor = Visitor(refusal=_unknown(error))
        if visitor.acting is None:
            if scope["type"] == "websocket":
                await WebSocket(scope, receive, send).close(ENDED)
            else:
                answer = await asyncio.to_thread(_refused, connection, visitor)
                await answer(scope, receive, send)
            return
        app = self._app
        if scope["type"] == "websocket":
            app = ClosedAtEnd(app, functools.partial(_still_is, visitor))
        with acting_as(visitor.acting):
            await app(_with_key(scope, visitor.key), receive, send)


def _refused(connection: HTTPConnection, visitor: Visitor) -> Response:
    """What somebody is told who isn't known: a browser that opens a page may sign in."""
    is_page = "text/html" in connection.headers.get("accept", "")
    if visitor.refusal is not None or not is_page or connection.scope["method"] != "GET":
        return said(visitor.refusal or SIGNED_OUT, connection)
    try:
        return sign_in_page(where_to(connection))
    except StorageError as error:
        return said(_unknown(error), connection)


def _unknown(error: StorageError) -> Refusal:
    """Nobody comes in while the register can't be read, nor signs in while it can't be written."""
    return Refusal(503, "Nobody can be known now", str(error))


async def _still_is(visitor: Visitor) -> bool:
    """Whether the session goes on, for the same person with the same role in the same workspace."""
    return await still_acting(visitor.key) == visitor.acting


def _is_use(scope: Scope, path: str) -> bool:
    """Whether a request is one of somebody who is there: open pages ask by themselves, too."""
    if scope["type"] == "websocket" or path in _NO_USE:
        return False
    headers = Headers(scope=scope)
    return scope["method"] not in ("GET", "HEAD") or headers.get("sec-fetch-dest") == "document"


def _with_key(scope: Scope, key: str) -> Scope:
    """The request with the key of its session in a header of ours, which nobody else can set."""
    headers = [item for item in scope["headers"] if item[0] != SESSION_HEADER.encode()]
    if key:
        headers.append((SESSION_HEADER.encode(), key.encode()))
    return {**scope, "headers": headers}
