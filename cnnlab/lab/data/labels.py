"""Labels that seem wrong: given another class in a new version, or kept as they are.

A run stays at the version that it was trained on; what is mended goes into the newest version that
was made of it, so that several clicks make one line of versions.
"""

from collections.abc import Mapping, Sequence

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.fixes import Relabel
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.people.person import Action
from cnnlab.files import read_json, wait_for_lock, write_json
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.fixes import fix_dataset, take_back, versions
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.data.lineage import changing_newest
from cnnlab.lab.workplace import workplace

_KEPT_FILE = "kept_labels.json"


@asks(Action.VIEW)
def labels_in(dataset: str, rows: Sequence[int], version: str) -> dict[int, str | None]:
    """Which class images of a dataset have in a version of it.

    Args:
        dataset: id of the dataset that the rows are of.
        rows: of its images.
        version: id of another version.

    Returns:
        By row the class's name; None where the version lacks the image.

    Raises:
        NotFoundError: there is no such dataset.
    """
    places, index = _places(dataset, rows, version), open_index(version)
    return {
        row: None if place is None else index.class_names[index.labels[place]]
        for row, place in places.items()
    }


@asks(Action.EDIT)
def relabel_images(dataset: str, labels: Mapping[int, str]) -> Dataset:
    """Give images other classes, in a new version made of the newest one.

    Args:
        dataset: id of the dataset that the rows are of, such as a run's.
        labels: the name of the new class by row; a new one is possible.

    Returns:
        The new version, or the stored one that already is like that.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: the newest version has none of the images, or would not be a dataset.
        StorageError: the disk is full; nothing was changed.
    """
    with changing_newest(dataset) as newest:
        return _relabelled(dataset, newest, labels)


def _relabelled(dataset: str, newest: Dataset, labels: Mapping[int, str]) -> Dataset:
    places = _places(dataset, list(labels), newest.id)
    by_label: dict[str, list[int]] = {}
    for row, place in places.items():
        if place is not None:
            by_label.setdefault(labels[row], []).append(place)
    if not by_label:
        raise DatasetError(
            f"The newest version of {newest.name!r}, {newest.version}, has none of these images "
            "any more: look at its versions on the Data page."
        )
    fixes = [Relabel(tuple(sorted(rows)), label) for label, rows in by_label.items()]
    fixed = fix_dataset(newest.id, fixes)
    if fixed.version < newest.version:  # the labels are as they were before
        take_back(newest.id)
    return fixed


def _places(dataset: str, rows: Sequence[int], version: str) -> dict[int, int | None]:
    """Rows of the same images in another version: the same bytes under the same name."""
    if dataset == version:
        return {int(row): int(row) for row in rows}
    index, other = open_index(dataset), open_index(version)
    known = {image: row for row, image in enumerate(zip(other.files, other.hashes, strict=True))}
    return {int(row): known.get((index.files[row], index.hashes[row])) for row in rows}


@asks(Action.EDIT)
def keep_labels(dataset: str, rows: Sequence[int], *, keep: bool = True) -> None:
    """Keep the labels of images as they are, here and in the versions made of it; or not any more.

    Args:
        dataset: its id.
        rows: of its images.
        keep: False takes the decision back.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    index = open_index(dataset)
    path = workplace().home.dataset(dataset) / _KEPT_FILE
    wanted = {index.hashes[row] for row in rows}
    with wait_for_lock(path.with_suffix(".lock")):
        kept = _kept_hashes(dataset)
        write_json(path, sorted(kept | wanted if keep else kept - wanted))


@asks(Action.VIEW)
def kept_labels(dataset: str) -> set[int]:
    """Rows of the images whose labels a user keeps as they are.

    Raises:
        NotFoundError: there is no such dataset.
    """
    kept = _kept_hashes(dataset)
    if not kept:
        return set()
    return {row for row, image in enumerate(open_index(dataset).hashes) if image in kept}


def _kept_hashes(dataset: str) -> set[str]:
    """As the newest version that says anything says, up from this one: it says all."""
    home = workplace().home
    for version in versions(dataset):
        path = home.dataset(version.id) / _KEPT_FILE
        if path.exists():
            return set(read_json(path))
    return set()
