"""What is wrong with a dataset's images, seen before training: copies, leaks, poor images, ..."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.labelling.labels import natural_key
from cnnlab.datasets.pictures.appearance import contrasts
from cnnlab.datasets.pictures.lost_detail import LOOKED_AT_PX, lost_share, middle_square
from cnnlab.domain.config.run_config import Image, SplitFractions
from cnnlab.domain.data.class_sets import compare_class_sets
from cnnlab.domain.data.dataset import DatasetWarning, Finding, SkippedFile
from cnnlab.domain.data.judged_by import ENOUGH, UNSURE, unsure_points
from cnnlab.domain.data.split import TRAIN, VALIDATION, count_splits
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.words import counted, percent

# Below this, a validation part of 20 % holds one image or two. The bundled sample learns from 20
# training images a class (74 % of six): so many are advised, and what is far below is a finding.
_FEW_IMAGES = 10
_GOOD_START = 20
_USUAL = SplitFractions()
# Photos of things lose 5 to 15 % at 48 px; a drawing of lines of 8 px in 512 loses 34 %.
_LOST = 0.25
_SIZES_PX = (64, 96, 128, 160, 224, 320)
_LOOKED_AT = 12
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
# With fewer there is nothing to tell apart.
_LEAST_CLASSES = 2

FINDING_TITLES = {
    "class_sets": "Classes that are not in every split",
    "few_images": "Too few images to learn from",
    "imbalance": "Classes of very different size",
    "few_judging": "Too few validation images to judge by",
    "one_picture": "Classes of a single picture",
    "duplicates": "Exact copies",
    "near_duplicates": "Almost equal images",
    "label_conflict": "One picture in several classes",
    "leak": "One picture in several splits",
    "blank": "Blank images",
    "dark": "Almost black images",
    "blurred": "Blurred images",
    "tiny": "Tiny images",
    "odd_shape": "Images of an unusual shape",
    "lost_detail": "The network may not see details at the usual size",
}
"""What to call each kind of finding, in the order in which they are told."""

_EXACT = ("is an exact copy", "are exact copies")
_ALMOST = ("is almost a copy", "are almost copies")


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
        listed = "; ".join(f"{reason} ({count:,})" for reason, count in reasons[:5])
        if len(reasons) == 1:  # whose number has been said
            listed = reasons[0][0]
        files = "1 file was" if len(skipped) == 1 else f"{len(skipped):,} files were"
        message = f"{files} skipped: {listed}{'; ...' * (len(reasons) > 5)}."
        yield DatasetWarning("skipped", message, len(skipped))


def find_in_images(index: ImageIndex) -> list[Finding]:
    """Everything that a user should know of a dataset's images before training."""
    return [
        *_class_sets(index),
        *_class_sizes(index),
        *_judging_images(index),
        *_copies(index),
        *_poor_images(index),
    ]


def _class_sets(index: ImageIndex) -> Iterator[Finding]:
    """Classes that training or validation lacks, where the dataset has splits of its own."""
    splits = index.own_splits
    if not np.any(splits != TRAIN):
        return
    is_judged = VALIDATION in index.owned
    found = compare_class_sets(index.labels, splits, index.class_names, is_judged=is_judged)
    if not found:
        return
    groups = tuple(_rows(index.labels == index.class_names.index(name)) for name in found.untrained)
    exclude = _class_remedies(index, len(groups)) if groups else ()
    advice = "Exclude what can't be learned, or draw" if exclude else "Draw"
    message = (
        f"{found.words} {advice} new splits from all images; best is an upload that has every "
        "class in each of its splits."
    )
    count = len(found.untrained) + len(found.unjudged)
    yield Finding("class_sets", message, count, groups, ("draw_split", *exclude))


def _class_sizes(index: ImageIndex) -> Iterator[Finding]:
    counts = np.bincount(index.labels, minlength=len(index.class_names))
    small = [label for label in np.argsort(counts, kind="stable") if counts[label] < _FEW_IMAGES]
    sizes = {index.class_names[label]: int(counts[label]) for label in small}
    if small:
        message = _small_words(dict(sorted(sizes.items(), key=lambda one: natural_key(one[0]))))
        groups = tuple(_rows(index.labels == label) for label in small)
        remedies = _class_remedies(index, len(small))
        yield Finding("few_images", message, len(small), groups, remedies)
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    most, least = int(counts[largest]), int(counts[smallest])
    if most > _IMBALANCE * least:
        message = (
            f"The largest class, {index.class_names[largest][:80]!r} ({most:,} images), has "
            f"{most / max(1, least):.3g} times as many as the smallest, "
            f"{index.class_names[smallest][:80]!r} ({least:,}). Balanced class weights on the "
            "Train page help."
        )
        yield Finding("imbalance", message, int(np.count_nonzero(most > _IMBALANCE * counts)))


