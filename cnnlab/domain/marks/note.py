"""A note: what a user wants to remember of a run, in words."""

import re

from cnnlab.domain.errors import BadInputError

MOST_NOTE_CHARACTERS = 2_000

# No database keeps the first of them, and the others are no text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def checked_note(note: str) -> str:
    """A note as it is stored: without space around it and without signs that aren't text.

    Raises:
        BadInputError: it is too long.
    """
    clean = _CONTROL.sub("", note.replace("\r\n", "\n")).strip()
    if len(clean) > MOST_NOTE_CHARACTERS:
        raise BadInputError(
            f"A note has at most {MOST_NOTE_CHARACTERS:,} characters. Received: {len(clean):,}."
        )
    return clean
