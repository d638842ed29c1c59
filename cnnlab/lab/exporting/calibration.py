"""What the evaluation of a run on its validation images says of how sure its model may be."""

from cnnlab.domain.errors import RunStateError
from cnnlab.domain.run import Run
from cnnlab.domain.split import VALIDATION
from cnnlab.domain.temperature import helpful_temperature
from cnnlab.lab.judging.evaluations import evaluation_state


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