def _small_words(sizes: dict[str, int]) -> str:
    """Which classes are small, what it means, and how many more are enough to begin with."""
    told = [f"{name[:80]!r} has {counted(count, 'image')}" for name, count in sizes.items()]
    rest = f" and {len(told) - _NAMED} classes more have as few" if len(told) > _NAMED else ""
    more = counted(_GOOD_START - min(sizes.values()), "more image", "more images")
    return (
        f"{', '.join(told[:_NAMED])}{rest}. From fewer than {_FEW_IMAGES} a network may not learn "
        f"what makes a class. Add up to {more} of each by 'Add images' above, for {_GOOD_START}."
    )


def _judging_images(index: ImageIndex) -> Iterator[Finding]:
    """How sure an accuracy is on the images that validate, where these are too few to tell."""
    try:
        parts = count_splits(index.split(_USUAL))
    except DatasetError:  # nothing can be trained, and the small classes are told
        return
    judging = parts[VALIDATION]
    if judging >= ENOUGH:
        return
    if VALIDATION in index.owned:
        more = counted(ENOUGH - judging, "more validation image")
    else:  # small classes each give one at least, so that their images judge more than their share
        by_all = ENOUGH / _USUAL.validation - parts[TRAIN] - judging
        by_these = (ENOUGH - judging) / _USUAL.validation
        more = counted(math.ceil(max(by_all, by_these)), "more image")
    message = (
        f"Only {counted(judging, 'image validates', 'images validate')}, so the accuracy of a run "
        f"may be off by ±{unsure_points(judging):.0f} points. With {more} it is "
        f"±{UNSURE}. Until then take 'Good model' on the Train page: augmentation, and a "
        "pretrained network where one is there."
    )
    yield Finding("few_judging", message, judging)


def find_in_pictures(index: ImageIndex) -> Iterator[Finding]:
    """Yield what only the pictures themselves show, a few of them: what small sizes leave out.

    Of each only its middle square is kept: a dozen large pictures at once would take gigabytes.

    Raises:
        StorageError: a pack is missing or damaged.
        UploadError: a picture can't be decoded.
    """
    usual = Image().size
    sides = index.sizes_px.min(axis=1)
    rows = np.flatnonzero(sides >= 2 * usual)
    if 2 * len(rows) < len(index):  # most have little more than that
        return
    looked_at = rows[np.unique(np.linspace(0, len(rows) - 1, _LOOKED_AT).astype(int))]
    pictures = [middle_square(index.open(int(row), at_least_px=LOOKED_AT_PX)) for row in looked_at]

    def lost(size: int) -> float:
        return float(np.median([lost_share(picture, size) for picture in pictures]))

    share = lost(usual)
    if share <= _LOST:
        return
    side = int(np.median(sides))
    larger = [size for size in _SIZES_PX if usual < size < side]
    better = next((size for size in larger if lost(size) <= _LOST), larger[-1])
    message = (
        f"Half of the pictures have {side:,} px or more a side; runs begin with {usual} px. In "
        f"{len(pictures)} that were looked at, that leaves out {percent(share, decimals=0)} of the "
        "variance of their grey levels. Photos of large things lose 5 to 15 %. Small things such "
        "as cracks, thin lines or letters may be lost, noise too. If your classes differ in them, "
        f"set {better} px on the Train page. That leaves out {percent(lost(better), decimals=0)} "
        f"and takes about {(better / usual) ** 2:.2g} times as long."
    )
    yield Finding("lost_detail", message, len(rows))


def _class_remedies(index: ImageIndex, excluded: int) -> tuple[str, ...]:
    """Classes can be excluded as long as enough of them remain."""
    return ("exclude",) if len(index.class_names) - excluded >= _LEAST_CLASSES else ()


