"""The cookie of a session: its random key, signed so that a made-up one costs no look-up."""

import hashlib
import hmac

from starlette.requests import HTTPConnection
from starlette.responses import Response

from cnnlab.server.door.key import derived
from cnnlab.server.door.place import Place

_KEEP_SECONDS = 30 * 24 * 3600
"""The register ends a session long before."""


def name() -> str:
    """Of its own for every home, as ports share a host's cookies."""
    return f"cnnlab_session_{derived('session cookie name')[:8]}"


def signed(key: str) -> str:
    """The cookie's value.

    Args:
        key: of the session.
    """
    signature = hmac.new(derived("session cookie").encode(), key.encode(), hashlib.sha256)
    return f"{key}.{signature.hexdigest()}"


def brought_keys(connection: HTTPConnection) -> tuple[list[str], bool]:
    """The keys that a request brings, and whether it also brings one that we haven't signed."""
    pairs = ";".join(connection.headers.getlist("cookie")).split(";")
    named = [pair.strip().partition("=") for pair in pairs]
    ours = name()
    values = [value for found, _, value in named if found == ours]
    keys = [key for value in values if (key := _key_in(value))]
    return keys, len(keys) < len(values)


def give_session(response: Response, connection: HTTPConnection, place: Place, key: str) -> None:
    """Have the browser keep the cookie.

    Args:
        response: what takes it to the browser.
        connection: the request that is answered.
        place: where the app is.
        key: of the session.
    """
    response.set_cookie(
        name(),
        signed(key),
        max_age=_KEEP_SECONDS,
        path=place.base_path or "/",
        secure=place.is_secure(connection.scope["scheme"], connection.headers.get("host")),
        httponly=True,
        samesite="lax",
    )


def take_session(response: Response, place: Place) -> None:
    """Have the browser forget the cookie."""
    response.delete_cookie(name(), path=place.base_path or "/", httponly=True, samesite="lax")


def _key_in(value: str) -> str:
    """The key of a value that we have signed; else empty."""
    key = value.rpartition(".")[0]
    is_ours = hmac.compare_digest(signed(key).encode(), value.encode())
    return key if key and is_ours else ""
