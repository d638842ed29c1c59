"""How a story names and quotes."""

NOUNS = {"val_accuracy": "%", "val_cross_entropy": "nats"}
"""Unit of a metric's own values, by its name."""
MOST_CHARACTERS = 40


def short(name: str, limit: int = MOST_CHARACTERS) -> str:
    """A name that a user gave, cut where it would fill a slide."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def quoted(name: str) -> str:
    """A name in quotation marks."""
    return f"“{short(name)}”"
