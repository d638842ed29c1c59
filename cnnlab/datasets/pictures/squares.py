"""One process's share of a preparation: decode images and write them as squares into an array.

Started as `python -m cnnlab.datasets.pictures.squares`; kept small, for its start is part of every
preparation.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cnnlab.datasets.importing.packs import read_packed
from cnnlab.datasets.importing.processes import Message, Task, serve
from cnnlab.datasets.pictures.decode import open_image, without_decoder_warnings
from cnnlab.datasets.pictures.pixels import to_square
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import BadInputError, StorageError

_BATCH = 64


def fill_squares(task: Task) -> Iterator[Message]:
    """Write the rows of `task` into its array.

    Args:
        task: `folder` (the dataset's), `array` (the .npy file), `size`, `color`, `resize`,
            `value_range` (of deep images, or None), `rows` (row, shard, offset and length of each
            image).

    Yields:
        `done`, the number of images, for every few.

    Raises:
        StorageError: a pack is damaged.
    """
    folder = Path(task["folder"])
    squares = np.load(task["array"], mmap_mode="r+")
    rows = task["rows"]
    with without_decoder_warnings():
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            for row, shard, offset, length in batch:
                squares[row] = _square(read_packed(folder, shard, offset, length), task)
            yield {"done": len(batch)}


def square_of(
    content: bytes, size: int, color: str, resize: str, value_range: ValueRange | None
) -> np.ndarray:
    """The bytes of a picture as training reads it.

    Args:
        content: encoded, of anybody.
        size: side in pixels.
        color: `rgb` or `grayscale`.
        resize: `crop`, `pad` or `stretch`.
        value_range: which deep values are black and white in the dataset.

    Returns:
        (size, size, C) uint8.

    Raises:
        UnreadableImageError: it can't be decoded or is too large.
    """
    image = open_image(content, at_least_px=size, value_range=value_range)
    return to_square(image, size, color, resize)


def _square(content: bytes, task: Task) -> np.ndarray:
    value_range = ValueRange(*task["value_range"]) if task["value_range"] else None
    try:
        return square_of(content, task["size"], task["color"], task["resize"], value_range)
    except BadInputError as error:  # it was sound when it was imported
        raise StorageError(
            f"An image of {task['folder']} can't be decoded any more ({error}); delete the "
            "dataset and import it again"
        ) from error


if __name__ == "__main__":
    serve(fill_squares)
