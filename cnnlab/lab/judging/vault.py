"""The test images: each look at their numbers is counted, for good and for everybody."""

import functools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import SplitFractions, load_stored
from cnnlab.domain.data.split import TEST, VALIDATION
from cnnlab.domain.data.vault import SETTINGS, LookedAtNumbers, VaultLook, VaultLooks
from cnnlab.domain.errors import DatasetError, NotFoundError, RunStateError, StorageError
from cnnlab.domain.people.person import Action
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.run import Run
from cnnlab.judging.intervals.shares import difference_of_shares
from cnnlab.judging.words.vault_words import choosing_words, look_words
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.judging.evaluations import (
    evaluated_predictions,
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
        predictions: that it was measured by, likewise.
        looks: the most looks that any of the images has by now, with this one.
        recorded: this look.
        vault: all looks at these images, with this one.
        validation_minus_test: accuracy, with Newcombe's interval; None where the run wasn't judged
            on its validation images.
    """

    judgement: Judgement
    predictions: Predictions
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


@asks(Action.EDIT)
def look_at_test(run: str) -> TestLook:
    """Look at what a run's model does on its test images; recorded before this returns.

    All that can fail comes before that, so that what shows nothing isn't counted.

    Raises:
        NotFoundError: there is no run with this id, or its dataset is gone.
        RunStateError: the evaluation on the test images hasn't finished.
        DamagedError: what the model said of each image is missing or damaged.
        StorageError: the look can't be recorded, so nothing is shown: the disk is full, say.
    """
    row, judgement = load_run(run), finished_judgement(run, TEST)
    predictions = evaluated_predictions(run, TEST)
    minus = _validation_minus_test(run, judgement)
    split = judged_config(row).split
    hashes = _test_hashes(open_index(row.dataset), split)
    look = VaultLook(
        id=secrets.token_hex(16),
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        run=row.id,
        run_name=row.name,
        dataset=row.dataset,
        numbers={
            name: measured["value"]
            for name, measured in judgement["measures"].items()
            if measured["value"] is not None
        },
        images=len(hashes),
        split=split.model_dump(include=set(SETTINGS)),
    )
    known = _looks_at(hashes, Vault(workplace().home).record(hashes, look))
    return TestLook(judgement, predictions, known.looks, look, known, minus)


@asks(Action.VIEW)
def test_looks(dataset: str, fractions: SplitFractions) -> VaultLooks:
    """How often the images that are test images with these fractions were looked at.

    It shows none of their numbers, so it is no look.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: no image would be left to train or validate on.
        StorageError: the records can't be read at the moment.
    """
    return _looks_at(_test_hashes(open_index(dataset), fractions), Vault(workplace().home).read())


@asks(Action.VIEW)
def run_test_looks(run: Run) -> VaultLooks | None:
    """How often a run's test images were looked at; None where which they are isn't known any more.

    Raises:
        StorageError: the records can't be read at the moment.
    """
    config, sets = load_stored(run.config), Vault(workplace().home).read()
    try:
        if config is None:
            return None
        return _looks_at(_test_hashes(open_index(run.dataset), config.split), sets)
    except (NotFoundError, DatasetError, StorageError):  # of the dataset, which others say
        return None


def looked_at_numbers(run: Run) -> LookedAtNumbers | None:
    """What the last look at the test images has shown of a run's model as it is now.

    It is no look: it tells only what was shown. None where nobody has looked since the run ended,
    as of one that was resumed after a look and has another model now.

    Raises:
        StorageError: the records can't be read at the moment.
    """
    ended = datetime.fromisoformat(run.ended_at) if run.ended_at else None
    shown = [
        look
        for each in Vault(workplace().home).read()
        for look in each.looks
        if look.run == run.id and (ended is None or datetime.fromisoformat(look.at) >= ended)
    ]
    if not shown:
        return None
    look = max(shown, key=lambda one: one.at)
    state = evaluation_state(run.id, TEST)
    judged = state.answer["measures"] if state is not None and state.answer else {}
    measures = {name: _as_shown(value, judged.get(name)) for name, value in look.numbers.items()}
    return LookedAtNumbers(look, measures)


def check_unlocked(run: Run, rows: Sequence[int]) -> None:
    """Refuse test images that nobody has looked at, whatever is to be shown of them.

    Args:
        run: whose split says which images are test images.
        rows: of its dataset, each there.

    Raises:
        RunStateError: some are locked away, or the run's config isn't legal in this version.
        StorageError: the dataset is damaged.
    """
    splits = splits_of(open_index(run.dataset), judged_config(run).split)
    if np.any(splits[np.asarray(rows)] == TEST) and looked_at_numbers(run) is None:
        which = "Some of these are" if len(rows) > 1 else "This is one of the"
        raise RunStateError(
            f"{which} test images, which are locked away: open them on the run's evaluation page "
            "first, which counts as a look."
        )


def _as_shown(value: float, judged: Measured | None) -> Measured:
    """A number that a look has shown, with its interval if what is judged now is that number."""
    if judged is not None and judged["value"] == value:
        return judged
    return {"value": value, "low": None, "high": None}


@asks(Action.VIEW)
def dataset_test_looks(dataset: str) -> VaultLooks | None:
    """How often a dataset's images were looked at, in whichever part; None where it is damaged.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: the records can't be read at the moment.
    """
    sets = Vault(workplace().home).read()
    if not sets:  # as mostly: no index is opened, where many datasets are listed
        return VaultLooks(np.zeros((0, 0), bool))
    try:
        return _looks_at(open_index(dataset).hashes, sets)
    except StorageError:  # of the dataset, which others say
        return None


def sets_of_dataset(dataset: str) -> list[LookedAt]:
    """The sets of images that were looked at of which a dataset has any; none where it is damaged.

    Raises:
        StorageError: the records can't be read at the moment.
    """
    sets = Vault(workplace().home).read()
    if not sets:  # as mostly: no index is opened
        return []
    try:
        hashes = open_index(dataset).hashes
    except (NotFoundError, StorageError):  # of the dataset, which others say
        return []
    return [each for each in sets if each.images and not each.images.isdisjoint(hashes)]


def _looks_at(hashes: list[str], sets: list[LookedAt]) -> VaultLooks:
    """Looks at images, by their hashes; damaged records count where they may be of these images."""
    found: dict[str, tuple[VaultLook, np.ndarray]] = {}
    unreadable = 0
    for each in sets:
        if each.images is None:
            unreadable += each.unreadable
            continue
        is_in = np.fromiter((one in each.images for one in hashes), bool, len(hashes))
        if is_in.any():
            for look in each.looks:
                known = found.get(look.id)  # at others of them, as of two bundles of one home
                found[look.id] = (look, is_in if known is None else known[1] | is_in)
            unreadable += each.unreadable
    sorted_ = sorted(found.values(), key=lambda one: one[0].at)
    shown = np.array([is_in for _, is_in in sorted_], bool).reshape(len(sorted_), len(hashes))
    return VaultLooks(shown, tuple(look for look, _ in sorted_), unreadable)


@functools.lru_cache(maxsize=4)
def _test_hashes(index: ImageIndex, fractions: SplitFractions) -> list[str]:
    return hashes_at(index, np.flatnonzero(splits_of(index, fractions) == TEST))


def hashes_at(index: ImageIndex, rows: np.ndarray) -> list[str]:
    """The sha256 of images, by their rows."""
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
