"""Looking at deep images once it is known which of their values are black and white."""

import base64
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from cnnlab.datasets.importing.packs import read_packed
from cnnlab.datasets.importing.processes import (
    Message,
    ProcessPool,
    ProgressCounter,
    StagedProgress,
    Task,
    count_processes,
)
from cnnlab.datasets.pictures.appearance import LOOK, NO_LOOK
from cnnlab.datasets.pictures.decode import check_image, without_decoder_warnings
from cnnlab.datasets.pictures.extremes import Extremes
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import StorageError, UploadError

_BATCH = 64

Place = tuple[int, int, int]
"""Shard, offset and length of an image in the packs."""


def look_at_deep(
    pool: ProcessPool,
    folder: Path,
    places: Sequence[Place],
    value_range: ValueRange,
    *,
    processes: int | None = None,
    on_progress: StagedProgress,
) -> tuple[np.ndarray, list[Extremes]]:
    """Decode packed images again, with several processes.

    Args:
        pool: processes that know `look_at_images`.
        folder: of the packs.
        places: of the images.
        value_range: which of their values are black and white.
        processes: how many decode at the same time; None is one for each processor.
        on_progress: called with `scaling`, the images done and the images in all.

    Returns:
        (N,) of `LOOK` and the extremes of each image, in the order of the places.

    Raises:
        StorageError: a pack is damaged.
    """
    count = count_processes(len(places), sum(length for *_, length in places), processes)
    rows = [(number, *place) for number, place in enumerate(places)]
    common = {"folder": str(folder), "value_range": value_range}
    tasks = [common | {"images": rows[share::count]} for share in range(count)]
    counter = ProgressCounter(len(rows), functools.partial(on_progress, "scaling"))
    looks = np.zeros(len(rows), LOOK)
    extremes: dict[int, Extremes] = {}
    for message in pool.run(look_at_images, tasks):
        numbers = message["numbers"]
        glances = np.frombuffer(base64.b64decode(message["glances"]), np.uint8)
        looks["glance"][numbers] = glances.reshape(-1, *looks["glance"].shape[1:])
        looks["detail"][numbers] = message["details"]
        seen = (Extremes(*values) for values in message["extremes"])
        extremes.update(zip(numbers, seen, strict=True))
        counter.add(len(numbers))
    return looks, [extremes[number] for number in range(len(rows))]


def look_at_images(task: Task) -> Iterator[Message]:
    """Decode the packed images of `task` with a range of values.

    Args:
        task: `folder` (of the packs), `value_range`, `images` (number, shard, offset and length).

    Yields:
        `numbers`, `glances` (base64 of theirs, one after the other), `details` and `extremes`.

    Raises:
        StorageError: a pack is damaged.
    """
    folder, value_range = Path(task["folder"]), ValueRange(*task["value_range"])
    images = task["images"]
    with without_decoder_warnings():
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH]
            try:
                seen = [check_image(read_packed(folder, *at), value_range) for _, *at in batch]
            except UploadError as error:  # it was sound when it was packed
                raise StorageError(f"An image can't be decoded again ({error})") from error
            looks = [image.look or NO_LOOK for image in seen]
            yield {
                "numbers": [number for number, *_ in batch],
                "glances": base64.b64encode(b"".join(look.glance for look in looks)).decode(),
                "details": [look.detail for look in looks],
                "extremes": [image.extremes for image in seen],
            }
