"""Names, addresses and times as the register keeps them."""

import re
import secrets
import string
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime

from cnnlab.domain.errors import BadInputError

LONGEST_NAME = 80
_LETTERS = string.ascii_lowercase + string.digits
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Clock = Callable[[], datetime]
"""What time it is, in UTC."""


def now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def written(moment: datetime) -> str:
    """A moment as it is stored: ISO 8601, UTC, to the second; later ones sort behind."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def new_id() -> str:
    """A random id for a person or a workspace: 62 bits, never used before."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def clean_name(text: str, noun: str) -> str:
    """A name or title as it is shown.

    Args:
        text: as somebody typed it.
        noun: what it is, for the error.

    Raises:
        BadInputError: it is empty, too long, or holds what can't be seen.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInputError(
            f"{noun} must have 1 to {LONGEST_NAME} characters that can be seen. Received: "
            f"{text[:100]!r}"
        )
    return name


def key_of(name: str) -> str:
    """What two names have in common that people would take for the same."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def clean_email(text: str) -> str | None:
    """An address as it is compared; None for none.

    Raises:
        BadInputError: it isn't one.
    """
    email = text.strip().lower()
    if email and not (_EMAIL.fullmatch(email) and len(email) <= 254):
        raise BadInputError(f"email must be like name@host.org. Received: {text[:100]!r}")
    return email or None
