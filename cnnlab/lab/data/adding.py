"""Pictures added to a dataset by hand, under a class: a new version of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cnnlab.datasets.importing.adding import write_added
from cnnlab.datasets.importing.further import Picture, pictures_in
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.people.person import Action
from cnnlab.files import remove_folder, write_json
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store
from cnnlab.lab.data.fixes import KEPT_FILE, describe_version, kept_findings
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.data.lineage import changing_newest
from cnnlab.lab.data.uploads import uploaded_file
from cnnlab.lab.workplace import workplace
from cnnlab.storage.uploaded import import_folder


@asks(Action.EDIT)
def add_images(dataset: str, pictures: Iterable[Picture], label: str) -> Dataset:
    """Add pictures to one class, see `add_to_classes`.

    Raises:
        CnnlabError: as `add_to_classes`.
    """
    return add_to_classes(dataset, {label: pictures})


def add_to_classes(dataset: str, pictures: Mapping[str, Iterable[Picture]]) -> Dataset:
    """Make a new version of a dataset with further images; the old one and its runs stay.

    All images that it had keep their parts, train, validation or test, whatever the seed and the
    shares. The new ones are drawn as those of an import; one that shows the same picture as an old
    one, nearly or exactly, goes to that one's part. What is in its class already, byte for byte, is
    left out; `changes` of the version says so.

    Args:
        dataset: id of the version to start from.
        pictures: of each class, a new one or one that is there: file names and encoded bytes,
            taken one after the other.

    Raises:
        NotFoundError: there is no such dataset.
        UploadError: a picture can't be read; the message names it. Nothing is added.
        DatasetError: all pictures are in their class already, or a class can't be called so.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full; nothing was changed.
    """
    check_may_store()
    stores = workplace()
    parent, index = stores.datasets.load(dataset), open_index(dataset)
    with import_folder(stores.home) as folder:
        done = write_added(index, pictures, folder)
        child = describe_version(
            parent,
            ImageIndex(folder),
            f"{parent.id.rpartition('-')[0]}-{done.content_hash[:8]}",
            done.added.words,
        )
        warnings = child.warnings if done.note is None else (*child.warnings, done.note)
        child = replace(child, value_range=done.value_range, warnings=warnings)
        write_json(folder / KEPT_FILE, sorted(kept_findings(dataset)))
        return stores.datasets.add(child, folder)


@asks(Action.EDIT)
def add_to_newest(dataset: str, pictures: Iterable[Picture], label: str) -> Dataset:
    """Add pictures to the newest version that was made of a dataset, see `add_images`.

    Two who do so at the same time build on each other.

    Raises:
        CnnlabError: as `add_to_classes`.
    """
    with changing_newest(dataset) as newest:
        return add_images(newest.id, pictures, label)


@asks(Action.EDIT)
def add_uploaded(dataset: str, token: str, label: str, *, to_newest: bool = False) -> Dataset:
    """Add the pictures of an upload, a zip or a tar of them or a single one, see `add_images`.

    The upload is gone when they are added; until then it may be tried with another class.

    Args:
        dataset: id of the version to start from.
        token: of the upload, from `begin_upload`.
        label: class of all of them, a new one or one that is there.
        to_newest: whether to start from the newest version that was made of it, see
            `add_to_newest`.

    Raises:
        NotFoundError: there is no such dataset or upload.
        UploadError: a picture can't be read; the message names it. Nothing is added.
        DatasetError: all pictures are in this class already, or the class can't be called so.
        StorageError: the disk is full; nothing was changed.
    """
    file = uploaded_file(token)
    add = add_to_newest if to_newest else add_images
    grown = add(dataset, pictures_in(file), label)
    remove_folder(file.parent.parent)
    return grown