def _copies(index: ImageIndex) -> Iterator[Finding]:
    group, is_exact = index.copies
    members = _members(group)
    everything = [rows for _, rows in members]
    alone = _single_pictures(index, [rows for number, rows in members if is_exact[number]])
    yield from _one_picture(index, alone)
    conflicts = [rows for rows in everything if len(set(index.labels[list(rows)])) > 1]
    in_conflict = set(conflicts)
    # Which one of a conflict to keep is not for a click to decide.
    told = in_conflict | set(alone)
    agreed = [(number, rows) for number, rows in members if rows not in told]
    exact = [rows for number, rows in agreed if is_exact[number]]
    near = [rows for number, rows in agreed if not is_exact[number]]
    yield from _same_pictures(index, exact, "duplicates", _EXACT)
    yield from _same_pictures(index, near, "near_duplicates", _ALMOST)
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


def _single_pictures(index: ImageIndex, groups: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Rows of every class whose images are all copies of one picture."""
    sizes = np.bincount(index.labels, minlength=len(index.class_names))
    alone = []
    for rows in groups:
        labels = index.labels[list(rows)]
        for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
            if 1 < count == sizes[label]:
                alone.append(tuple(row for row in rows if index.labels[row] == label))
    return alone


def _one_picture(index: ImageIndex, alone: Sequence[tuple[int, ...]]) -> Iterator[Finding]:
    if not alone:
        return
    names = [index.class_names[index.labels[rows[0]]][:80] for rows in alone]
    each = [f"{name!r} {len(rows):,} times" for name, rows in zip(names, alone, strict=True)]
    if len(alone) == 1:
        told = f"The class {names[0]!r} holds one picture {len(alone[0]):,} times"
    else:
        rest = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
        told = f"{len(alone):,} classes hold one picture each: {', '.join(each[:_NAMED])}{rest}"
    remedies = _class_remedies(index, len(alone))
    message = (
        f"{told}. There is nothing else to learn from or to judge by: import more pictures"
        f"{', or exclude the class' if len(alone) == 1 else ', or exclude these classes'}."
        if remedies
        else f"{told}. There is nothing else to learn from or to judge by: import more pictures."
    )
    yield Finding("one_picture", message, len(alone), tuple(alone), remedies)


def _same_pictures(
    index: ImageIndex, groups: Sequence[tuple[int, ...]], kind: str, words: tuple[str, str]
) -> Iterator[Finding]:
    surplus = sum(map(len, groups)) - len(groups)
    if surplus:
        told, leaks = _about_splits(index, groups)
        message = (
            f"{counted(surplus, f'image {words[0]}', f'images {words[1]}')} of another, for "
            f"instance {_file(index, groups[0][1])} of {_file(index, groups[0][0])}. {told}"
        )
        remedies = ("one_split", "keep_one") if leaks else ("keep_one",)
        yield Finding(kind, message, surplus, tuple(groups), remedies)


def _about_splits(index: ImageIndex, groups: Sequence[tuple[int, ...]]) -> tuple[str, bool]:
    """What becomes of copies when an image gets its split, and whether any are in several."""
    splits = index.own_splits
    if not np.any(splits != TRAIN):
        return "Copies are kept on one side of a drawn split; they count double in training.", False
    if leaks := _across(splits, groups):
        return (
            f"The dataset's own splits are used as they are. "
            f"{counted(len(leaks), 'of these pictures is', 'of these pictures are')} in more than "
            "one of them: results on such a picture are too good to be true."
        ), True
    return "The copies of each picture are in one split, where they count double.", False


def _across(splits: np.ndarray, groups: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The groups of copies that are in more than one split."""
    return [rows for rows in groups if len(set(splits[list(rows)])) > 1]


def _leaks(index: ImageIndex, groups: Sequence[tuple[int, ...]]) -> Iterator[Finding]:
    splits = index.own_splits
    if leaks := _across(splits, groups):
        first = leaks[0]
        other = next(row for row in first if splits[row] != splits[first[0]])
        message = (
            f"{counted(len(leaks), 'picture is', 'pictures are')} in more than one of the "
            f"upload's own splits, for instance {_file(index, first[0])} ({splits[first[0]]}) and "
            f"{_file(index, other)} ({splits[other]}). Results on them are too good to be true. "
            "Move each to one split, or keep one of them."
        )
        yield Finding("leak", message, len(leaks), tuple(leaks), ("one_split", "keep_one"))


def _poor_images(index: ImageIndex) -> Iterator[Finding]:
    looks = index.looks
    if looks is None:
        return
    contrast = contrasts(looks["glance"])
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
