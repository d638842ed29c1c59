"""Documents that links show, kept for some seconds: making one takes the processor a second."""

import gzip
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from cnnlab.documents.page import policy_of
from cnnlab.domain.people.records import Link
from cnnlab.lab.sharing.opening import shared_document
from cnnlab.server.sharing.slides import slide_parts

KEPT_SECONDS = 10.0
_MOST_KEPT = 8


class Shown(NamedTuple):
    """A document as it is sent.

    Attributes:
        compressed: its text by gzip, some 1.5 MB.
        policy: what it allows itself.
        until: to when it is kept, on our clock.
    """

    compressed: bytes
    policy: str
    until: float


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, str, str], Shown] = OrderedDict()


def shown_by(link: Link, address: str) -> Shown:
    """What a link shows, made at most every 10 seconds, one document after the other.

    Args:
        link: one that hasn't ended.
        address: from where somebody came.

    Raises:
        CnnlabError: what `shared_document` raises.
    """
    key = link.workspace, link.kind, link.object
    with _lock:  # a room that opens one link at once has it made once
        kept = _kept.get(key)
        if kept is None or time.monotonic() >= kept.until:
            _kept.pop(key, None)
            text = shared_document(link, slide_parts(), address)
            compressed = gzip.compress(text.encode(), compresslevel=5, mtime=0)
            kept = Shown(compressed, policy_of(text), time.monotonic() + KEPT_SECONDS)
            _kept[key] = kept
            if len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        return kept
