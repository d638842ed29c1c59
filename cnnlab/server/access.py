"""What our routes that change something want besides the key that the door asks for.

Every page of the app is given a secret that a request must bring back in a header: another web
site can neither read it nor send that header.
"""

import hmac

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from cnnlab.server.door.key import derived

TOKEN_HEADER = "x-cnnlab-token"


def access_token() -> str:
    """What pages hand to their scripts; it outlives a restart of the server."""
    return derived("page")


def require_access(connection: HTTPConnection) -> None:
    """Refuse what no page of ours has sent (HTTP 403)."""
    brought = connection.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(brought.encode(), access_token().encode()):
        raise HTTPException(403, "This address works only from a page of the app: reload it.")


def whole_number(text: str) -> int | None:
    """What a query or path says, where it is a whole number from 0 to 2**63 - 1; else None."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    return int(text) if is_number and int(text) < 2**63 else None
