"""The kept model of a run that has ended, built again from its training states."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.dials import turned_by
from cnnlab.domain.errors import StorageError
from cnnlab.exports.model_format import KerasModel
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import load_states
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.worker.data import load_data
from cnnlab.worker.process.homes import home_of_work

if TYPE_CHECKING:
    from cnnlab.storage.attempts.checkpoints import States
    from cnnlab.training.input.data import TrainingData
    from cnnlab.training.loop.checkpoint import State


@dataclass(frozen=True)
class KeptModel:
    """A run as it ended.

    Attributes:
        config: with the dials as they stood at the end.
        data: of the run.
        model: with the weights that a user takes.
        epoch: whose weights they are, 0-based; None where that isn't known.
    """

    config: RunConfig
    data: "TrainingData"
    model: KerasModel
    epoch: int | None


def load_kept(
    run: str,
    attempt_number: int,
    recorder: JobRecorder,
    wait_for_training: Callable[[], object],
    device: str | None,
) -> KeptModel:
    """Load a run's images and build its kept model; the run's own files stay as they are.

    Args:
        run: its id.
        attempt_number: of the attempt that has its training states.
        recorder: is told what is being done.
        wait_for_training: returns once `cnnlab.training` is loaded.
        device: where the model is built, instead of the config's.

    Raises:
        CnnlabError: there is no state to build it from, or no images, or the config isn't legal in
            this version.
    """
    attempt = Attempt(home_of_work().attempt(run, attempt_number))
    config = turned_by(load_config(attempt.read_config()), attempt.turns())
    data = load_data(config, recorder, wait_for_training)
    from cnnlab.training.devices.device import choose_device  # noqa: PLC0415 - loaded by now
    from cnnlab.training.devices.replicas import computing_on  # noqa: PLC0415
    from cnnlab.training.loop.checkpoint import EPOCH  # noqa: PLC0415
    from cnnlab.training.loop.kept import build_kept_model  # noqa: PLC0415

    recorder.phase("Building the model")
    states, state = load_kept_states(attempt, config)
    with computing_on(choose_device(device or config.training.device)):
        model = build_kept_model(
            config,
            data.image_shape,
            data.classes,
            last_state=states["state"],
            best_state=states["best_state"],
        )
    return KeptModel(config, data, model, int(state[EPOCH]))


def load_kept_states(attempt: Attempt, config: RunConfig) -> "tuple[States, State]":
    """The training states of an attempt, and that whose weights a user takes.

    Raises:
        StorageError: there is none to build the model from, or a file is damaged.
    """
    from cnnlab.training.loop.kept import kept_state  # noqa: PLC0415 - it is loaded by now

    states = load_states(attempt.checkpoints)
    state = kept_state(config, states["state"], states["best_state"])
    if state is None:
        raise StorageError(
            f"There is no training state in {attempt.checkpoints}, and without one the model can't "
            "be built again: bring the folder back from a backup, or train a clone of the run."
        )
    return states, state
