"""Views of the table of runs that users named: a small file for each, in a folder of its own."""

import hashlib
from dataclasses import dataclass

from cnnlab.domain.errors import StorageError
from cnnlab.files import disk_errors, read_json, remove_folder, write_json
from cnnlab.storage.home import Home
from cnnlab.storage.index.inventory import visible_folders

_FILE = "view.json"


@dataclass(frozen=True)
class SavedView:
    """A view that has a name.

    Attributes:
        name: as its user gave it.
        address: the parameters of the address that restores it, behind the question mark.
    """

    name: str
    address: str

    @property
    def id(self) -> str:
        """Name of its folder; views of one name, whatever its case, are one."""
        return hashlib.sha256(self.name.casefold().encode()).hexdigest()[:16]


def load_views(home: Home) -> list[SavedView]:
    """All that were saved, by name; one whose file can't be read is left out."""
    if not home.views.exists():
        return []
    found = []
    for folder in visible_folders(home.views):
        try:
            values = read_json(folder / _FILE)
            found.append(SavedView(str(values["name"]), str(values["address"])))
        except (StorageError, KeyError, TypeError):
            continue
    return sorted(found, key=lambda view: view.name.casefold())


def save_view_file(home: Home, view: SavedView) -> None:
    """Keep a view; one of the same name is replaced.

    Raises:
        StorageError: the disk is full.
    """
    folder = home.views / view.id
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / _FILE, {"name": view.name, "address": view.address})


def delete_view_file(home: Home, view: str) -> None:
    """Forget a view, if it is there.

    Args:
        home: the home folder.
        view: its id.

    Raises:
        StorageError: the home folder can't be written.
    """
    folder = home.views / view
    if folder.parent != home.views or not folder.exists():
        return
    with disk_errors(folder):
        remove_folder(folder)
