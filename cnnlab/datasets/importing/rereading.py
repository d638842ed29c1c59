"""A dataset's images of more than 8 bits read again with another range of values: a new version."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnlab.datasets.importing.alike import find_copies
from cnnlab.datasets.importing.depth import range_note
from cnnlab.datasets.importing.looking import look_at_deep
from cnnlab.datasets.importing.processes import ProcessPool, StagedProgress
from cnnlab.datasets.index import ImageIndex, content_hash, write_copies, write_looks
from cnnlab.datasets.lineage import descend, lineage_hash, write_lineage
from cnnlab.datasets.versions import share_packs
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import DatasetError


def write_reread(
    index: ImageIndex, value_range: ValueRange, into: Path, on_progress: StagedProgress
) -> tuple[str, DatasetWarning]:
    """Write the folder of a version with another range; the packs are shared with the old one.

    Args:
        index: of the old version.
        value_range: which values are black and white in the new one.
        into: an existing, empty folder on the same disk.
        on_progress: called with `scaling` or a stage of `find_copies`, what is done of it and what
            there is in all.

    Returns:
        The content hash, as an import with this range would have it, and what to tell of the range.

    Raises:
        DatasetError: all images have 8 bits a channel.
        StorageError: the disk is full, or a pack is damaged.
    """
    deep = np.flatnonzero(index.is_deep)
    if not len(deep):
        raise DatasetError(
            "No image of this dataset has more than 8 bits a channel: there is no range to choose."
        )
    share_packs(index, into)
    rows, names = np.arange(len(index)), index.class_names
    labels = [names[label] for label in index.labels]
    index.write_changed(into, rows, labels, index.given_splits, names, value_range)
    places = [(shard, offset, length) for shard, offset, length in index.places[deep].tolist()]
    with ProcessPool("cnnlab.datasets.importing.import_worker") as pool:
        seen, extremes = look_at_deep(pool, into, places, value_range, on_progress=on_progress)
        if index.looks is not None:  # else an early version imported it, without findings
            looks = index.looks.copy()
            looks[deep] = seen
            write_looks(into, looks)
            write_copies(into, find_copies(ImageIndex(into), pool, on_progress))
    same = replace(index.generations[-1], copies=ImageIndex(into).copies.group, origin=rows)
    generations = descend(index.generations, same)
    write_lineage(into, generations)
    images = zip(index.files, labels, index.given_splits, index.hashes, strict=True)
    content = content_hash(images, value_range, lineage_hash(generations))
    return content, range_note(value_range, extremes, is_given=True)
