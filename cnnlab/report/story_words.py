"""How a story counts, lists and quotes."""

from collections.abc import Sequence

NOUNS = {"val_accuracy": "%", "val_cross_entropy": "nats"}
"""Unit of a metric's own values, by its name."""
MOST_CHARACTERS = 40


def short(name: str, limit: int = MOST_CHARACTERS) -> str:
    """A name that a user gave, cut where it would fill a slide."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def quoted(name: str) -> str:
    """A name in quotation marks."""
    return f"“{short(name)}”"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 run`, `12 runs`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"
