"""What a user can do with datasets."""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from cnnlab.augmentations.chain import augment
from cnnlab.augmentations.in_numpy import NUMPY_OPS, NumpyDraws
from cnnlab.datasets.importing.processes import StagedProgress, no_stages
from cnnlab.datasets.index import INDEX_FILE, ImageIndex
from cnnlab.datasets.pictures.pixels import to_square
from cnnlab.datasets.upload.sources import Source
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.run_config import Image, SplitFractions
from cnnlab.domain.data.class_sets import ClassSets, compare_class_sets
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.data.split import TRAIN, limit_training
from cnnlab.domain.data.split import count_splits as _count_splits
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import DatasetError, StorageError
from cnnlab.domain.people.person import Action
from cnnlab.files import disk_errors
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.workplace import delete_listed, workplace
from cnnlab.runner.process import start_process
from cnnlab.storage.searches import SearchStore
from cnnlab.storage.uploaded import add_upload, import_folder

SAMPLE = Path(__file__).parents[3] / "sample_data" / "six_signs.zip"
SAMPLE_NAME = "Six signs (sample)"


@asks(Action.EDIT)
def import_dataset(
    source: Source,
    *,
    name: str | None = None,
    labelling: Labelling | None = None,
    value_range: ValueRange | None = None,
    on_progress: StagedProgress = no_stages,
) -> Dataset:
    """Read labelled images from a zip, a tar, a folder or several files into a new dataset.

    The same content under the same name is the same dataset: it is returned, not stored again.

    Args:
        source: zip file, tar file, folder, or several files, such as the parts of a zip.
        name: what to call it; default is the source's name.
        labelling: where the labels come from; None leaves all to the upload.
        value_range: which values of images with more than 8 bits are black and white; None finds
            one for all of them.
        on_progress: called with a stage of `import_images`, what is done of it and what there is.

    Raises:
        UploadError: it can't be read as labelled images; nothing is stored.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full.
    """
    stores = workplace()
    check_may_store()
    with import_folder(stores.home) as folder:
        return add_upload(
            stores.datasets,
            source,
            folder,
            name=name,
            labelling=labelling or Labelling(),
            value_range=value_range,
            on_progress=on_progress,
        )


@asks(Action.EDIT, is_noted=False)
def import_sample() -> bool:
    """Import the bundled sample, once in the life of a workspace.

    It happens in a process of its own; the sample appears in the list a moment later.

    Returns:
        Whether it is being imported now and wasn't before.

    Raises:
        StorageError: the home can't be written.
    """
    home = workplace().home
    if home.sample_mark.exists():
        return False
    with disk_errors(home.sample_mark):
        home.sample_mark.touch()
    start_process(
        "cnnlab",
        ["--workspace", home.workspace, "import", str(SAMPLE), "--name", SAMPLE_NAME],
        home=home.installation,
        log=home.supervisor_log,
    )
    return True


@asks(Action.VIEW)
def list_datasets() -> list[Dataset]:
    """All datasets, newest first."""
    return workplace().datasets.list()


def find_content(content_hash: str) -> Dataset | None:
    """The newest dataset with some content, whatever its name; None where there is none.

    Args:
        content_hash: hex, see `datasets/index.py`.
    """
    home = workplace().home
    candidates = (one for one in list_datasets() if one.id[-8:] == content_hash[:8])
    return next((one for one in candidates if _content(home.dataset(one.id)) == content_hash), None)


def _content(folder: Path) -> str:
    try:
        return _hash_of(folder, (folder / INDEX_FILE).stat().st_mtime_ns)
    except (OSError, StorageError):  # missing or damaged: it can't be what is looked for
        return ""


@functools.lru_cache(maxsize=64)
def _hash_of(folder: Path, written_ns: int) -> str:
    """Kept, as Home asks each time that it is drawn; a file that changed meanwhile is read."""
    return ImageIndex(folder).fingerprint


@asks(Action.VIEW)
def load_dataset(dataset: str) -> Dataset:
    """Return a dataset.

    Raises:
        NotFoundError: there is no dataset with this id.
    """
    return workplace().datasets.load(dataset)


