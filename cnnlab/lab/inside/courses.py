"""The validation images of a run through its epochs, from what is kept of each epoch."""

import functools
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from cnnlab.domain.errors import DamagedError, NotFoundError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run
from cnnlab.judging.inside.courses import Courses, Followed, choose_followed, courses_of
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.inside.looking import Inside, found_inside
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.attempts.attempt import Attempt


@dataclass(frozen=True)
class RunCourses:
    """What a run said of its N validation images after E of its epochs; shared, not to be changed.

    Attributes:
        epochs: (E,) int, 0-based.
        positions: (N,) int, rows of the dataset.
        labels: (N,) int, the true classes.
        named: (E, N) int, the class that each was taken for.
        true_probabilities: (E, N) float32, of the true class.
        last: what was said after the last of these epochs.
        classes: names by label.
        model_epoch: 0-based, whose weights the kept model has; None where that isn't known.
    """

    epochs: np.ndarray
    positions: np.ndarray
    labels: np.ndarray
    named: np.ndarray
    true_probabilities: np.ndarray
    last: Predictions
    classes: tuple[str, ...]
    model_epoch: int | None

    @cached_property
    def courses(self) -> Courses:
        """How each image went."""
        return courses_of(self.named, self.labels)

    @cached_property
    def followed(self) -> list[Followed]:
        """The images that tell most."""
        return choose_followed(self.courses, self.labels, self.true_probabilities)


@asks(Action.VIEW)
def run_courses(run: Run) -> RunCourses:
    """The validation images of an ended run through its epochs.

    Raises:
        NotFoundError: its dataset is gone.
        RunStateError: nothing is kept of its epochs.
        StorageError: a file is damaged or can't be read.
    """
    try:
        classes = open_index(run.dataset).class_names
    except NotFoundError as error:
        raise NotFoundError(
            f"The dataset {run.dataset!r} of the run {run.name!r} is gone, and with it its "
            "pictures: bring it back from a backup or import it again."
        ) from error
    try:
        courses = _courses(newest_attempt(run).folder, run.ended_at, tuple(classes))
    except LookupError as error:
        raise RunStateError(
            f"What the run {run.name!r} said of each picture after each epoch isn't kept: an "
            "earlier version of cnnlab trained it, or it ended before its first epoch. Train a "
            "clone of it, and its pictures can be followed."
        ) from error
    try:
        return _with_exact(courses, found_inside(run.id))
    except (RunStateError, DamagedError):  # nobody has looked, or it has to be done again
        return courses


def _with_exact(courses: RunCourses, inside: Inside) -> RunCourses:
    """Where a look inside has read the last epoch, what it said to the last digit.

    What is kept of every epoch is rounded; the same picture would have 47.1 % here and 47.0 % on
    the map.
    """
    if inside.found["model_epoch"] != courses.epochs[-1]:
        return courses
    _, ours, theirs = np.intersect1d(
        courses.positions, inside.arrays["positions"], return_indices=True
    )
    probabilities = courses.last.probabilities.copy()
    probabilities[ours] = inside.arrays["probabilities"][theirs]
    of_true = courses.true_probabilities.copy()
    of_true[-1, ours] = probabilities[ours, courses.labels[ours]]
    last = Predictions(courses.positions, courses.labels, probabilities)
    return replace(courses, true_probabilities=of_true, last=last)


# What isn't there isn't kept in mind: a file may be brought back.
@functools.lru_cache(maxsize=4)
def _courses(folder: Path, ended_at: str | None, classes: tuple[str, ...]) -> RunCourses:
    """Read once for all clicks; `ended_at` tells a run that went on from what it was before."""
    said = Attempt(folder).read_predictions()
    if said is None:
        raise LookupError(folder)
    last = Predictions(said.positions, said.labels, said.probabilities(said.epochs[-1]))
    result = Attempt(folder).read_result()
    return RunCourses(
        epochs=np.array(said.epochs),
        positions=said.positions,
        labels=said.labels,
        named=np.stack([said.predicted(epoch) for epoch in said.epochs]),
        true_probabilities=np.exp(-said.cross_entropies),
        last=last,
        classes=classes,
        model_epoch=result["model_epoch"] if result and "model_epoch" in result else None,
    )
