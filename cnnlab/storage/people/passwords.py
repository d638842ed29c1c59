"""Passwords as they are kept: argon2id, at the cost that RFC 9106 gives for little memory.

Each takes 64 MiB and some 50 ms of the processor, so only a few are computed at once: thirty people
who sign in together would take two gigabytes.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY

from cnnlab.domain.errors import BadInputError

SHORTEST, LONGEST = 8, 1000
"""Characters of a password."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_few_at_once = threading.BoundedSemaphore(2)
_of_nobody = ""


def hash_password(password: str) -> str:
    """What is stored of a password.

    Raises:
        BadInputError: it is too short, or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInputError(
            f"A password must have {SHORTEST} to {LONGEST:,} characters. Received: {len(password)}"
        )
    with _few_at_once:
        return _hasher.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Whether a password is the one of which this was stored.

    It takes as long where nothing was stored: how long an answer takes tells nobody who has an
    account.
    """
    with _few_at_once:
        try:
            return _hasher.verify(stored or _hash_of_nobody(), password[:LONGEST]) and bool(stored)
        except (Argon2Error, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether a password was stored at another cost than it is today."""
    return _hasher.check_needs_rehash(stored)


def _hash_of_nobody() -> str:
    global _of_nobody
    _of_nobody = _of_nobody or _hasher.hash("nobody has this one")
    return _of_nobody
