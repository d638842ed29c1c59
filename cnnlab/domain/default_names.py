"""What a study or a search is called that nobody has named: `Dropout, L2 · Six signs (2)`."""

from collections.abc import Collection

from cnnlab.domain.words import capitalized

LONGEST_STUDY, LONGEST_SEARCH = 200, 160
"""Characters of their names."""


def default_name(words: str, dataset: str, taken: Collection[str], most: int) -> str:
    """What it asks and of which dataset, and a number where others are called so.

    Args:
        words: what it asks.
        dataset: name of its dataset.
        taken: names of the others.
        most: characters that a name may have; the words are cut, so that the rest can be read.
    """
    count = 1
    while True:
        end = f" · {dataset}" + (f" ({count})" if count > 1 else "")
        room = max(0, most - len(end))
        short = words if len(words) <= room else f"{words[: max(0, room - 1)]}…"
        name = capitalized(f"{short}{end}"[:most])
        if name not in taken:
            return name
        count += 1
