"""The door: everything passes it, our own routes, Streamlit's, files and WebSockets."""

import re
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from cnnlab import lab
from cnnlab.lab.access.acting import LOCAL, acting_as, have_accounts
from cnnlab.server.addresses import API
from cnnlab.server.door.key import TOKEN, fits, give_key, has_key
from cnnlab.server.door.modes import asks_for_https
from cnnlab.server.door.place import Place, with_place
from cnnlab.server.door.refusal import (
    FOREIGN_HOST,
    FOREIGN_PAGE,
    FROM_OUTSIDE,
    LARGE_HEAD,
    LONG_NUMBER,
    NO_KEY,
    PLAIN_HTTP,
    WRONG_TOKEN,
    Refusal,
    said,
)
from cnnlab.server.sharing.way_in import is_shared
from cnnlab.server.signing.entrance import Entrance
from cnnlab.server.upkeep.opening import needs_no_key

LARGEST_HEAD_BYTES = 64 * 1024
_LONG_NUMBER = re.compile(rb"\d{101}")  # no name of ours has as many digits in a row
_NO_PAGES = (f"{API}/", "/_stcore/")
_REFUSED = 1008


class Door:
    """Lets in who brings the key, or, from a link, the token, which becomes the key.

    Args:
        app: the application behind it.
        place: where that is.
    """

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app = app
        self._place = place
        self._entrance = Entrance(app, place)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here (ASGI)."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        answer = self._answer(connection)
        if answer is None:
            told = with_place(_without_origin(scope), self._place)
            await self._behind(connection)(told, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(_REFUSED)
        else:
            await answer(scope, receive, send)

    def _behind(self, connection: HTTPConnection) -> ASGIApp:
        """What a request comes to that isn't answered here."""
        if self._is_shared(connection):
            return self._app  # in nobody's name: the route acts in that of a guest
        asks_who = have_accounts() and not needs_no_key(connection, self._place)
        return self._entrance if asks_who else self._as_local

    def _is_shared(self, connection: HTTPConnection) -> bool:
        """Whether it brings a link's secret, which is all that this address wants."""
        return is_shared(connection.scope, self._place.base_path)

    async def _as_local(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Without accounts, or for what watches the app, whoever started it acts."""
        with acting_as(LOCAL):
            await self._app(scope, receive, send)

    def _answer(self, connection: HTTPConnection) -> Response | None:
        """What is said here; None lets the request in, or as far as to where people sign in."""
        foreign = self._foreign(connection)
        if foreign:
            return said(foreign, connection)
        if have_accounts() or self._is_shared(connection):
            return None
        if _brings_token(connection, self._place):
            return self._enter(connection)
        is_open = lab.auth() is lab.Auth.NONE or has_key(connection)
        if is_open or needs_no_key(connection, self._place):
            return None
        return said(NO_KEY, connection)

    def _foreign(self, connection: HTTPConnection) -> Refusal | None:
        """What is wrong with a request whoever sends it."""
        scope, host = connection.scope, connection.headers.get("host")
        reached_at, _ = scope.get("server") or ("", None)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD_BYTES:
            return LARGE_HEAD
        numbers = (scope["path"], connection.headers.get("range", ""))
        if _LONG_NUMBER.search(
            "\n".join(numbers).encode() + unquote_to_bytes(scope["query_string"])
        ):
            return LONG_NUMBER
        if not self._place.allows_host(host, reached_at):
            return FOREIGN_HOST
        if not self._place.allows_origin(connection.headers.get("origin"), host):
            return FOREIGN_PAGE
        if lab.auth() is lab.Auth.NONE and not lab.is_loopback(reached_at):
            return FROM_OUTSIDE
        is_read_along = not self._place.is_secure(scope["scheme"], host)
        if asks_for_https(lab.auth()) and is_read_along and not lab.is_loopback(reached_at):
            return PLAIN_HTTP
        return None

    def _enter(self, connection: HTTPConnection) -> Response:
        """Exchange the token of a link for the key; the address is rid of it at once."""
        brought = connection.query_params[TOKEN]
        if not fits(brought) and lab.auth() is lab.Auth.TOKEN and not has_key(connection):
            return said(WRONG_TOKEN, connection)
        query = parse_qsl(connection.scope["query_string"].decode("latin-1"), True)
        rest = urlencode([(name, value) for name, value in query if name != TOKEN])
        path = "/" + quote(connection.scope["path"]).lstrip("/")  # never `//another.host`
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303, headers)
        if fits(brought):
            give_key(answer, connection, self._place)
        return answer


def _brings_token(connection: HTTPConnection, place: Place) -> bool:
    """Whether this is a link to a page with the token in it."""
    path = connection.scope["path"].removeprefix(place.base_path)
    return (
        connection.scope.get("method") in ("GET", "HEAD")
        and TOKEN in connection.query_params
        and not path.startswith(_NO_PAGES)
    )


def _without_origin(scope: Scope) -> Scope:
    """A WebSocket without the origin that was found good.

    Streamlit would look at it again, and ask a host elsewhere by what number we are known.
    """
    if scope["type"] == "websocket":
        headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        return {**scope, "headers": headers}
    return scope
