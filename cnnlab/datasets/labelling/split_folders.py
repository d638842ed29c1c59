"""Which of the outermost folders are splits, though others lie beside them."""

import os.path
import re
from collections.abc import Callable, Iterable, Sequence

from cnnlab.datasets.labelling.labels import read_split
from cnnlab.domain.data.split import TEST, TRAIN, VALIDATION

Parts = tuple[str, ...]

# As uploads call their parts, besides what a split column may say: test1, test_2, test_stg1.
_PART = re.compile(r"(.*?\D)(?:stg|stage|part|batch|phase|round|v)?\d+")
_OTHER_NAMES = {"eval": VALIDATION, "evaluation": VALIDATION, "holdout": TEST, "heldout": TEST}
# More images to train with where they lie in class folders.
_MORE = re.compile(r"(?:extra|additional|more)(?:data|images|set)?\d*")
# What lies beside splits and is no class.
_BESIDE = re.compile(
    r"(?:un(?:labell?ed|annotated|sup|supervised)|extra|additional|more|samples?|examples?|demo"
    r"|pred|predict|predictions?|inference|infer|submissions?)(?:data|images|set|split|folder)?\d*"
)
# A folder that holds the images of a split, and is no class.
_HOLDERS = re.compile(r"(?:all)?(?:images?|imgs?|jpegimages|pictures?|pics?|photos?|files|data)")


def read_split_folder(name: str) -> str | None:
    """Which split a folder such as `Train`, `test1`, `test_stg2` or `holdout` means, if any."""
    plain = _plain(name)
    numbered = _PART.fullmatch(plain)
    return (
        read_split(name)
        or _OTHER_NAMES.get(plain)
        or (read_split(numbered[1]) if numbered else None)
    )


def is_holder(name: str) -> bool:
    """Whether a folder's name says no more than that images are in it, or of which split."""
    return bool(_HOLDERS.fullmatch(_plain(name)) or read_split_folder(name))


def find_split_folders(
    folders: Sequence[Parts], names_labels: Callable[[str], bool] | None
) -> dict[str, str]:
    """Which of the outermost folders mean which split, if they are split folders at all.

    They are if all of them mean one; or if two do, each of another split and with a class in
    common (`seg_train`, `seg_test`, beside `seg_pred`); or if what lies beside them is called as no
    class is (`train`, `unlabeled`) or is outweighed by them. One unknown neighbour makes no class
    of a `train` that holds class folders, or images whose names say their class.

    Args:
        folders: paths of folders with images.
        names_labels: whether the file names of a folder's images begin with one of several labels;
            None where nothing is to be guessed, as the user wants outermost folders as classes.
    """
    tops = outermost(folders)
    shared = re.match(r"(?:.*[\W_])?", os.path.commonprefix(sorted(tops)), re.DOTALL)
    for start in dict.fromkeys((0, shared.end() if shared and len(tops) > 1 else 0)):
        strict = _meaning(tops, start, read_split)
        if len(strict) == len(tops):
            return strict
        meaning = _meaning(tops, start, read_split_folder)
        splits = set(meaning.values())
        if (
            _share_a_class(folders, strict)
            or (len(meaning) == len(tops) and TRAIN in splits and len(splits) > 1)
            or (names_labels is not None and _outweighs(folders, meaning, start, names_labels))
        ):
            return meaning | _more_training(folders, meaning, start)
    return {}


def outermost(folders: Iterable[Parts]) -> set[str]:
    """The first parts of the paths."""
    return {folder[0] for folder in folders if folder}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _meaning(tops: set[str], start: int, read: Callable[[str], str | None]) -> dict[str, str]:
    return {top: split for top in sorted(tops) if (split := read(top[start:]))}


def _outweighs(
    folders: Sequence[Parts],
    meaning: dict[str, str],
    start: int,
    names_labels: Callable[[str], bool],
) -> bool:
    """Whether folders that mean splits are splits, for all that lies beside them."""
    tops = outermost(folders)
    training = [top for top, split in meaning.items() if split == TRAIN]
    unknown = [top for top in tops - meaning.keys() if not _BESIDE.fullmatch(_plain(top[start:]))]
    if not training or len(tops) == 1:
        return False
    has_others = len(meaning) < len(tops) or len(set(meaning.values())) > 1
    if not unknown and has_others:
        return True
    inside = _class_folders(folders)
    classes = set().union(*(inside.get(top, set()) for top in training))
    if len(set(meaning.values())) > 1:
        return len(unknown) < len(meaning) or len(classes) > 1
    if len(classes) > 1:
        nested = [top for top in unknown if inside.get(top, set()) - classes]
        return len(unknown) < len(classes) and not nested
    return len(unknown) == 1 and any(map(names_labels, training)) and not names_labels(unknown[0])


def _more_training(folders: Sequence[Parts], meaning: dict[str, str], start: int) -> dict[str, str]:
    """Folders such as `extra` that hold class folders which the splits have too."""
    inside = _class_folders(folders)
    classes = set().union(*(inside.get(top, set()) for top in meaning))
    return {
        top: TRAIN
        for top in sorted(outermost(folders) - meaning.keys())
        if _MORE.fullmatch(_plain(top[start:])) and inside.get(top, set()) & classes
    }


def _class_folders(folders: Sequence[Parts]) -> dict[str, set[str]]:
    """The folders right inside of each outermost one."""
    inside: dict[str, set[str]] = {}
    for folder in folders:
        if len(folder) >= 2:
            inside.setdefault(folder[0], set()).add(folder[1])
    return inside


def _share_a_class(folders: Sequence[Parts], meaning: dict[str, str]) -> bool:
    splits: dict[str, set[str]] = {}
    for folder in folders:
        for name in folder[1:]:
            splits.setdefault(name, set()).add(meaning.get(folder[0], ""))
    return any(len(within - {""}) > 1 for within in splits.values())
