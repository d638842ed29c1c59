"""Which reading of an upload was taken, what it left out, and how to take another one."""

from collections.abc import Iterator

from cnnlab.datasets.labelling.class_folders import ClassFolders
from cnnlab.datasets.labelling.split_folders import read_split_folder
from cnnlab.datasets.labelling.tables.ranking import Ranked
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.labelling import Reading
from cnnlab.domain.words import counted

_SHOWN = 5
_SOURCES: dict[Reading, str] = {
    "folders": "the class folders",
    "subfolders": "the class folders",
    "annotations": "the annotations",
    "file_names": "the file names",
}


def layout_warning(message: str) -> DatasetWarning:
    """What to know of how the upload was read."""
    return DatasetWarning("layout", message, 1)


def say_reading(
    reading: Reading, ranked: Ranked, folders: ClassFolders, *, is_wanted: bool
) -> Iterator[DatasetWarning]:
    """Say which reading was taken, and how to take another that is possible.

    Args:
        reading: that was taken.
        ranked: tables that could have been used.
        folders: of the upload.
        is_wanted: whether the user chose the reading.
    """
    if reading in ("table", "annotations") and folders.are_several:
        source = ranked.title if reading == "table" else _SOURCES[reading]
        yield layout_warning(
            f"Labels were taken from {source}; the class folders were not used. To use them, "
            "import again with the reading 'folders'."
        )
    if reading in _SOURCES and ranked.taken:
        yield layout_warning(
            f"Labels were taken from {_SOURCES[reading]}; {ranked.title} "
            f"{'was' if len(ranked.taken) == 1 else 'were'} not used. To do otherwise, import "
            "again with the reading 'table', or give it as the labels."
        )
    if reading == "folders" and folders.are_several:
        yield from _say_nested(folders)
        yield from _say_split_names(folders, is_wanted)
    if beside := list(folders.beside.items()):
        shown = ", ".join(f"{name[:80]!r} ({counted(n, 'image')})" for name, n in beside[:_SHOWN])
        more = f" and {len(beside) - _SHOWN} more" if len(beside) > _SHOWN else ""
        choice = (
            " If each outermost folder is a class, import again with the reading 'folders'."
            if folders.are_splits_guessed
            else ""
        )
        yield layout_warning(
            "Beside the split folders lies what belongs to no split and was left out: "
            f"{shown}{more}.{choice}"
        )


def _say_nested(folders: ClassFolders) -> Iterator[DatasetWarning]:
    if folders.nested is not None:
        yield layout_warning(
            f"Each outermost folder was read as one class, with all folders in it, as those in "
            f"{folders.nested[:80]!r}. To make a class of each innermost folder, import again with "
            "the reading 'subfolders'."
        )


def _say_split_names(folders: ClassFolders, is_wanted: bool) -> Iterator[DatasetWarning]:
    called = sorted(filter(read_split_folder, folders.outer.classes))
    if called and not is_wanted:
        yield layout_warning(
            f"The folder {called[0][:80]!r} is called like a split and was read as a class, like "
            "the folders beside it. If it is a split, give it a folder for each class, or choose "
            "another reading, such as 'file_names'."
        )
