"""Decoding a dataset once into the uint8 array that training reads, so that no epoch decodes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from cnnlab.datasets.importing.processes import (
    Progress,
    ProgressCounter,
    count_processes,
    no_progress,
    run_tasks,
)
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.squares import fill_squares
from cnnlab.domain.config.run_config import Image
from cnnlab.domain.errors import StorageError
from cnnlab.files import put_in_place


def prepare_images(dataset_folder: Path, image: Image, on_progress: Progress = no_progress) -> Path:
    """Return the array of all images as squares, making it where it isn't there yet.

    Of two processes that ask at once, one works and the other waits for it. Killed at any moment,
    it leaves no array or a whole one; the next call clears up.

    Args:
        dataset_folder: where `import_images` wrote.
        image: size, colour and fit of the squares.
        on_progress: called with images done and images in all, a few times a second.

    Returns:
        A .npy file of uint8 (N, size, size, C) in the order of the index, to be memory-mapped.

    Raises:
        StorageError: the disk is full or can't be written, or the dataset is damaged.
    """
    path = prepared_array(dataset_folder, image)
    if path.exists():
        return path
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            if not path.exists():
                _prepare(dataset_folder, image, path, on_progress)
    except OSError as error:
        raise StorageError(
            f"{path} can't be written: {error.strerror}; make room or choose a smaller image size"
        ) from error
    return path


def prepared_array(dataset_folder: Path, image: Image) -> Path:
    """Where the array of all images as such squares lies, or would."""
    name = f"{image.size}-{image.color}-{image.resize}"
    return dataset_folder / "prepared" / name / "images.npy"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until no other process prepares this array; the lock goes with its process."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepare(dataset_folder: Path, image: Image, path: Path, on_progress: Progress) -> None:
    index = ImageIndex(dataset_folder)
    part = path.with_name("images.npy.part")
    part.unlink(missing_ok=True)  # of a process that was killed
    try:
        _allocate(part, (len(index), *image.shape))
        _fill(index, image, part, on_progress)
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def _allocate(part: Path, shape: tuple[int, ...]) -> None:
    """Make the array's file with all its room taken: a full disk must not surface as SIGBUS."""
    np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape).flush()
    with part.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, part.stat().st_size)


def _fill(index: ImageIndex, image: Image, part: Path, on_progress: Progress) -> None:
    places = index.places
    count = count_processes(len(places), int(places[:, 2].sum()), wanted=None)
    rows = np.column_stack([np.arange(len(places)), places]).tolist()
    where = {"folder": str(index.folder), "array": str(part), "value_range": index.value_range}
    common = where | image.model_dump()
    tasks = [common | {"rows": rows[number::count]} for number in range(count)]
    counter = ProgressCounter(len(rows), on_progress)
    for message in run_tasks("cnnlab.datasets.pictures.squares", fill_squares, tasks):
        counter.add(message["done"])
