"""Text on screen: that of others made harmless, options told apart, moments."""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import count

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!$:~<>|])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Markdown makes links of these even where every sign is escaped.
_LINK = re.compile(r"(://|www|@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
SHOWN_CHARACTERS = 60


def plain(text: str, *, limit: int = SHOWN_CHARACTERS) -> str:
    """Shorten a name that a user gave and take out what would disturb a line of text."""
    clean = _CONTROL.sub(" ", text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def escaped(text: str, *, limit: int = SHOWN_CHARACTERS) -> str:
    """`plain`, and safe where Streamlit interprets Markdown (labels included)."""
    unlinked = _LINK.sub(rf"\1{_WORD_JOINER}", plain(text, limit=limit))
    return _MARKDOWN.sub(r"\\\1", unlinked)


def distinct(words: Mapping[str, str]) -> dict[str, str]:
    """Words for the options of a choice, the later of equal ones numbered.

    Streamlit knows an option by its words: with equal ones, another one would be taken.
    """
    taken: set[str] = set()
    told = {}
    for option, text in words.items():
        numbered = (f"{text} ({number})" for number in count(2))
        told[option] = text if text not in taken else next(n for n in numbered if n not in taken)
        taken.add(told[option])
    return told


def moment(iso: str | None) -> str:
    """An ISO 8601 moment as date and time of the server's zone."""
    return "–" if not iso else f"{datetime.fromisoformat(iso).astimezone():%Y-%m-%d %H:%M}"
