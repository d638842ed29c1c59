"""A new version of a dataset: the same packs, another index."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.datasets import limits
from cnnlab.datasets.importing.packs import pack_name
from cnnlab.datasets.index import ImageIndex, content_hash
from cnnlab.datasets.labelling.labels import clean_label, natural_key
from cnnlab.datasets.lineage import descend, lineage_hash, write_lineage
from cnnlab.datasets.pictures.appearance import Copies
from cnnlab.domain.data.fixes import DropSplits, Exclude, Fix, MoveTo, Relabel, RenameClass
from cnnlab.domain.data.lineage import Generation
from cnnlab.domain.data.split import SPLITS, TRAIN, part_numbers
from cnnlab.domain.errors import DatasetError
from cnnlab.files import disk_errors


@dataclass
class Draft:
    """A version in the making: one entry for each image of the version before.

    Attributes:
        labels: (N,) class name of each image.
        splits: (N,) its split where the upload or the user says it, else None.
        is_kept: (N,) bool.
        pictures: (N,) the number of each image's picture, where what moves takes its copies along:
            all parts are drawn, and no finding will tell of copies in two of them.
        drops_splits: whether all parts are drawn as if none had ever been said.
    """

    labels: np.ndarray
    splits: np.ndarray
    is_kept: np.ndarray
    pictures: np.ndarray | None = None
    drops_splits: bool = False

    @classmethod
    def of(cls, index: ImageIndex) -> "Draft":
        """The version as it is."""
        names = np.array(index.class_names, dtype=object)
        splits = np.array(index.given_splits, dtype=object)
        pictures = None if index.owned else index.copies.group
        return cls(names[index.labels], splits, np.ones(len(index), bool), pictures)

    def apply(self, fix: Fix) -> None:
        """Make one fix.

        Raises:
            DatasetError: it names a row, a class or a split that isn't there.
        """
        match fix:
            case Exclude():
                self.is_kept[self._rows(fix.rows)] = False
            case Relabel():
                self.labels[self._rows(fix.rows)] = class_name(fix.label)
            case MoveTo():
                self._move(fix)
            case DropSplits():
                self.splits[:], self.drops_splits = None, True
            case RenameClass():
                renamed = self.labels == fix.label
                if not renamed.any():
                    raise DatasetError(
                        f"There is no class {fix.label[:80]!r}: choose one that is there."
                    )
                self.labels[renamed] = class_name(fix.into)

    def _move(self, fix: MoveTo) -> None:
        if fix.split not in SPLITS:
            raise DatasetError(f"A split is one of {', '.join(SPLITS)}. Received: {fix.split!r}")
        rows = self._rows(fix.rows)
        if self.pictures is not None:
            moved = np.unique(self.pictures[rows])
            copies = np.flatnonzero(np.isin(self.pictures, moved[moved >= 0]))
            rows = np.union1d(rows, copies)
        self.splits[rows] = fix.split

    def _rows(self, rows: Sequence[int]) -> np.ndarray:
        wanted = np.asarray(rows, np.int64)
        if len(wanted) and not (wanted.min() >= 0 and wanted.max() < len(self.labels)):
            raise DatasetError(
                f"The images must be numbered 0 to {len(self.labels) - 1:,}. Received: "
                f"{int(wanted.min())} to {int(wanted.max())}"
            )
        return wanted


def write_version(index: ImageIndex, draft: Draft, into: Path) -> str:
    """Write the folder of a new version; the packs are shared with the old one.

    Args:
        index: of the old version.
        draft: what the new one is to be.
        into: an existing, empty folder on the same disk.

    Returns:
        The content hash; as an import of the same images would have it if that had the same parts.

    Raises:
        DatasetError: fewer than 2 classes, more than allowed, or no training image is left.
        StorageError: the disk is full.
    """
    rows = np.flatnonzero(draft.is_kept)
    labels, splits = draft.labels[rows], draft.splits[rows]
    names = sorted(set(labels), key=natural_key)
    check_version(names, splits)
    share_packs(index, into)
    value_range, copies = index.value_range, _copies_of(index.copies, rows)
    index.write_changed(into, rows, labels.tolist(), splits.tolist(), names, value_range)
    index.write_looks_of(into, rows, copies)
    numbers = {name: number for number, name in enumerate(names)}
    generation = Generation(
        np.array([numbers[name] for name in labels], np.int32),
        part_numbers(splits.tolist()),
        copies.group,
        rows,
    )
    generations = descend(index.generations, generation, drops_given=draft.drops_splits)
    write_lineage(into, generations)
    kept = rows.tolist()
    files, hashes = ([column[row] for row in kept] for column in (index.files, index.hashes))
    images = zip(files, labels, splits, hashes, strict=True)
    return content_hash(images, value_range, lineage_hash(generations))


def share_packs(index: ImageIndex, into: Path) -> None:
    """Have the packs of a dataset in another folder of the same disk too.

    Raises:
        StorageError: the disk is full.
    """
    with disk_errors(into):
        for pack in sorted(index.folder.glob(pack_name("*"))):
            os.link(pack, into / pack.name)


def check_version(names: Sequence[str], splits: np.ndarray) -> None:
    """See that a version would be a dataset.

    Args:
        names: of its classes.
        splits: (N,) the split that is given to each of its images, or None.

    Raises:
        DatasetError: fewer than 2 classes, more than allowed, or no training image is left.
    """
    if not 2 <= len(names) <= limits.MAX_CLASSES:
        raise DatasetError(
            f"A dataset needs 2 to {limits.MAX_CLASSES:,} classes, this change would leave "
            f"{len(names)}: keep more, or merge fewer."
        )
    if all(split not in (None, TRAIN) for split in splits):
        raise DatasetError("This change would leave no image to train on: keep some in train.")


def class_name(label: str) -> str:
    """The name of a class as it is kept.

    Raises:
        DatasetError: nothing visible is left of it, or it is too long.
    """
    cleaned = clean_label(label)
    if not 1 <= len(cleaned) <= limits.MAX_CLASS_NAME_CHARACTERS:
        raise DatasetError(
            f"A class name needs 1 to {limits.MAX_CLASS_NAME_CHARACTERS} visible characters. "
            f"Received: {label[:80]!r}"
        )
    return cleaned


def _copies_of(copies: Copies, rows: np.ndarray) -> Copies:
    """The groups among some of the images; what has no copy left is in none."""
    group = copies.group[rows]
    sizes = np.bincount(group[group >= 0], minlength=len(copies.is_exact))
    kept = np.flatnonzero(sizes > 1)
    number = np.full(len(copies.is_exact) + 1, -1, np.int32)  # its last entry serves -1
    number[kept] = np.arange(len(kept))
    return Copies(number[group], copies.is_exact[kept])
