"""Words and numbers of a report: text of others made harmless, a metric in its own unit."""

import html
import re
from collections.abc import Sequence
from datetime import datetime

from cnnlab.domain.words import UNKNOWN, digits, digits_alike
from cnnlab.study.verdicts import Metric
from cnnlab.study.wording import SHARES

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MOST_CHARACTERS = 300


def safe(text: str, *, limit: int = _MOST_CHARACTERS) -> str:
    """Text of a user or of a worker as HTML shows it: no markup, no odd characters, not too long.

    Args:
        text: whatever it is.
        limit: most characters that are kept.
    """
    return html.escape(cleaned(text, limit=limit))


def cleaned(text: str, *, limit: int = _MOST_CHARACTERS) -> str:
    """The same as text: no odd characters, not too long, and with its markup."""
    clean = _CONTROL.sub(" ", text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def amount(value: float | None, metric: Metric, *, signed: bool = False) -> str:
    """A number in the unit that the metric counts differences in, without the unit."""
    return amounts([value], metric, signed=signed)[0]


def amounts(values: Sequence[float | None], metric: Metric, *, signed: bool = False) -> list[str]:
    """Numbers that are read together, with the same decimals; a dash for what isn't known."""
    scaled = [None if value is None else value * metric.scale for value in values]
    return digits_alike(scaled, most_decimals=decimals_of(metric), signed=signed)


def level(value: float | None, metric: Metric) -> str:
    """A mean with its unit: accuracies in %, the others in the metric's own."""
    if value is None:
        return UNKNOWN
    unit = "%" if metric.name in SHARES else metric.unit
    return f"{amount(value, metric)} {unit}"


def decimals_of(metric: Metric) -> int:
    """Decimals beyond which the metric's differences say nothing."""
    return 2 if metric.scale == 100 else 4


def chance(p: float | None) -> str:
    """A p value."""
    if p is None:
        return UNKNOWN
    return "< 0.001" if p < 0.001 else digits(p, most_decimals=3)


def moment(iso: str) -> str:
    """An ISO 8601 moment, UTC, as date and time."""
    return f"{datetime.fromisoformat(iso):%d %B %Y, %H:%M} UTC".lstrip("0") if iso else UNKNOWN
