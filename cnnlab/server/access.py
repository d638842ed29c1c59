"""Who may call our own routes. Streamlit doesn't check them, so we do.

Every page of the app is given a token; a request must bring it back, and a browser's request must
come from a page of this very host. Another web site has neither.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from cnnlab import lab

TOKEN_HEADER = "x-cnnlab-token"


def access_token() -> str:
    """The token that pages hand to their scripts; it outlives a restart of the server."""
    return hmac.new(lab.secret(), b"routes", hashlib.sha256).hexdigest()


def is_allowed(connection: HTTPConnection) -> bool:
    """Whether a request or WebSocket brings the token and comes from our own pages."""
    token = connection.headers.get(TOKEN_HEADER) or connection.query_params.get("token", "")
    return is_same_origin(connection) and hmac.compare_digest(
        token.encode(), access_token().encode()
    )


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether the page that asks, if any, is served by this host."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def require_access(connection: HTTPConnection) -> None:
    """Refuse whoever isn't allowed (HTTP 403)."""
    if not is_allowed(connection):
        raise HTTPException(403, "This address works only from a page of the app: reload it.")
