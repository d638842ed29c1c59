"""Class folders and split folders, whatever they are wrapped in."""

import os.path
import re
from collections.abc import Sequence

from cnnlab.datasets.labelling.labelled import Layout, labelled_layout
from cnnlab.datasets.labelling.labels import clean_label, read_split
from cnnlab.datasets.upload.sources import Member

Parts = tuple[str, ...]
Split = str | None


class ClassFolders:
    """The folders of an upload read as classes.

    Attributes:
        outer: the layout where each outermost folder is a class, below wrappers and splits.
    """

    def __init__(self, images: Sequence[Member]) -> None:
        self._images = images
        self._places = [_folder(member) for member in images]
        self._folders = _without_split_inside(_take_splits(self._places))
        self.outer = self._layout(0)

    @property
    def nested(self) -> str | None:
        """A folder that holds several folders with images, where some class has them."""
        inside: dict[str, str] = {}
        for folder, _ in self._folders.values():
            if len(folder) >= 2 and inside.setdefault(folder[0], folder[-1]) != folder[-1]:
                return folder[0]
        return None

    def inner(self) -> Layout:
        """The layout where each innermost folder is a class."""
        return self._layout(-1)

    def _layout(self, at: int) -> Layout:
        names = {place: folder[at : at + 1 or None] for place, (folder, _) in self._folders.items()}
        labels = {place: clean_label("".join(name)) for place, name in names.items()}
        missing = ("it is in no class folder", "its class folder has a blank name")
        return labelled_layout(
            self._images,
            [labels[place] for place in self._places],
            [self._folders[place][1] for place in self._places],
            [missing[len(names[place])] for place in self._places],
        )


def folder_splits(images: Sequence[Member]) -> list[Split]:
    """The split that the folders of each image say, if any."""
    places = [_folder(member) for member in images]
    folders = _take_splits(places)
    return [folders[place][1] for place in places]


def _folder(member: Member) -> str:
    return member.path.rpartition("/")[0]


def _take_splits(places: Sequence[str]) -> dict[str, tuple[Parts, Split]]:
    """Take wrapper folders and then the folders of splits off the paths of folders.

    Args:
        places: folders of images, each as often as it likes; many images share few.

    Returns:
        For each folder what is left of its path, nothing where it doesn't lie inside, and its
        split.
    """
    different = list(dict.fromkeys(places))
    folders = _without_wrappers([tuple(filter(None, place.split("/"))) for place in different])
    splits: list[Split] = [None] * len(folders)
    while meaning := _split_folders(folders):
        splits = [
            split or (meaning.get(folder[0]) if folder else None)
            for split, folder in zip(splits, folders, strict=True)
        ]
        folders = [
            _without_top(folder) if folder and folder[0] in meaning else () for folder in folders
        ]
    found = zip(_without_wrappers(folders), splits, strict=True)
    return dict(zip(different, found, strict=True))


def _without_top(folder: Parts) -> Parts:
    """Take the outermost folder off; Kaggle likes training_set/training_set/cats."""
    is_doubled = len(folder) >= 2 and folder[0].casefold() == folder[1].casefold()
    return folder[2:] if is_doubled else folder[1:]


def _without_split_inside(
    folders: dict[str, tuple[Parts, Split]],
) -> dict[str, tuple[Parts, Split]]:
    """Take split folders that lie inside of the class folders off, where nothing else does."""
    seconds = {folder[1] for folder, _ in folders.values() if len(folder) >= 2}
    if any(split for _, split in folders.values()) or len(seconds) < 2:
        return folders
    if not all(map(read_split, seconds)):
        return folders
    return {
        place: ((folder[0], *folder[2:]), read_split(folder[1]))
        if len(folder) >= 2
        else (folder, None)
        for place, (folder, _) in folders.items()
    }


def _without_wrappers(folders: list[Parts]) -> list[Parts]:
    """Enter the only folder as long as there is one and it holds folders."""
    while len(_tops(folders)) == 1 and any(len(folder) >= 2 for folder in folders):
        folders = [folder[1:] for folder in folders]
    return folders


def _tops(folders: Sequence[Parts]) -> set[str]:
    return {folder[0] for folder in folders if folder}


def _split_folders(folders: Sequence[Parts]) -> dict[str, str]:
    """Which of the outermost folders mean which split, if they are split folders at all.

    They are if all of them mean one; or if two do, each of another split and with a class in
    common, so that what lies beside them belongs to no split (`seg_train`, `seg_test`, `seg_pred`).
    """
    tops = _tops(folders)
    shared = re.match(r"(?:.*[\W_])?", os.path.commonprefix(sorted(tops)), re.DOTALL)
    for start in dict.fromkeys((0, shared.end() if shared and len(tops) > 1 else 0)):
        meaning = {top: split for top in tops if (split := read_split(top[start:]))}
        if len(meaning) == len(tops) or _share_a_class(folders, meaning):
            return meaning
    return {}


def _share_a_class(folders: Sequence[Parts], meaning: dict[str, str]) -> bool:
    splits: dict[str, set[str]] = {}
    for folder in folders:
        for name in folder[1:]:
            splits.setdefault(name, set()).add(meaning.get(folder[0], ""))
    return any(len(within - {""}) > 1 for within in splits.values())
