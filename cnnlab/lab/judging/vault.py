"""The test images: each look at their numbers is counted, for good and for everybody."""

import functools
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import SplitFractions, load_stored
from cnnlab.domain.errors import CnnlabError, StorageError
from cnnlab.domain.records.judgement import Judgement, Measured
from cnnlab.domain.run import Run
from cnnlab.domain.split import TEST, TRAIN, VALIDATION, limit_training
from cnnlab.domain.vault import VaultLook, VaultLooks
from cnnlab.judging.intervals import difference_of_shares
from cnnlab.judging.vault_words import choosing_words, look_words, trains_words
from cnnlab.lab.gallery import open_index, splits_of
from cnnlab.lab.judging.evaluations import (
    evaluation_state,
    finished_judgement,
    judged_config,
)
from cnnlab.lab.runs import load_run
from cnnlab.lab.workplace import workplace
from cnnlab.storage.vault import LookedAt, Vault


@dataclass(frozen=True)
class TestLook:
    """What one look at a run's test images has shown.

    Attributes:
        judgement: of the run's model on them; shared, and not to be changed.
        looks: the most looks that any of the images has by now, with this one.
        recorded: this look.
        vault: all looks at these images, with this one.
        validation_minus_test: accuracy, with Newcombe's interval; None where the run wasn't judged
            on its validation images.
    """

    judgement: Judgement
    looks: int
    recorded: VaultLook
    vault: VaultLooks
    validation_minus_test: Measured | None

    @property
    def words(self) -> list[str]:
        """What the number may be used for from now on, in sentences."""
        accuracy = self.judgement["measures"]["accuracy"]["value"]
        choosing = choosing_words(self.vault.runs, self.vault.images, accuracy)
        return [words for words in (look_words(self.vault), choosing) if words]


def look_at_test(run: str) -> TestLook:
    """Look at what a run's model does on its test images; recorded before this returns.

    Raises:
        NotFoundError: there is no run with this id, or its dataset is gone.
        RunStateError: the evaluation on the test images hasn't finished.
        StorageError: the look can't be recorded, so nothing is shown: the disk is full, say.
    """
    row, judgement = load_run(run), finished_judgement(run, TEST)
    hashes = _test_hashes(open_index(row.dataset), judged_config(row).split)
    look = VaultLook(
        id=secrets.token_hex(16),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        run=row.id,
        run_name=row.name,
        dataset=row.dataset,
        numbers={
            name: measured["value"]
            for name, measured in judgement["measures"].items()
            if measured["value"] is not None
        },
        images=len(hashes),
    )
    vault = Vault(workplace().home)
    vault.record(hashes, look)
    known = _looks_at(hashes, vault.read())
    return TestLook(judgement, known.looks, look, known, _validation_minus_test(run, judgement))


def test_looks(dataset: str, fractions: SplitFractions) -> VaultLooks:
    """How often the images that are test images with these fractions were looked at.

    It shows none of their numbers, so it is no look.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
        StorageError: the records can't be read at the moment.
    """
    return _looks_at(_test_hashes(open_index(dataset), fractions), Vault(workplace().home).read())


def run_test_looks(run: Run) -> int:
    """The most looks that any of a run's test images has; 0 where they aren't known any more."""
    config = load_stored(run.config)
    try:
        return 0 if config is None else test_looks(run.dataset, config.split).looks
    except CnnlabError:  # the dataset is gone or damaged, which others say
        return 0


def dataset_test_looks(dataset: str) -> int:
    """The most looks that any image of a dataset has, in whichever part; 0 where it is damaged.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: the records can't be read at the moment.
    """
    sets = Vault(workplace().home).read()
    try:
        return _looks_at(open_index(dataset).hashes, sets).looks if sets else 0
    except StorageError:  # the dataset is damaged, which others say
        return 0


def looked_at_training_images(dataset: str, fractions: SplitFractions) -> int:
    """How many images would train now that were test images of a recorded look.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
        StorageError: the records can't be read at the moment.
    """
    sets = Vault(workplace().home).read()
    if not sets:
        return 0
    looked_at = frozenset[str]().union(*(each.images or () for each in sets if each.looks))
    return sum(one in looked_at for one in _training_hashes(open_index(dataset), fractions))


def looked_at_words(dataset: str, fractions: SplitFractions) -> str:
    """That looked-at images would train now, in a sentence; empty where none would.

    Raises:
        CnnlabError: what `looked_at_training_images` raises.
    """
    return trains_words(looked_at_training_images(dataset, fractions))


def _looks_at(hashes: list[str], sets: list[LookedAt]) -> VaultLooks:
    """Looks at images, by their hashes."""
    by_image = np.zeros(len(hashes), np.int64)
    recorded: list[VaultLook] = []
    for each in sets:
        if not each.looks or each.images is None:
            continue
        is_in = np.fromiter((one in each.images for one in hashes), bool, len(hashes))
        by_image += len(each.looks) * is_in
        if is_in.any():
            recorded += each.looks
    recorded.sort(key=lambda look: look.at)
    return VaultLooks(by_image, tuple(recorded), sum(each.unreadable for each in sets))


@functools.lru_cache(maxsize=4)
def _test_hashes(index: ImageIndex, fractions: SplitFractions) -> list[str]:
    return _hashes_at(index, np.flatnonzero(splits_of(index, fractions) == TEST))


@functools.lru_cache(maxsize=4)
def _training_hashes(index: ImageIndex, fractions: SplitFractions) -> list[str]:
    rows = np.flatnonzero(splits_of(index, fractions) == TRAIN)
    return _hashes_at(index, limit_training(index.labels, rows, fractions))


def _hashes_at(index: ImageIndex, rows: np.ndarray) -> list[str]:
    return [index.hashes[row] for row in rows]


def _validation_minus_test(run: str, test: Judgement) -> Measured | None:
    state = evaluation_state(run, VALIDATION)
    if state is None or state.answer is None:
        return None
    validation = state.answer
    counts = [(_right(one), one["images"]) for one in (validation, test)]
    return difference_of_shares(*counts[0], *counts[1])


def _right(judgement: Judgement) -> int:
    return sum(row[label] for label, row in enumerate(judgement["confusion"]))
