"""Which requests need neither key nor session: for health, and for numbers with their token.

Behind a proxy everybody comes from 127.0.0.1: so nobody is believed for where they come from.
"""

import hmac

from starlette.requests import HTTPConnection

from cnnlab import lab
from cnnlab.lab.entry import metrics_token
from cnnlab.server.addresses import HEALTH, METRICS
from cnnlab.server.door.place import Place

_STREAMLITS_HEALTH = "/_stcore/health"


def needs_no_key(connection: HTTPConnection, place: Place) -> bool:
    """Whether a request is answered whoever sends it, in the name of who runs the app.

    Args:
        connection: the request.
        place: where the app is.
    """
    path = connection.scope["path"]
    if path in (place.base_path + _STREAMLITS_HEALTH, place.base_path + HEALTH):
        return True
    return bool(path == place.base_path + METRICS) and _brings_token(connection)


def _brings_token(connection: HTTPConnection) -> bool:
    scheme, _, brought = connection.headers.get("authorization", "").partition(" ")
    wanted = metrics_token(lab.token())
    fits = hmac.compare_digest(brought.strip().encode(), wanted.encode())
    return scheme.lower() == "bearer" and fits
