"""How a story names and quotes."""

from cnnlab.domain.words import counted

MOST_CHARACTERS = 40


def short(name: str, limit: int = MOST_CHARACTERS) -> str:
    """A name that a user gave, cut where it would fill a slide."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def quoted(name: str) -> str:
    """A name in quotation marks."""
    return f"'{short(name)}'"


def within(label: str) -> str:
    """A field's label within a sentence; MixUp and L2 keep their capitals."""
    return label[0].lower() + label[1:] if label[1:].islower() else label


def so_far_words(counted_runs: int, runs: int, *, is_ended: bool) -> str:
    """What stands before numbers that further runs will change; empty where none will come."""
    is_open = not is_ended and counted_runs < runs
    return f"So far, from {counted_runs} of {counted(runs, 'run')}. " if is_open else ""
