"""Class folders and split folders, whatever they are wrapped in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cnnlab.datasets.labelling.file_names import read_file_names
from cnnlab.datasets.labelling.labelled import Layout, labelled_layout
from cnnlab.datasets.labelling.labels import clean_label, read_split
from cnnlab.datasets.labelling.split_folders import (
    Parts,
    find_split_folders,
    is_holder,
    outermost,
)
from cnnlab.datasets.upload.sources import Member

Split = str | None


class Place(NamedTuple):
    """What a folder of images means.

    Attributes:
        folder: what is left of its path below wrappers and splits.
        split: which it belongs to, if any.
        beside: the folder beside the split folders that it lies in, else empty.
    """

    folder: Parts
    split: Split = None
    beside: str = ""


class ClassFolders:
    """The folders of an upload read as classes.

    Attributes:
        outer: the layout where each outermost folder is a class, below wrappers and splits.
        splits: of each image.
        are_splits_guessed: whether each outermost folder could be a class as well.
    """

    def __init__(self, images: Sequence[Member], *, guess_splits: bool = True) -> None:
        """Find classes and splits.

        Args:
            images: of the upload.
            guess_splits: False where the user wants the outermost folders as classes, though one
                may be called like a split.
        """
        self._images = images
        self._folders = [_folder(member) for member in images]
        found, self.are_splits_guessed = _take_splits(images, guess_splits)
        self._places = _without_holders(_without_split_inside(found))
        self.splits = [self._places[folder].split for folder in self._folders]
        self.outer = self._layout(0)

    @property
    def are_several(self) -> bool:
        """Whether there are enough class folders to be the classes of a dataset."""
        return len(self.outer.classes) >= 2

    @property
    def nested(self) -> str | None:
        """A folder that holds several folders with images, where some class has them."""
        inside: dict[str, str] = {}
        for place in self._places.values():
            folder = place.folder
            if len(folder) >= 2 and inside.setdefault(folder[0], folder[-1]) != folder[-1]:
                return folder[0]
        return None

    @property
    def beside(self) -> dict[str, int]:
        """Images in each folder that lies beside the split folders and belongs to none."""
        counts: dict[str, int] = {}
        for folder in self._folders:
            if name := self._places[folder].beside:
                counts[name] = counts.get(name, 0) + 1
        return counts

    @property
    def filled(self) -> set[str]:
        """The folders that images lie in."""
        return set(self._folders)

    @property
    def parents(self) -> set[str]:
        """The folders that the class folders lie in."""
        found = set()
        for folder, place in self._places.items():
            if place.folder:
                parts = folder.split("/")
                found.add("/".join(parts[: len(parts) - len(place.folder)]))
        return found

    @property
    def unlabelled(self) -> list[int]:
        """Positions of the images that lie in a split but in no class folder of it."""
        places = [self._places[folder] for folder in self._folders]
        return [at for at, place in enumerate(places) if place.split and not place.folder]

    def inner(self) -> Layout:
        """The layout where each innermost folder is a class."""
        return self._layout(-1)

    def outer_with(self, labels: Mapping[int, str]) -> Layout:
        """The outer layout with labels for some of the images that lie in no class folder."""
        return self._layout(0, labels)

    def _layout(self, at: int, given: Mapping[int, str] | None = None) -> Layout:
        names = {
            folder: place.folder[at : at + 1 or None] for folder, place in self._places.items()
        }
        labels = {folder: clean_label("".join(name)) for folder, name in names.items()}
        told = [labels[folder] for folder in self._folders]
        for position, label in (given or {}).items():
            told[position] = label
        reasons = {folder: _missing(self._places[folder], name) for folder, name in names.items()}
        return labelled_layout(
            self._images, told, self.splits, [reasons[folder] for folder in self._folders]
        )


def _missing(place: Place, name: Parts) -> str:
    """Why an image here has no class."""
    if name:
        return "its class folder has a blank name"
    if place.beside:
        return f"it is in no class folder, but in {place.beside[:80]!r} beside the splits"
    if place.split:
        return f"it is in no class folder of the {place.split} images, and no table labels it"
    return "it is in no class folder"


def folder_splits(images: Sequence[Member]) -> list[Split]:
    """The split that the folders of each image say, if any."""
    places, _ = _take_splits(images, guess=True)
    return [places[_folder(member)].split for member in images]


def _folder(member: Member) -> str:
    return member.path.rpartition("/")[0]


def _take_splits(images: Sequence[Member], guess: bool) -> tuple[dict[str, Place], bool]:
    """Take wrapper folders and then the folders of splits off the paths of folders.

    Args:
        images: many share few folders.
        guess: whether folders may be splits though others lie beside them.

    Returns:
        What each folder means, and whether the splits among them are a guess.
    """
    different = list(dict.fromkeys(map(_folder, images)))
    folders = _without_wrappers([tuple(filter(None, name.split("/"))) for name in different])

    def names_labels(top: str) -> bool:
        within = {
            name for name, parts in zip(different, folders, strict=True) if parts[:1] == (top,)
        }
        return read_file_names([m.path for m in images if _folder(m) in within]).are_regular

    places = [Place(folder) for folder in folders]
    sure = find_split_folders(folders, None)
    meaning = sure or (find_split_folders(folders, names_labels) if guess else {})
    is_guess = meaning != sure
    while meaning:
        places = [_taken(place, meaning) for place in places]
        meaning = find_split_folders([place.folder for place in places], None)
    kept = _without_wrappers([place.folder for place in places])
    taken = zip(different, places, kept, strict=True)
    return {name: place._replace(folder=folder) for name, place, folder in taken}, is_guess


def _taken(place: Place, meaning: Mapping[str, str]) -> Place:
    if not place.folder:
        return place
    top = place.folder[0]
    if top not in meaning:
        return Place((), place.split, "" if place.split else top)
    return Place(_without_top(place.folder), place.split or meaning[top])


def _without_top(folder: Parts) -> Parts:
    """Take the outermost folder off; Kaggle likes training_set/training_set/cats."""
    is_doubled = len(folder) >= 2 and folder[0].casefold() == folder[1].casefold()
    return folder[2:] if is_doubled else folder[1:]


def _without_split_inside(places: dict[str, Place]) -> dict[str, Place]:
    """Take split folders that lie inside of the class folders off, where nothing else does."""
    seconds = {place.folder[1] for place in places.values() if len(place.folder) >= 2}
    if any(place.split for place in places.values()) or len(seconds) < 2:
        return places
    if not all(map(read_split, seconds)):
        return places
    return {
        name: Place((place.folder[0], *place.folder[2:]), read_split(place.folder[1]))
        if len(place.folder) >= 2
        else place
        for name, place in places.items()
    }


def _without_holders(places: dict[str, Place]) -> dict[str, Place]:
    """Make no class of the one folder `images` of a split, as in `val/images/1.jpg`.

    It is one where a split with several folders has it too.
    """
    inside: dict[Split, set[str]] = {}
    for place in places.values():
        if place.split and place.folder:
            inside.setdefault(place.split, set()).add(place.folder[0])
    classes = set().union(*(names for names in inside.values() if len(names) > 1))
    holders = {
        split
        for split, names in inside.items()
        if len(names) == 1 and is_holder(min(names)) and not names & classes
    }
    return {
        name: place._replace(folder=place.folder[1:]) if place.split in holders else place
        for name, place in places.items()
    }


def _without_wrappers(folders: list[Parts]) -> list[Parts]:
    """Enter the only folder as long as there is one and it holds folders."""
    while len(outermost(folders)) == 1 and any(len(folder) >= 2 for folder in folders):
        folders = [folder[1:] for folder in folders]
    return folders
