"""Which images of a dataset show pictures that a run was trained on, maybe of another dataset."""

import functools
import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import RunConfig, SplitFractions
from cnnlab.domain.data.seen import Teacher
from cnnlab.domain.data.split import TEST, TRAIN, VALIDATION, limit_training
from cnnlab.domain.errors import BadInputError, StorageError
from cnnlab.domain.records.training import SeenImages


def seen_images(
    config: RunConfig, teachers: Sequence[Teacher], open_index: Callable[[str], ImageIndex]
) -> SeenImages:
    """Count the images that judge a run and that trained the weights that it starts with.

    Args:
        config: of the run, with `dataset` set.
        teachers: the runs that trained the weights, the nearest first.
        open_index: gives the index of a dataset by its id.

    Raises:
        DatasetError: no image is left to train or to validate on.
        StorageError: the run's own dataset is gone or damaged.
    """
    index = open_index(config.dataset)
    parts = _parts_of(index, config.split)
    is_seen, unknown, names = np.zeros(len(index), bool), [], []
    judges = parts != TRAIN
    for teacher in teachers:
        try:
            fractions = SplitFractions.model_validate(teacher.split)
            by_it = seen_rows(index, open_index(teacher.dataset), fractions)
        except (BadInputError, StorageError, ValueError):  # gone, damaged or of another version
            unknown.append(teacher.name)
            continue
        is_seen = is_seen | by_it
        if (by_it & judges).any():
            names.append(teacher.name)
    validation = np.flatnonzero(is_seen & (parts == VALIDATION))
    content = validation.astype("<i8").tobytes()
    return {
        "runs": names,
        "validation_images": int(np.count_nonzero(parts == VALIDATION)),
        "seen_validation": len(validation),
        "test_images": int(np.count_nonzero(parts == TEST)),
        "seen_test": int(np.count_nonzero(is_seen & (parts == TEST))),
        "checksum": hashlib.sha256(content).hexdigest() if content else "",
        "unknown_of": unknown,
    }


# A page asks at every click, and a million images take a second to draw and to compare.
@functools.lru_cache(maxsize=4)
def _parts_of(index: ImageIndex, fractions: SplitFractions) -> np.ndarray:
    """(N,) of `train`, `validation` or `test`; not to be changed.

    Raises:
        DatasetError: no image is left to train or to validate on.
    """
    return index.split(fractions)


@functools.lru_cache(maxsize=4)
def seen_rows(index: ImageIndex, theirs: ImageIndex, fractions: SplitFractions) -> np.ndarray:
    """(N,) bool, which images of an index show a picture that trained; not to be changed.

    Args:
        index: whose images are asked about.
        theirs: the images of which some trained; the same index or another one.
        fractions: which of them did.

    Raises:
        DatasetError: no image is left there to train or to validate on.
    """
    rows = np.flatnonzero(_parts_of(theirs, fractions) == TRAIN)
    is_theirs = np.zeros(len(theirs), bool)
    is_theirs[limit_training(theirs.labels, rows, fractions)] = True
    shown = _with_copies(theirs, is_theirs)
    hashes = {theirs.hashes[row] for row in np.flatnonzero(shown)}
    return _with_copies(index, np.array([one in hashes for one in index.hashes], bool))


def _with_copies(index: ImageIndex, is_in: np.ndarray) -> np.ndarray:
    """(N,) bool, which images are among some, or show the same picture as one of them."""
    group = index.copies.group
    touched = group[is_in & (group >= 0)]
    found: np.ndarray = is_in | np.isin(group, touched)
    return found
