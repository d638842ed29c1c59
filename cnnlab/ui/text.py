"""Words and numbers on screen: text of others made harmless, numbers with their unit."""

import re
from datetime import datetime

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!$:~<>|])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SHOWN_CHARACTERS = 60


def plain(text: str, *, limit: int = SHOWN_CHARACTERS) -> str:
    """Shorten a name that a user gave and take out what would disturb a line of text."""
    clean = _CONTROL.sub(" ", text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def escaped(text: str, *, limit: int = SHOWN_CHARACTERS) -> str:
    """`plain`, and safe where Streamlit interprets Markdown (labels included)."""
    return _MARKDOWN.sub(r"\\\1", plain(text, limit=limit))


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
