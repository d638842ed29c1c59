"""Random streams that are told apart by their names."""

import hashlib


def stream_of(name: str) -> int:
    """The number of a stream: 2**30 .. 2**31 - 1, from sha256 of its name.

    The same in every process and version, and none of those that were once numbered by hand.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 2 | 1 << 30
