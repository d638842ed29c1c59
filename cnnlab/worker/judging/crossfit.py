"""What a worker does to find wrong labels among the training images of a run.

fold-2-of-5.npz    what the model said that wasn't trained on these images; kept, so that a killed
                   worker goes on after the last finished fold
"""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.data.folds import draw_folds, picture_numbers
from cnnlab.domain.errors import DatasetError, StorageError, TrainingError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Crossfit
from cnnlab.domain.records.training import AskedTurn
from cnnlab.domain.words import duration
from cnnlab.files import write_atomically
from cnnlab.jobs.kinds.crossfit import CrossfitRequest
from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.suspects import LEAST_IMAGES, find_suspects
from cnnlab.storage.arrays import read_arrays
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.pretrained.start import StartWeights
from cnnlab.worker.data import load_data
from cnnlab.worker.pretrained import start_weights
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData

_FOLDS = 0xF01D
"""Makes the draw of the folds independent of others of the same seed."""

_SECONDS_BETWEEN_BEATS = 1.0


def crossfit(work: Work[CrossfitRequest, JobFolder, JobRecorder]) -> Crossfit:
    """Train a model for each fold of the training images on all others, and ask it about its fold.

    The models have the run's config, without label noise that was put in on purpose: the labels
    that the dataset has are judged. Dials stay as they were at its launch. Validation images say
    which epoch is kept, as in the run; neither they nor test images train.

    Raises:
        CnnlabError: there are too few images, or a model can't be trained.
    """
    request = work.request
    attempt = Attempt(home_of_work().attempt(request.run, request.attempt))
    config = _without_noise(load_config(attempt.read_config()))
    data = load_data(config, work.recorder, work.wait_for_training)
    if len(data.train) < LEAST_IMAGES:
        raise DatasetError(
            f"There are {len(data.train)} training images, and at least {LEAST_IMAGES} are needed "
            "to tell a wrong label from an error of the model: import more."
        )
    copies = ImageIndex(dataset_folder(home_of_work(), config.dataset)).copies.group[data.train]
    # Without a last layer: another run's may have learned the labels of every fold.
    start = start_weights(attempt.folder.parent, config, told=work.recorder)
    folds = _Folds(request.folds, config, data, copies, start)
    said = [_fold(work, folds, number) for number in range(request.folds)]
    return folds.answer(said)


def _without_noise(config: RunConfig) -> RunConfig:
    split = config.split.model_copy(update={"label_noise_fraction": 0.0})
    return config.model_copy(update={"split": split})


@dataclass(frozen=True)
class _Said:
    """What a model said of its fold.

    Attributes:
        positions: (M,) int, rows of the dataset.
        probabilities: (M, classes) float32.
        seconds: that training and asking took.
    """

    positions: np.ndarray
    probabilities: np.ndarray
    seconds: float

    def write(self, path: Path) -> None:
        write_atomically(
            path,
            lambda file: np.savez(
                file,
                positions=self.positions,
                probabilities=self.probabilities,
                seconds=self.seconds,
            ),
        )

    @classmethod
    def read(cls, path: Path, positions: np.ndarray) -> "_Said | None":
        """What was said before, of just these images; None where it wasn't, or can't be read."""
        try:
            stored = read_arrays(path, ("positions", "probabilities", "seconds"))
        except StorageError:
            return None
        said = cls(stored["positions"], stored["probabilities"], stored["seconds"].item())
        return said if np.array_equal(said.positions, positions) else None


class _Folds:
    """Who trains which model and whom it is asked about.

    Args:
        count: how many folds.
        config: of the run, without label noise.
        data: of the run, likewise.
        copies: (T,) int, groups of training images that show the same picture, -1 for none.
        start: the weights that each of them starts with, where the run is pretrained.
    """

    def __init__(
        self,
        count: int,
        config: RunConfig,
        data: "TrainingData",
        copies: np.ndarray,
        start: StartWeights | None,
    ) -> None:
        self.count, self.config, self.data, self.start = count, config, data, start
        self._labels = data.labels[data.train]
        pictures = picture_numbers(copies, len(copies))
        self._fold = draw_folds(
            self._labels, pictures, count, seed=config.split.seed, purpose=_FOLDS
        )

    def held_out(self, number: int) -> np.ndarray:
        """Positions of the images of a fold."""
        return self.data.train[self._fold == number]

    def others(self, number: int) -> "TrainingData":
        """The data of the model that isn't trained on a fold."""
        return replace(self.data, train=self.data.train[self._fold != number])

    def answer(self, said: Sequence[_Said]) -> Crossfit:
        """All folds together."""
        positions = np.concatenate([one.positions for one in said])
        probabilities = np.concatenate([one.probabilities for one in said])
        order = np.argsort(positions)
        positions, probabilities = positions[order], probabilities[order]
        labels, unseen = self.data.labels[positions], self._unseen_somewhere()
        right = int(np.count_nonzero(probabilities.argmax(axis=1) == labels))
        judged = ~np.isin(labels, unseen)
        predictions = Predictions(positions[judged], labels[judged], probabilities[judged])
        return {
            "suspects": find_suspects(predictions, self.data.class_names),
            "folds": self.count,
            "images": len(positions),
            "judged": int(np.count_nonzero(judged)),
            "accuracy": wilson(right, len(positions)),
            "not_judged": [self.data.class_names[label] for label in unseen],
            "seconds": sum(one.seconds for one in said),
        }

    def _unseen_somewhere(self) -> list[int]:
        """Labels that some model has never seen: it can't but take their images for others."""
        return [
            int(label)
            for label in np.unique(self._labels)
            if any(not np.any(self._labels[self._fold != k] == label) for k in range(self.count))
        ]


