"""What the evaluation of a run on its validation images says of how sure its model may be."""

from dataclasses import dataclass

from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.errors import DamagedError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.judgement import CoveragePoint
from cnnlab.domain.run import Run
from cnnlab.domain.temperature import helpful_temperature, scaled
from cnnlab.exports.table import find_format
from cnnlab.files import read_json
from cnnlab.jobs.kinds.export import export_folder, read_export
from cnnlab.judging.coverage import coverage_points
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.judging.evaluations import evaluated_predictions, evaluation_state
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.bundles.mark import read_mark

RIGHT_ENOUGH = 0.95
"""Accuracy from which on an answer is one to rely on: of twenty at most one is wrong.

The lower end of its interval has to reach it, for which 73 images without an error are enough; .99
would need 381.
"""


@asks(Action.VIEW)
def calibration_temperature(run: str) -> float | None:
    """The temperature that makes the probabilities of a run's model truer.

    Returns:
        None where the run wasn't evaluated on its validation images, or none helps.

    Raises:
        NotFoundError: there is no run with this id.
    """
    state = evaluation_state(run, VALIDATION)
    return helpful_temperature(state.answer["calibration"] if state and state.answer else None)


def required_temperature(run: Run) -> float:
    """The temperature for a calibrated model.

    Raises:
        RunStateError: none that helps is known.
    """
    temperature = calibration_temperature(run.id)
    if temperature is not None:
        return temperature
    state = evaluation_state(run.id, VALIDATION)
    if state is None or state.answer is None:
        raise RunStateError(
            f"The run {run.name!r} hasn't been evaluated on its validation images, on which a "
            "temperature is fitted: evaluate it first, on its evaluation page or with the command "
            "`evaluate`."
        )
    raise RunStateError(
        f"No temperature makes the probabilities of the run {run.name!r} truer on its validation "
        "images: export the model as it is."
    )


def answering_threshold(run: str, temperature: float | None = None) -> float | None:
    """The least confidence from which on a run's model is right often enough to be relied on.

    Args:
        run: its id.
        temperature: by which the logits of its file are divided, so that it is less or more sure.

    Returns:
        Probability 0..1 of the likeliest class: the lower end of the interval of the accuracy on
        those validation images of which the model is as sure reaches `RIGHT_ENOUGH`. None where it
        doesn't however sure the model is, or the run wasn't evaluated on these images.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: what the evaluation has found can't be read at the moment.
    """
    state = evaluation_state(run, VALIDATION)
    if state is None or state.answer is None:
        return None
    points = state.answer["coverage"] if temperature is None else _rescaled(run, temperature)
    enough = [point for point in points if (point["accuracy"]["low"] or 0) >= RIGHT_ENOUGH]
    return min((point["threshold"] for point in enough), default=None)


@dataclass(frozen=True)
class Calibration:
    """What a file of a run says of how sure its model may be.

    Attributes:
        temperature: by which its logits are divided, or None.
        threshold: confidence from which on it is right often enough, or None.
    """

    temperature: float | None
    threshold: float | None


def wanted_calibration(run: Run, attempt: Attempt, *, calibrated: bool) -> Calibration | None:
    """What a file would say if it was made now.

    Returns:
        None where nothing is known by which one could be made, and of an imported run.

    Raises:
        StorageError: what the evaluation has found can't be read at the moment.
    """
    state = evaluation_state(run.id, VALIDATION)
    if state is None or state.answer is None or read_mark(attempt.folder.parent):
        return None
    temperature = calibration_temperature(run.id) if calibrated else None
    if calibrated and temperature is None:
        return None
    return Calibration(temperature, answering_threshold(run.id, temperature))


def is_outdated(
    attempt: Attempt, export_format: str, wanted: Calibration | None, *, calibrated: bool = False
) -> bool:
    """Whether a file that is ready has another temperature or threshold than it would have now.

    It was made before the run was evaluated on its validation images, or that was done again. What
    the training wrote itself, and what was imported, never is: it isn't made here.

    Args:
        attempt: of the run.
        export_format: a name of the table of formats.
        wanted: from `wanted_calibration`.
        calibrated: which of the two files.

    Raises:
        StorageError: the file can't be read at the moment.
    """
    if wanted is None or not find_format(export_format).gives_probabilities:
        return False
    if not read_export(attempt, export_format, calibrated=calibrated).is_ready:
        return False
    files = export_folder(attempt, export_format, calibrated=calibrated)
    try:
        made = read_json(files.request)
    except DamagedError:  # the file itself is as good as it was
        return False
    return Calibration(made.get("temperature"), made.get("threshold")) != wanted


def _rescaled(run: str, temperature: float) -> list[CoveragePoint]:
    try:
        said = evaluated_predictions(run, VALIDATION)
    except DamagedError:  # a file without a threshold is right too
        return []
    return coverage_points(scaled(said.probabilities, temperature), said.labels)
