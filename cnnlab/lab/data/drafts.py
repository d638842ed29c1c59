"""Pictures that are gathered class by class, on the disk from the first one on: a draft.

uploads/<token>/classes/<class>              the name of a class
uploads/<token>/file/<class>/<picture>.<name>   a picture as it came, with what it was called

What something has come of is taken out picture by picture: others may come meanwhile, and stay. An
import knows its draft and what it took of it:

uploads/<import>/draft        the token of the draft
uploads/<import>/taken.json   [class, name of the file] of each picture

The browser names classes and pictures: what it sends again after a lost answer does no harm, and
two windows of the same draft don't get in each other's way. Names sort as they were made.
"""

import contextlib
import csv
import io
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from cnnlab.datasets.importing.further import Picture
from cnnlab.datasets.labelling.labels import clean_label
from cnnlab.datasets.pictures.decode import check_image, open_image
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError, NotFoundError, UploadError
from cnnlab.domain.people.person import Action
from cnnlab.domain.words import counted, listed
from cnnlab.files import (
    disk_errors,
    read_json,
    remove_folder,
    share_file,
    synced_together,
    write_atomically,
    write_json,
)
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store
from cnnlab.lab.data.adding import add_to_classes
from cnnlab.lab.data.uploads import FILE, harmless, start_import, upload_folder
from cnnlab.lab.workplace import workplace
from cnnlab.storage.space.incoming import check_room

LEAST_CLASSES = 2
LEAST_EACH = 2
"""Pictures of a class: one to learn from, one to judge by."""

_CLASSES = "classes"
_PICTURES = "pictures"
_ORIGIN = "draft"
_TAKEN = "taken.json"
_ID = re.compile(r"[0-9a-f]{8,32}")
_MOST_NAME = 60
_JPEG_QUALITY = 85


class DraftClass(NamedTuple):
    """A class of a draft.

    Attributes:
        id: what the browser calls it.
        name: as it was typed.
        pictures: ids of its pictures, in the order in which they were made.
    """

    id: str
    name: str
    pictures: list[str]


@asks(Action.EDIT, is_noted=False)
def begin_draft() -> str:
    """Make room for pictures; return the token under which they come.

    Raises:
        StorageError: the disk is full.
    """
    token = secrets.token_hex(16)
    folder = workplace().home.uploads / token
    with disk_errors(folder):
        for inside in (FILE, _CLASSES):
            (folder / inside).mkdir(mode=0o700, parents=True)
    return token


@asks(Action.VIEW)
def draft_classes(token: str) -> list[DraftClass]:
    """The classes of a draft, in the order in which they were made.

    Raises:
        NotFoundError: there is no such draft any more.
        StorageError: it can't be read.
    """
    folder = _draft(token)
    with disk_errors(folder):
        ids = sorted(named.name for named in (folder / _CLASSES).iterdir())
        found = [_class(folder, class_id) for class_id in ids if _ID.fullmatch(class_id)]
    return [each for each in found if each]


@asks(Action.VIEW)
def has_pictures(token: str) -> bool:
    """Whether a draft is there and holds pictures."""
    try:
        return any(each.pictures for each in draft_classes(token))
    except CnnlabError:
        return False


@asks(Action.EDIT, is_noted=False)
def name_draft_class(token: str, class_id: str, name: str) -> None:
    """Make a class of a draft, or give it another name.

    Raises:
        NotFoundError: there is no such draft any more.
        UploadError: the class's id is none.
        StorageError: the disk is full.
    """
    folder, text = _draft(token), clean_label(name).encode()
    path = folder / _CLASSES / _checked(class_id)
    write_atomically(path, lambda file: file.write(text))


@asks(Action.EDIT, is_noted=False)
def remove_draft_class(token: str, class_id: str) -> None:
    """Take a class out of a draft, with its pictures.

    Raises:
        NotFoundError: there is no such draft any more.
        UploadError: the class's id is none.
        StorageError: it can't be deleted.
    """
    folder = _draft(token)
    with disk_errors(folder):
        (folder / _CLASSES / _checked(class_id)).unlink(missing_ok=True)
    # Without the class nobody sees them, and another window may be deleting them as well.
    shutil.rmtree(folder / FILE / class_id, ignore_errors=True)


