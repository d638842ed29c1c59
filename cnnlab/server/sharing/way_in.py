"""Which requests come in without a key or a session: those that bring a link's secret."""

import re

from starlette.types import Scope

from cnnlab.server.addresses import SHARED

_BELOW = re.compile("/[^/]{1,200}")
_LOOKS = ("GET", "HEAD")


def is_shared(scope: Scope, base_path: str) -> bool:
    """Whether a request asks for what a link shows, and for nothing else.

    What it brings is looked at behind the door: a wrong secret is told that there is no such link.

    Args:
        scope: of the request.
        base_path: below which the app is served.
    """
    if scope["type"] != "http" or scope["method"] not in _LOOKS:
        return False
    below = scope["path"].removeprefix(base_path + SHARED)
    return below != scope["path"] and bool(_BELOW.fullmatch(below))