def _fold(work: Work[CrossfitRequest, JobFolder, JobRecorder], folds: _Folds, number: int) -> _Said:
    """What the model of a fold says of it, from an earlier try or trained now."""
    path = work.files.folder / f"fold-{number + 1}-of-{folds.count}.npz"
    held_out = folds.held_out(number)
    said = _Said.read(path, held_out)
    if said is None:
        began = time.monotonic()
        probabilities = _trained_and_asked(work, folds, number, held_out)
        said = _Said(held_out, probabilities, time.monotonic() - began)
        said.write(path)
        gc.collect()
    return said


def _trained_and_asked(
    work: Work[CrossfitRequest, JobFolder, JobRecorder],
    folds: _Folds,
    number: int,
    held_out: np.ndarray,
) -> np.ndarray:
    """(M, classes) float32 probabilities of the images held out."""
    from cnnlab.training.judging.evaluate import Predictor  # noqa: PLC0415 - it is loaded by now
    from cnnlab.training.loop.fit import fit  # noqa: PLC0415

    listener = _Listener(work.recorder, number, folds)
    listener.tell()
    others = folds.others(number)
    outcome = fit(folds.config, others, listener, start=folds.start, device=work.device)
    if outcome.kept_state is None:
        raise TrainingError("A model ended before its first epoch: start the search again.")
    predict: Callable[[Any, np.ndarray], np.ndarray] = Predictor(
        outcome.kept_model(), work.recorder.beat
    )
    return predict(folds.data.images, held_out)


class _Listener:
    """Hears what a training tells, keeps nothing of it, and says how far all models are.

    It keeps the port of `cnnlab.training.loop.recorder`. What is written is written by the training
    thread, in `should_stop`, where whoever doesn't want the job any more is heard too.
    """

    def __init__(self, recorder: JobRecorder, number: int, folds: _Folds) -> None:
        self._recorder, self._began = recorder, time.monotonic()
        self._epochs = folds.config.training.epochs
        self._before, self._total = number * self._epochs, folds.count * self._epochs
        self._model = f"Training model {number + 1} of {folds.count}"
        self._finished = self._told = 0
        self._beat_at = 0.0

    def tell(self) -> None:
        """Say how many epochs of all are done; more than there will be, where one stops early."""
        self._told = self._finished
        done = self._before + self._told
        self._recorder.phase(self._words(self._total - done))
        self._recorder.progress(done, self._total)

    def _words(self, epochs_left: int) -> str:
        """Which model, which of its epochs, and by its own pace about how long all of them take."""
        words = f"{self._model}, epoch {min(self._told + 1, self._epochs)} of {self._epochs}"
        if not self._told or not epochs_left:
            return words
        each = (time.monotonic() - self._began) / self._told
        return f"{words}, about {duration(each * epochs_left)} left"

    def phase(self, text: str) -> None:
        """That this is part of training one model is said already."""
        self._recorder.beat()

    def epoch(self, record: object) -> None:
        """Count."""
        self._finished += 1

    def should_stop(self) -> bool:
        """Never: it is done, or not wanted.

        Raises:
            CancelledError: it isn't wanted.
        """
        if self._finished > self._told:
            self.tell()
        self.beat()
        return False

    def beat(self) -> None:
        """Show a sign of life, not at every step.

        Raises:
            CancelledError: it isn't wanted.
        """
        if time.monotonic() - self._beat_at >= _SECONDS_BETWEEN_BEATS:
            self._beat_at = time.monotonic()
            self._recorder.beat()

    def asked_dials(self) -> list[AskedTurn]:
        """Nobody turns a dial here."""
        return []

    def _nothing(self, *told: object) -> None:
        """It isn't kept."""

    started = step = predictions = checkpoint = checkpoint_within = turned = _nothing
