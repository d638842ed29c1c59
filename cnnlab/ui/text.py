"""Words and numbers on screen: text of others made harmless, numbers with their unit."""

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


def percent(value: float | None) -> str:
    """A fraction as a percentage with three digits, a dash if it is unknown."""
    return "–" if value is None else f"{100 * value:.1f} %"


def duration(seconds: float) -> str:
    """A time span in the unit that suits it: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def moment(iso: str | None) -> str:
    """An ISO 8601 moment as date and time of the server's zone."""
    return "–" if not iso else f"{datetime.fromisoformat(iso).astimezone():%Y-%m-%d %H:%M}"
