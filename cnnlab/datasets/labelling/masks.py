"""Segmentation masks beside pictures: `x_mask.png` beside `x.jpg`, or a folder of the same names.

A mask says which pixels of a picture belong to what. It isn't one more picture, and to a network
that classifies it gives the answer away. Names alone decide nothing: masks have few grey levels,
and the pictures that they belong to have many. Black-and-white drawings stay what they are.
"""

import functools
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cnnlab.datasets.labelling.class_folders import ClassFolders
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.pictures.decode import check_image, open_image, without_decoder_warnings
from cnnlab.datasets.upload.sources import Member
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import counted, listed

Parts = tuple[str, ...]

_WORDS = (
    r"(?:masks?|seg|segs|segmentations?|labels?|annotations?|trimaps?|gt|ground_?truths?|mattes?)"
)
_SUFFIX = re.compile(rf"(?P<of>.+?)[_\-. ]+{_WORDS}(?:[_\-. ]*\d+)?", re.IGNORECASE)
_FOLDER = re.compile(rf"(?:.*[\W_])?{_WORDS}|segmentation(?:class|object)\w*", re.IGNORECASE)
_NUMBER = re.compile(r"[\W_]*\d+$")
# So many of each kind of name are opened: where these are masks, the others are.
_LOOKED_AT = 6
_MOST_LEVELS = 40
# In JPEGs, edges have levels in between: so much of a mask is black or white all the same.
_LEAST_EXTREME, _EXTREME = 0.9, 12


class _Pair(NamedTuple):
    """What may be a mask, by its name, and the picture that it may belong to."""

    mask: Member
    picture: Member
    pattern: str


def leave_out_masks(
    found: Sorted, read: Callable[[Member], bytes], *, are_folders_classes: bool = False
) -> list[DatasetWarning]:
    """Take segmentation masks out of the images of an upload, and return what to tell of it.

    Args:
        found: the files of the upload; masks move from its images to what is skipped.
        read: gives the content of one.
        are_folders_classes: whether the user says so: then none is left out because it lies in a
            folder that is called like one of masks.
    """
    pairs = _pairs(found.images)
    beside = _in_class_folders(pairs, found.images)
    by_pattern: dict[str, list[_Pair]] = {}
    for pair in pairs:
        if not (are_folders_classes and pair.mask in beside):
            by_pattern.setdefault(pair.pattern, []).append(pair)
    masks = {
        pair.mask: pattern
        for pattern, alike in by_pattern.items()
        if _are_masks(alike, read)
        for pair in alike
    }
    if not masks:
        return []
    found.images = [image for image in found.images if image not in masks]
    found.masks = list(masks)
    for mask, pattern in masks.items():
        reason = f"a segmentation mask ({pattern}), not a picture of its own"
        found.skipped.append(SkippedFile(mask.path, reason))
    what = "a segmentation mask" if len(masks) == 1 else "segmentation masks"
    message = (
        f"{counted(len(masks), 'image was', 'images were')} taken for {what} "
        f"({listed(sorted(set(masks.values())))}, for instance {next(iter(masks)).path[-80:]!r}): "
        "of few grey levels, beside a picture of the same name. They were left out, for they would "
        "give the answer away."
    )
    if beside & masks.keys():
        message += (
            " If they are a class of their own, import again with the reading 'folders', which "
            "makes a class of each outermost folder."
        )
    return [DatasetWarning("masks", message, len(masks))]


def _pairs(images: Sequence[Member]) -> list[_Pair]:
    """What may be masks by their names, each with a picture that is called as it is."""
    candidates = [one for image in images if (one := _Candidate.of(image))]
    if not candidates:
        return []
    pictures = _pictures(
        images, {name.casefold() for one in candidates for name, _ in one.pictures}
    )
    pairs = []
    for one in candidates:
        for name, (above, is_here) in one.pictures:
            picture = pictures.get((name.casefold(), above, is_here))
            if picture is not None and picture != one.mask:
                pairs.append(_Pair(one.mask, picture, one.pattern))
                break
    return pairs


