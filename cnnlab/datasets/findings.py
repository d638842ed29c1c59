"""What is wrong with a dataset's images, seen before training: copies, leaks, poor images, ..."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.labels import natural_key
from cnnlab.domain.dataset import DatasetWarning, Finding, SkippedFile
from cnnlab.domain.split import TRAIN
from cnnlab.domain.words import counted

# Below this, a validation part of 20 % holds one image or two.
_FEW_IMAGES = 10
# Beyond this, always answering the largest class looks like success.
_IMBALANCE = 5
# Grey levels. Photos have a detail of 10 to 100; blurred by 2 px they stay below 5.
_BLANK_CONTRAST, _BLANK_DETAIL = 2.0, 2.0
_DARK_LEVEL = 30
_BLURRED_DETAIL = 5.0
# What is so common is how these images are, and not a flaw of some of them.
_COMMON_SHARE = 0.3
_TINY_PX = 16
_LONG = 3
_NAMED = 10


def find_in_upload(
    names: Collection[str], wanted: Collection[str], skipped: Sequence[SkippedFile]
) -> Iterator[DatasetWarning]:
    """Yield what the dataset itself doesn't show: classes that were lost, files left out.

    Args:
        names: the dataset's classes.
        wanted: the classes that the upload named, before decoding.
        skipped: files that were not taken.
    """
    if lost := sorted(set(wanted) - set(names), key=natural_key):
        message = f"No image of these classes could be read, so they are left out: {_listed(lost)}."
        yield DatasetWarning("lost_classes", message, len(lost))
    if skipped:
        reasons = Counter(file.reason for file in skipped).most_common()
        listed = "; ".join(f"{count:,} {reason}" for reason, count in reasons[:5])
        files = "1 file was" if len(skipped) == 1 else f"{len(skipped):,} files were"
        message = f"{files} skipped: {listed}{'; ...' * (len(reasons) > 5)}."
        yield DatasetWarning("skipped", message, len(skipped))


def find_in_images(index: ImageIndex) -> list[Finding]:
    """Everything that a user should know of a dataset's images before training."""
    return [*_class_sizes(index), *_copies(index), *_poor_images(index)]


def _class_sizes(index: ImageIndex) -> Iterator[Finding]:
    counts = np.bincount(index.labels, minlength=len(index.class_names))
    small = [label for label in np.argsort(counts, kind="stable") if counts[label] < _FEW_IMAGES]
    if small:
        names = sorted((index.class_names[label] for label in small), key=natural_key)
        message = (
            f"These classes have fewer than {_FEW_IMAGES} images, too few to learn from or to "
            f"judge by: {_listed(names)}."
        )
        groups = tuple(_rows(index.labels == label) for label in small)
        yield Finding("few_images", message, len(small), groups, ("exclude",))
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    most, least = int(counts[largest]), int(counts[smallest])
    if most > _IMBALANCE * least:
        message = (
            f"The largest class, {index.class_names[largest][:80]!r} ({most:,} images), has "
            f"{most / max(1, least):.3g} times as many as the smallest, "
            f"{index.class_names[smallest][:80]!r} ({least:,}); balanced class weights help."
        )
        yield Finding("imbalance", message, int(np.count_nonzero(most > _IMBALANCE * counts)))


def _copies(index: ImageIndex) -> Iterator[Finding]:
    group, is_exact = index.copies
    members = _members(group)
    everything = [rows for _, rows in members]
    conflicts = [rows for rows in everything if len(set(index.labels[list(rows)])) > 1]
    in_conflict = set(conflicts)
    # Which one of a conflict to keep is not for a click to decide.
    agreed = [(number, rows) for number, rows in members if rows not in in_conflict]
    exact = [rows for number, rows in agreed if is_exact[number]]
    near = [rows for number, rows in agreed if not is_exact[number]]
    yield from _same_pictures(index, exact, "duplicates", "exact copies of another")
    yield from _same_pictures(index, near, "near_duplicates", "almost the same as another")
    if conflicts:
        first = conflicts[0]
        other = next(row for row in first if index.labels[row] != index.labels[first[0]])
        message = (
            f"{counted(len(conflicts), 'picture is', 'pictures are')} in more than one class, for "
            f"instance {_file(index, first[0])} and {_file(index, other)}: the network can't be "
            "right on both. Exclude them, or give them the right class."
        )
        yield Finding("label_conflict", message, len(conflicts), tuple(conflicts), ("exclude",))
    yield from _leaks(index, everything)


