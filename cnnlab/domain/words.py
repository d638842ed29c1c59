"""Words of the screen and of the command line alike."""

from collections.abc import Sequence


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 file`, `2 files`."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


IMPORT_STAGES = {
    "reading": "Reading the images",
    "glancing": "Looking for images that are alike",
    "comparing": "Comparing images that look alike",
    "confirming": "Looking which copies are exact",
}
"""What an import does, by the stages that it reports."""