@asks(Action.EDIT, is_noted=False)
def add_draft_picture(token: str, class_id: str, picture: str, name: str, content: bytes) -> None:
    """Keep a picture of a class; the same one once more replaces itself.

    Args:
        token: of the draft.
        class_id: of the class.
        picture: what the browser calls it.
        name: of its file.
        content: its encoded bytes.

    Raises:
        NotFoundError: there is no such draft or class any more.
        UploadError: it can't be read as an image, or its id is none.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full.
    """
    folder = _draft(token)
    if not (folder / _CLASSES / _checked(class_id)).exists():
        raise NotFoundError("This class was removed meanwhile, in another window perhaps.")
    check_image(content)
    path = folder / FILE / class_id / f"{_checked(picture)}.{harmless(name)}"
    check_may_store(len(content))
    check_room(workplace().home, path, len(content))
    with disk_errors(path):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        folder.touch()  # what is gathered slowly isn't tidied away
    write_atomically(path, lambda file: file.write(content))
    with disk_errors(path):
        for other in _named(token, class_id, picture):
            if other != path:  # it came under another name before
                other.unlink(missing_ok=True)


@asks(Action.EDIT, is_noted=False)
def remove_draft_picture(token: str, class_id: str, picture: str) -> None:
    """Take a picture out of a draft; nothing where it is gone already.

    Raises:
        NotFoundError: there is no such draft any more.
        UploadError: an id is none.
        StorageError: it can't be deleted.
    """
    with disk_errors(_draft(token)):
        for path in _named(token, class_id, picture):
            path.unlink(missing_ok=True)


@asks(Action.VIEW)
def draft_thumbnail(token: str, class_id: str, picture: str, size_px: int) -> bytes:
    """A picture of a draft as a JPEG that fits a square of `size_px`.

    Raises:
        NotFoundError: there is no such draft or picture.
        UploadError: it can't be read, or an id is none.
    """
    path = next(iter(_named(token, class_id, picture)), None)
    if path is None:
        raise NotFoundError("This picture was taken out.")
    image = open_image(path, at_least_px=size_px)
    image.thumbnail((size_px, size_px), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


@asks(Action.EDIT)
def import_draft(token: str, *, name: str) -> str:
    """Import what was gathered as a dataset; the draft stays, should nothing come of it.

    Args:
        token: of the draft.
        name: what to call the dataset; empty takes the names of its classes.

    Returns:
        The token under which `import_state` tells how it goes.

    Raises:
        NotFoundError: there is no such draft any more.
        UploadError: classes lack a name or pictures, or two have the same name.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full.
    """
    folder = _draft(token)
    classes = _filled(token)
    _check_enough(classes)
    check_may_store()
    own = secrets.token_hex(16)
    target = workplace().home.uploads / own / FILE / _PICTURES
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["file", "label"])
    with disk_errors(target), synced_together():
        target.mkdir(parents=True)
        found = [(path, each.name) for each in classes for path in _pictures(folder, each.id)]
        for number, (source, label) in enumerate(found, start=1):
            place = f"{number:05}-{_called(source)}"
            share_file(source, target / place)
            rows.writerow([place, label])
    taken = [(source.parent.name, source.name) for source, _ in found]
    write_json(target.parents[1] / _TAKEN, taken)
    origin = token.encode()
    write_atomically(target.parents[1] / _ORIGIN, lambda file: file.write(origin))
    whole = name.strip() or listed([each.name for each in classes])[:_MOST_NAME]
    start_import(own, name=whole, labels=table.getvalue().encode())
    return own


@asks(Action.EDIT)
def add_draft(token: str, dataset: str) -> Dataset:
    """Add what was gathered to the classes of a dataset: a new version of it.

    These pictures are out of the draft then, and with the last one it is gone. What is in a class
    already is left out, see `add_to_classes`.

    Args:
        token: of the draft.
        dataset: id of the version to start from.

    Raises:
        NotFoundError: there is no such draft or dataset any more.
        UploadError: there is no picture, a class lacks a name, or two have the same one; or a
            picture can't be read.
        DatasetError: all pictures are in their classes already, or a class can't be called so.
        StorageError: the disk is full.
    """
    folder = _draft(token)
    classes = _filled(token)
    if not classes:
        raise UploadError("There is no picture to add yet: drop some on a class first.")
    found = {each.name: _pictures(folder, each.id) for each in classes}
    grown = add_to_classes(dataset, {name: _read(paths) for name, paths in found.items()})
    _take_out(token, [(path.parent.name, path.name) for paths in found.values() for path in paths])
    return grown


