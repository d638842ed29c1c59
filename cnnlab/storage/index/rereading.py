"""A version of a stored dataset whose deep images are read with another range of values."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cnnlab.datasets.findings import FINDING_TITLES, find_in_images
from cnnlab.datasets.importing.depth import KIND
from cnnlab.datasets.importing.processes import StagedProgress, no_stages
from cnnlab.datasets.importing.rereading import write_reread
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home


def add_reread(
    datasets: DatasetStore,
    home: Home,
    dataset: str,
    folder: Path,
    *,
    value_range: ValueRange,
    on_progress: StagedProgress = no_stages,
) -> Dataset:
    """Read the deep images of a dataset again; the old version stays, and so do its runs.

    Args:
        datasets: of the home.
        home: where the dataset is.
        dataset: id of the version to start from.
        folder: from `import_folder` of the same home.
        value_range: which values are black and white in the new version.
        on_progress: called with a stage, what is done of it and what there is.

    Returns:
        The new version, or the stored one that already is like that.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: all its images have 8 bits a channel.
        StorageError: the disk is full; nothing was changed.
    """
    parent = datasets.load(dataset)
    index = ImageIndex(home.dataset(dataset))
    content, note = write_reread(index, value_range, folder, on_progress)
    kept = [one for one in parent.warnings if one.kind not in (*FINDING_TITLES, KIND)]
    found = [finding.warning for finding in find_in_images(ImageIndex(folder))]
    child = replace(
        parent,
        id=f"{parent.id.rpartition('-')[0]}-{content[:8]}",
        warnings=(*kept, note, *found),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=parent.version + 1,
        parent=parent.id,
        changes=(f"values from {value_range.words} are black to white",),
        value_range=value_range,
    )
    return datasets.add(child, folder)