def _in_class_folders(pairs: Sequence[_Pair], images: Sequence[Member]) -> set[Member]:
    """What lies in a folder beside that of its picture, where both may be class folders."""
    if not pairs:
        return set()
    parents = ClassFolders(images, guess_splits=False).parents
    found = set()
    for pair in pairs:
        (above, own), (level, other) = _folder(pair.mask), _folder(pair.picture)
        if own and other and own != other and above == level and above in parents:
            found.add(pair.mask)
    return found


def _folder(image: Member) -> tuple[str, str]:
    """The folder that an image lies in: where it is, and its name."""
    above, _, name = image.path.rpartition("/")[0].rpartition("/")
    return above, name


def _pictures(images: Sequence[Member], wanted: set[str]) -> dict[tuple[str, Parts, bool], Member]:
    """Images by their name, a folder, and whether they lie there itself or perhaps below."""
    pictures: dict[tuple[str, Parts, bool], Member] = {}
    for image in images:
        folders, stem = _place(image)
        name = stem.casefold()
        if name not in wanted:
            continue
        pictures.setdefault((name, folders, True), image)
        for depth in range(len(folders), -1, -1):
            pictures.setdefault((name, folders[:depth], False), image)
            if depth and _is_mask_folder(folders[depth - 1]):
                break
    return pictures


class _Candidate(NamedTuple):
    """An image whose name or folder is that of a mask.

    Attributes:
        mask: the image.
        pattern: what it is called by, in words.
        pictures: names that its picture may have, each with the folder, and whether it must lie
            there itself and not below.
    """

    mask: Member
    pattern: str
    pictures: list[tuple[str, tuple[Parts, bool]]]

    @classmethod
    def of(cls, image: Member) -> "_Candidate | None":
        """The image as one, or None."""
        folders, stem = _place(image)
        suffix = _SUFFIX.fullmatch(stem)
        names = [stem, suffix["of"]] if suffix else [stem]
        inside = [at for at, folder in enumerate(folders) if _is_mask_folder(folder)]
        if inside:
            places = [(folders[:at], False) for at in reversed(inside)]
            pictures = [(name, place) for place in places for name in names]
            return cls(image, f"in the folder {folders[inside[-1]][:80]!r}", pictures)
        if suffix:
            ending = _NUMBER.sub("", stem[suffix.end("of") :])
            return cls(image, f"named '…{ending}'", [(suffix["of"], (folders, True))])
        return None


@functools.lru_cache(maxsize=4096)
def _is_mask_folder(name: str) -> bool:
    return _FOLDER.fullmatch(name) is not None


def _place(image: Member) -> tuple[Parts, str]:
    """The folders and the name without extension."""
    *folders, name = image.path.split("/")
    return tuple(folders), name.rpartition(".")[0] or name


def _are_masks(pairs: Sequence[_Pair], read: Callable[[Member], bytes]) -> bool:
    """Whether those that are opened have few grey levels, and the pictures of most have many."""
    step = max(1, len(pairs) // _LOOKED_AT)
    some = pairs[::step][:_LOOKED_AT]
    masks = [_has_few_levels(pair.mask, read) for pair in some]
    pictures = [_has_few_levels(pair.picture, read) for pair in some]
    sound = [few for few in masks if few is not None]
    return bool(sound) and all(sound) and pictures.count(False) > len(some) / 2


def _has_few_levels(member: Member, read: Callable[[Member], bytes]) -> bool | None:
    """None where it can't be read: then it is skipped anyway."""
    try:
        content = read(member)
        with without_decoder_warnings():
            deep = check_image(content).extremes
            stretched = deep and ValueRange(deep.least, max(deep.most, deep.least + 1))
            image = open_image(content, value_range=stretched)
    except UploadError:
        return None
    if image.getcolors(_MOST_LEVELS) is not None:
        return True
    gray = np.asarray(image.convert("L") if image.mode != "L" else image, np.int16)
    extreme = np.minimum(gray, 255 - gray) < _EXTREME
    return bool(extreme.mean() >= _LEAST_EXTREME and np.ptp(gray) > 255 - 2 * _EXTREME)