@asks(Action.EDIT)
def remove_imported(token: str) -> str:
    """Delete what an import has made a dataset of from its draft, and that with its last picture.

    Args:
        token: of the import.

    Returns:
        The draft's token; empty where the import was of something else.

    Raises:
        NotFoundError: there is no such import any more.
        StorageError: what it took can't be read or deleted.
    """
    folder = upload_folder(token)
    origin = folder / _ORIGIN
    if not origin.exists():
        return ""
    with disk_errors(origin):
        draft = origin.read_text(encoding="utf-8")
    _take_out(draft, read_json(folder / _TAKEN))
    return draft


@asks(Action.EDIT)
def remove_draft(token: str) -> None:
    """Delete a draft; nothing where it is gone already."""
    folder = workplace().home.uploads / token
    if _ID.fullmatch(token) and (folder / _CLASSES).is_dir():
        remove_folder(folder)


def _take_out(token: str, taken: Iterable[tuple[str, str]]) -> None:
    """Delete pictures of a draft, named by class and file, and the draft with its last one."""
    folder = workplace().home.uploads / token
    with disk_errors(folder):
        for class_id, name in taken:
            (folder / FILE / class_id / name).unlink(missing_ok=True)
    if _is_emptied(folder / FILE):
        remove_draft(token)


def _is_emptied(place: Path) -> bool:
    """Whether there was no picture; then none can come any more: its folder is gone."""
    try:
        for inside in list(place.iterdir()):
            inside.rmdir()
        place.rmdir()
    except OSError:  # one is left, or somebody else has emptied it
        return False
    return True


def _class(folder: Path, class_id: str) -> DraftClass | None:
    """A class of a draft; None where another window has just removed it."""
    try:
        name = (folder / _CLASSES / class_id).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    pictures = [picture.name.partition(".")[0] for picture in _pictures(folder, class_id)]
    return DraftClass(class_id, name, pictures)


def _read(paths: list[Path]) -> Iterator[Picture]:
    for path in paths:
        with disk_errors(path):
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # taken out meanwhile, in another window
                continue
        yield _called(path), content


def _filled(token: str) -> list[DraftClass]:
    """The classes that have pictures, checked for their names."""
    classes = [each for each in draft_classes(token) if each.pictures]
    if any(not each.name for each in classes):
        raise UploadError("A class with pictures has no name: type what they show.")
    name, count = max(
        Counter(each.name for each in classes).items(), key=lambda one: one[1], default=("", 0)
    )
    if count > 1:
        raise UploadError(f"Two classes are called {name[:80]!r}: give each a name of its own.")
    return classes


def _check_enough(classes: list[DraftClass]) -> None:
    if len(classes) < LEAST_CLASSES:
        raise UploadError(
            f"{counted(len(classes), 'class has', 'classes have')} pictures, and a network needs "
            f"{LEAST_CLASSES} or more to tell apart: add pictures to another class."
        )
    for each in classes:
        if len(each.pictures) < LEAST_EACH:
            raise UploadError(
                f"The class {each.name[:80]!r} has one picture: it needs {LEAST_EACH} or more, one "
                "to learn from and one to judge by."
            )


def _called(picture: Path) -> str:
    """The name that a picture's file had, with the ending of an image."""
    called = picture.name.partition(".")[2]
    return called if suffix_of(called) in IMAGE_SUFFIXES else f"{called}.jpg"


def _pictures(folder: Path, class_id: str) -> list[Path]:
    found: list[Path] = []
    with contextlib.suppress(FileNotFoundError):  # none has come, or the class was removed
        found = list((folder / FILE / class_id).iterdir())
    return sorted(path for path in found if _ID.fullmatch(path.name.partition(".")[0]))


def _named(token: str, class_id: str, picture: str) -> list[Path]:
    return list((_draft(token) / FILE / _checked(class_id)).glob(f"{_checked(picture)}.*"))


def _draft(token: str) -> Path:
    folder = upload_folder(token)
    if not (folder / _CLASSES).is_dir():
        raise NotFoundError("These pictures are no longer there: choose them again.")
    return folder


def _checked(name: str) -> str:
    if not _ID.fullmatch(name):
        raise UploadError("The page sent a name that is none: reload it.")
    return name
