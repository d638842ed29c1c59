"""From an upload to a stored dataset, whole or not at all."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.importing.processes import StagedProgress, no_stages
from cnnlab.datasets.labelling.labels import clean_label
from cnnlab.datasets.upload.parts import whole_name
from cnnlab.datasets.upload.sources import Source
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.files import disk_errors, take_lock, wait_for_lock
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.space.leftovers import imports_lock, remove_dead_imports

_NAME_CHARACTERS = 100


@contextlib.contextmanager
def import_folder(home: Home) -> Iterator[Path]:
    """An empty folder to import into, for as long as this context lasts.

    It is locked by this process: what a killed one leaves, gigabytes perhaps, is known by that.

    Args:
        home: the home folder.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    remove_dead_imports(home)
    with wait_for_lock(imports_lock(home)):  # nobody sees a folder that has no lock yet
        with disk_errors(home.datasets):
            outer = Path(tempfile.mkdtemp(prefix=".import-", dir=home.datasets))
        lock = take_lock(outer / "lock")
    try:
        with disk_errors(outer):
            (outer / "dataset").mkdir()
        yield outer / "dataset"
    finally:
        shutil.rmtree(outer, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def add_upload(  # noqa: PLR0913 - what an import may be told
    datasets: DatasetStore,
    source: Source,
    folder: Path,
    *,
    name: str | None,
    labelling: Labelling,
    value_range: ValueRange | None = None,
    on_progress: StagedProgress = no_stages,
) -> Dataset:
    """Read labelled images from a zip, a tar, a folder or several files into a new dataset.

    The same content under the same name is the same dataset: it is returned, not stored again.

    Args:
        datasets: of a home.
        source: zip file, tar file, folder, or several files.
        folder: from `import_folder` of the same home.
        name: what to call it; default is the source's name.
        labelling: where the labels come from, as far as the user says it.
        value_range: which values of images with more than 8 bits are black and white; None finds
            one for all of them.
        on_progress: called with a stage of `import_images`, what is done of it and what there is.

    Raises:
        UploadError: it can't be read as labelled images; nothing is stored.
        StorageError: the disk is full.
    """
    shown = clean_label(name or "")[:_NAME_CHARACTERS] or _name_of(source)
    imported = import_images(
        source, folder, labelling=labelling, value_range=value_range, on_progress=on_progress
    )
    dataset = Dataset(
        id=f"{_slug(shown)}-{imported.content_hash[:8]}",
        name=shown,
        classes=imported.classes,
        splits=imported.splits,
        skipped=imported.skipped,
        warnings=imported.warnings,
        other_tables=imported.other_tables,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        value_range=imported.value_range,
    )
    return datasets.add(dataset, folder)


def _name_of(source: Source) -> str:
    """What to call a dataset after its file: `my_cats.tar.gz` becomes `my cats`."""
    name = whole_name((source[0] if isinstance(source, tuple) else source).name)
    stem = re.sub(r"(\.tar)?\.[A-Za-z0-9]{1,4}$", "", name) or name
    return clean_label(stem.replace("_", " "))[:_NAME_CHARACTERS] or "Dataset"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "dataset"
