"""Finding and showing the images of a dataset, one page at a time."""

import functools
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.dataset import Finding
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.workplace import workplace

_JPEG_QUALITY = 82


@dataclass(frozen=True)
class ImageFacts:
    """What is known of one image.

    Attributes:
        row: its number in the dataset.
        file: path inside the upload.
        label: class name.
        split: its own split, or None where splits are drawn.
        width_px: as uploaded, seen upright.
        height_px: likewise.
    """

    row: int
    file: str
    label: str
    split: str | None
    width_px: int
    height_px: int


def open_index(dataset: str) -> ImageIndex:
    """The index of a dataset; the last few stay open, for each click needs one.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: its files are damaged.
    """
    stores = workplace()
    stores.datasets.load(dataset)
    return _open_index(stores.home.dataset(dataset))


@asks(Action.VIEW)
def has_deep_images(dataset: str) -> bool:
    """Whether some of its images have more than 8 bits a channel.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: its files are damaged.
    """
    return bool(open_index(dataset).is_deep.any())


@functools.lru_cache(maxsize=4)
def _open_index(folder: Path) -> ImageIndex:
    return ImageIndex(folder)


@functools.lru_cache(maxsize=4)
def splits_of(index: ImageIndex, fractions: SplitFractions) -> np.ndarray:
    """(N,) of `train`, `validation` or `test`, drawn once for all who ask; not to be changed.

    Raises:
        DatasetError: no image is left to train or to validate on.
    """
    return index.split(fractions)


@asks(Action.VIEW)
def find_images(
    dataset: str,
    *,
    label: str | None = None,
    split: str | None = None,
    finding: Finding | None = None,
    text: str = "",
) -> np.ndarray:
    """Rows of the images that fit everything asked for.

    Args:
        dataset: its id.
        label: only this class.
        split: only this one of the dataset's own splits.
        finding: only the images of this finding, those of a group side by side.
        text: only files whose path holds this text, whatever the case.

    Returns:
        (M,) int rows in the order of the index, or of the finding's groups.

    Raises:
        NotFoundError: there is no such dataset, or no such class in it.
    """
    index = open_index(dataset)
    fits = np.ones(len(index), bool)
    if label is not None:
        if label not in index.class_names:
            raise NotFoundError(f"There is no class {label[:80]!r} in this dataset.")
        fits &= index.labels == index.class_names.index(label)
    if split is not None:
        fits &= index.own_splits == split
    if text:
        wanted = text.casefold()
        fits &= np.array([wanted in file.casefold() for file in index.files])
    if finding is None:
        return np.flatnonzero(fits)
    rows = np.array([row for group in finding.groups for row in group], np.int64)
    return rows[fits[rows]]


@asks(Action.VIEW)
def image_facts(dataset: str, rows: np.ndarray) -> list[ImageFacts]:
    """What is known of the images in these rows."""
    index = open_index(dataset)
    return [
        ImageFacts(
            row,
            index.files[row],
            index.class_names[index.labels[row]],
            index.given_splits[row],
            *map(int, index.sizes_px[row]),
        )
        for row in map(int, rows)
    ]


@asks(Action.VIEW)
def thumbnail(dataset: str, row: int, size_px: int) -> bytes:
    """One image as a JPEG that fits a square of `size_px`.

    Raises:
        NotFoundError: there is no such dataset or row.
        StorageError: its files are damaged.
    """
    index = open_index(dataset)
    if not 0 <= row < len(index):
        raise NotFoundError(f"This dataset has no image {row}.")
    buffer = io.BytesIO()
    index.thumbnail(row, size_px).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()