def _members(group: np.ndarray) -> list[tuple[int, tuple[int, ...]]]:
    """Number and rows of every group of copies."""
    rows = np.flatnonzero(group >= 0)
    order = rows[np.argsort(group[rows], kind="stable")]
    numbers, starts = np.unique(group[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(order) else []
    return [(int(n), tuple(part.tolist())) for n, part in zip(numbers, parts, strict=True)]


def _same_pictures(
    index: ImageIndex, groups: Sequence[tuple[int, ...]], kind: str, words: str
) -> Iterator[Finding]:
    surplus = sum(map(len, groups)) - len(groups)
    if surplus:
        message = (
            f"{counted(surplus, 'image is', 'images are')} {words}, for instance "
            f"{_file(index, groups[0][1])} of {_file(index, groups[0][0])}. Copies are kept on one "
            "side of a drawn split; they count double in training."
        )
        yield Finding(kind, message, surplus, tuple(groups), ("keep_one",))


def _leaks(index: ImageIndex, groups: Sequence[tuple[int, ...]]) -> Iterator[Finding]:
    splits = np.array([split or TRAIN for split in index.given_splits])
    leaks = [rows for rows in groups if len(set(splits[list(rows)])) > 1]
    if leaks:
        first = leaks[0]
        other = next(row for row in first if splits[row] != splits[first[0]])
        message = (
            f"{counted(len(leaks), 'picture is', 'pictures are')} in more than one of the "
            f"upload's own splits, for instance {_file(index, first[0])} ({splits[first[0]]}) and "
            f"{_file(index, other)} ({splits[other]}): results on them are too good to be true. "
            "Move each to one split, or keep one of them."
        )
        yield Finding("leak", message, len(leaks), tuple(leaks), ("one_split", "keep_one"))


def _poor_images(index: ImageIndex) -> Iterator[Finding]:
    looks = index.looks
    if looks is None:
        return
    contrast = looks["glance"].std(axis=(1, 2))
    blank = (contrast < _BLANK_CONTRAST) & (looks["detail"] < _BLANK_DETAIL)
    dark = ~blank & (looks["glance"].max(axis=(1, 2)) < _DARK_LEVEL)
    usual_detail = float(np.median(looks["detail"]))
    limit = min(_BLURRED_DETAIL, usual_detail / 3)
    blurred = ~blank & ~dark & (looks["detail"] < limit)
    shorter = index.sizes_px.min(axis=1)
    tiny = (shorter < _TINY_PX) & (shorter < np.median(shorter) / 2)
    length = index.sizes_px.max(axis=1) / shorter
    odd = (length > _LONG) & (length > 2 * np.median(length))
    for kind, found, words in (
        ("blank", blank, "of a single colour"),
        ("dark", dark, "almost black"),
        ("blurred", blurred, "blurred"),
        ("tiny", tiny, f"smaller than {_TINY_PX} px"),
        ("odd_shape", odd, f"more than {_LONG} times as long as wide"),
    ):
        rows = _rows(found)
        if rows and len(rows) <= _COMMON_SHARE * len(index):
            message = (
                f"{counted(len(rows), 'image is', 'images are')} {words}, for instance "
                f"{_file(index, rows[0])}."
            )
            yield Finding(kind, message, len(rows), tuple((row,) for row in rows), ("exclude",))


def _rows(found: np.ndarray) -> tuple[int, ...]:
    return tuple(np.flatnonzero(found).tolist())


def _file(index: ImageIndex, row: int) -> str:
    return repr(index.files[row][:80])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