@asks(Action.EDIT)
def delete_dataset(dataset: str) -> None:
    """Delete a dataset that no run uses.

    Raises:
        NotFoundError: there is no dataset with this id.
        DatasetError: runs, a study or a search use it; the message names them.
    """
    stores = workplace()
    runs = stores.runs.list(dataset=dataset)
    if runs:
        names = ", ".join(run.name for run in runs[:5]) + (", ..." if len(runs) > 5 else "")
        raise DatasetError(
            f"The dataset can't be deleted because of the runs that use it ({names}): "
            "delete those runs first."
        )
    if studies := stores.studies.list(dataset=dataset):
        raise DatasetError(
            f"The dataset can't be deleted because the study {studies[0].name!r} uses it: delete "
            "that first."
        )
    if searches := SearchStore(stores.home).list(dataset=dataset):
        raise DatasetError(
            f"The dataset can't be deleted because the search {searches[0].name!r} uses it: delete "
            "that first."
        )
    delete_listed(stores.home.dataset(dataset), lambda stores: stores.datasets.delete(dataset))


@asks(Action.VIEW)
def count_splits(dataset: str, fractions: SplitFractions) -> dict[str, int]:
    """Images in train, validation and test for these fractions, `images_per_class` heeded.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
    """
    index = open_index(dataset)
    splits = splits_of(index, fractions)
    kept = limit_training(index.labels, np.flatnonzero(splits == TRAIN), fractions)
    return _count_splits(splits) | {TRAIN: len(kept)}


@asks(Action.VIEW)
def own_parts(dataset: str) -> set[str]:
    """The parts besides training that the upload brought itself: no run draws them.

    Raises:
        NotFoundError: there is no such dataset.
    """
    return open_index(dataset).owned


@asks(Action.VIEW)
def class_sets(dataset: str, fractions: SplitFractions) -> ClassSets:
    """Classes that training or validation lacks, such as one whose images are all copies.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
    """
    index = open_index(dataset)
    return compare_class_sets(index.labels, splits_of(index, fractions), index.class_names)


@asks(Action.VIEW)
def example_images(dataset: str, *, each: int, size_px: int) -> dict[str, list[PillowImage.Image]]:
    """The first images of every class as thumbnails.

    Args:
        dataset: its id.
        each: at most so many of a class.
        size_px: longest side of a thumbnail.
    """
    index = open_index(dataset)
    return {
        name: [
            index.thumbnail(int(row), size_px)
            for row in np.flatnonzero(index.labels == label)[:each]
        ]
        for label, name in enumerate(index.class_names)
    }


@asks(Action.VIEW)
def images_at(dataset: str, rows: Sequence[int], *, size_px: int) -> list[PillowImage.Image]:
    """Thumbnails of the images in these rows of a dataset."""
    index = open_index(dataset)
    return [index.thumbnail(row, size_px) for row in rows]


@asks(Action.VIEW)
def square_examples(dataset: str, image: Image, *, count: int) -> list[np.ndarray]:
    """A few images of different classes as the network would see them.

    Returns:
        `count` or fewer arrays (size, size, channels) uint8.
    """
    index = open_index(dataset)
    firsts = [np.flatnonzero(index.labels == label) for label in range(len(index.class_names))]
    depth = max(len(rows) for rows in firsts)
    order = [int(rows[turn]) for turn in range(depth) for rows in firsts if turn < len(rows)]
    return [
        to_square(index.open(row, image.size), image.size, image.color, image.resize)
        for row in order[:count]
    ]


def preview_augmentation(
    images: Sequence[np.ndarray], augmentation: Augmentation, *, variants: int, seed: int
) -> list[list[np.ndarray]]:
    """Draw what training may make of images.

    Args:
        images: (H, W, C) uint8 each, all alike; blends take their partners among them.
        augmentation: strengths.
        variants: how many to draw of each image.
        seed: at least 0; the same one draws the same variants.

    Returns:
        For every image `variants` arrays like it.
    """
    batch, labels = np.stack(images).astype(np.float32), np.eye(len(images), dtype=np.float32)
    drawn = []
    for variant in range(variants):
        draws = NumpyDraws(seed, variant, len(images))
        changed, _ = augment(batch, labels, augmentation.strengths(), draws, NUMPY_OPS)
        drawn.append(np.rint(changed).astype(np.uint8))
    return [list(variants_of_one) for variants_of_one in zip(*drawn, strict=True)]
