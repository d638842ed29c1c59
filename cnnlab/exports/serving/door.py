"""Who may ask: names, pages of other sites, the token; and the headers of every answer."""

import hmac
import socket
import sys
import time
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnnlab.exports.serving.options import Options, is_loopback
from cnnlab.exports.serving.refusals import RefusedError, refusal

OPEN = ("/", "/page.css", "/page.mjs", "/docs", "/openapi.json", "/health", "/ready")
"""What tells nothing of the model, and needs no token."""

_OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Door:
    """Lets in who may ask.

    Args:
        app: behind it.
        options: who that is.
    """

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._options = options
        self._names = {*_OWN_NAMES, *options.names}
        self._is_loopback = is_loopback(options.host)
        if not self._is_loopback:
            name = socket.gethostname().lower()
            self._names |= {options.host.lower(), name, f"{name}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here (ASGI)."""
        if scope["type"] != "http":
            return
        began, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope)
        except RefusedError as error:
            await refusal(error.status, error.words, error.headers)(scope, receive, send_on)
        else:
            await self._app(scope, receive, send_on)
        if self._options.log:
            self._tell(scope, status, time.perf_counter() - began)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_own(host, scope):
            raise RefusedError(
                403,
                "This server isn't offered under the name in this address: call it by its own, or "
                "start it with --called and that name.",
            )
        if origin is not None and _netloc(origin) != host.lower():
            raise RefusedError(403, "Pages of other sites may not ask this server.")
        token = self._options.token
        if token is None or scope["path"] in OPEN:
            return
        kind, _, brought = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(
            brought.strip().encode("latin-1", "replace"), token.encode()
        ):
            raise RefusedError(
                401,
                "The token is missing or wrong: send the header `Authorization: Bearer TOKEN` with "
                "the one that was printed at the start.",
            )

    def _is_own(self, host: str, scope: Scope) -> bool:
        """Whether a request calls the server by a name of its own: a rebound name is foreign."""
        if "*" in self._names:
            return True
        try:
            parsed = urlsplit(f"//{host}")
            _ = parsed.port
        except ValueError:
            return False
        if parsed.netloc != host or "@" in host:
            return False
        name = (parsed.hostname or "").rstrip(".")
        reached_at, _ = scope.get("server") or ("", None)
        own = self._names if self._is_loopback else {*self._names, reached_at}
        return bool(name) and name in own

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """A line without anything of the picture, the query or a header."""
        path = quote(scope["path"])[:100]
        sys.stderr.write(f"{scope['method'][:10]} {path} {status} {1000 * seconds:.1f} ms\n")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin.lower()).netloc
    except ValueError:
        return ""
