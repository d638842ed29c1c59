"""The cookie that a browser keeps once it has brought the token; both are the same secret."""

import hmac

from starlette.requests import HTTPConnection
from starlette.responses import Response

from cnnlab import lab
from cnnlab.lab import entry
from cnnlab.server.door.place import Place

TOKEN = "token"
"""What the token is called in a link."""
_KEEP_SECONDS = 400 * 24 * 3600  # no browser keeps a cookie for longer


def derived(purpose: str) -> str:
    """A secret of its own for each purpose, made of the token: nothing needs to be stored."""
    return entry.derived(purpose, lab.token())


def fits(token: str) -> bool:
    """Whether this is the token."""
    return hmac.compare_digest(token.encode(), lab.token().encode())


def has_key(connection: HTTPConnection) -> bool:
    """Whether a request or WebSocket brings the cookie."""
    wanted = "=".join(cookie()).encode()
    brought = ";".join(connection.headers.getlist("cookie")).split(";")
    return any(hmac.compare_digest(one.strip().encode(), wanted) for one in brought)


def give_key(response: Response, connection: HTTPConnection, place: Place) -> None:
    """Have the browser keep the cookie.

    Args:
        response: what takes it to the browser.
        connection: the request that brought the token.
        place: where the app is.
    """
    response.set_cookie(
        *cookie(),
        max_age=_KEEP_SECONDS,
        path=place.base_path or "/",
        secure=place.is_secure(connection.scope["scheme"], connection.headers.get("host")),
        httponly=True,
        samesite="lax",
    )


def cookie() -> tuple[str, str]:
    """Name and value; the name is of its own for every home, as ports share a host's cookies."""
    return f"cnnlab_{derived('cookie name')[:8]}", derived("cookie")
