"""One image out of a Parquet file or an array."""

import re
from typing import NamedTuple

from cnnlab.datasets.labelling.labels import read_split


class Record(NamedTuple):
    """An image.

    Attributes:
        content: an encoded image, untrusted.
        label: empty where there is none.
        split: `train`, `validation`, `test`, or None where nothing says it.
    """

    content: bytes
    label: str
    split: str | None


def split_in(path: str) -> str | None:
    """The split that a word of a path or of an array's name says, the last one first."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", path).casefold())
    for word in reversed(words):
        bare = re.sub(r"^[xy](?=(train|test|val))", "", word)
        if split := read_split(bare):
            return split
    return None
