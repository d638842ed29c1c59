"""The training loop: Keras' own `fit`, fed exactly and told to a recorder."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.course.phases import spans_of
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.records.training import EpochRecord
from cnnlab.machine import free_memory_bytes
from cnnlab.training.devices.device import Device, choose_device
from cnnlab.training.devices.memory_estimate import out_of_memory
from cnnlab.training.devices.replicas import computing_on, refuse_unsound
from cnnlab.training.input.data import TrainingData, check_sampling, steps_per_epoch
from cnnlab.training.loop.checkpoint import EPOCH, State
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.loop.outcome import FitOutcome
from cnnlab.training.loop.recorder import RunRecorder
from cnnlab.training.loop.training import Training
from cnnlab.training.loop.trial import settle
from cnnlab.training.loop.writer import QueuedRecorder
from cnnlab.training.network.pretrained import StartWeights

CHECKPOINT_SECONDS = 300.0

_READY_LAYERS = 60
"""Of a network that is compiled on the chance that it is wanted: two seconds of a core."""

_READY_BYTES = 512 * 2**20
"""That such a training may take beside the process itself."""


def fit(  # noqa: PLR0913 - all that a run may begin with
    config: RunConfig,
    data: TrainingData,
    recorder: RunRecorder,
    *,
    start: StartWeights | None = None,
    history: Sequence[EpochRecord] = (),
    state: State | None = None,
    best_state: State | None = None,
    within_state: State | None = None,
    turns: Iterable[DialTurn] = (),
    device: str | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> FitOutcome:
    """Train a run from the start, or on from where it was, bit for bit the same on a CPU.

    A state may also be that of a run with another config, from which this one is forked.

    Args:
        config: everything that decides the run.
        data: prepared images.
        recorder: is told all that happens and asked whether to stop.
        start: the weights that `architecture.pretrained` names, at each attempt.
        history: epoch records; those behind the epoch of `state` are dropped.
        state: captured after the last finished epoch.
        best_state: captured after the best epoch so far, so that the outcome can hold it.
        within_state: captured within the epoch after that of `state`, to go on from there.
        turns: of the dials, made by earlier attempts of this run; each is made again at its step.
        device: takes the place of the config's.
        checkpoint_seconds: how often the state is handed over within an epoch; 0 means at every
            step.

    Raises:
        ConfigError: the network, the device or the sampling of the config is impossible, or none of
            the weights in `start` fit.
        TrainingError: the loss is no longer finite, the memory doesn't suffice, or the states and
            `history` don't fit the config.
        FencedError: a newer attempt of the run has taken over.
    """
    records = _finished_records(history, state)
    recorder.phase("Building the model")
    chosen = choose_device(device or config.training.device)
    refuse_unsound(config, chosen)
    check_sampling(config, data)
    with _computing(config, chosen), QueuedRecorder(recorder) as told:
        training = _put_together(config, data, chosen, turns, state, within_state, start)
        return training.run(told, records, state, best_state, checkpoint_seconds)


@dataclass(frozen=True)
class Ready:
    """A run that would make its first step at once, for `fit_ready`.

    Attributes:
        config: of the run.
        data: of the run.
        device: where it computes.
        training: its parts, with the step compiled.
    """

    config: RunConfig
    data: TrainingData
    device: Device
    training: Training


def make_ready(
    config: RunConfig, data: TrainingData, is_wanted: Callable[[], bool]
) -> Ready | None:
    """Build and compile a run that may be launched soon, on the CPU.

    Args:
        config: of the run.
        data: of the run.
        is_wanted: asked between the parts of this.

    Returns:
        None where it isn't wanted any more, or takes too much time or memory to be done on the
        chance that it is: what computes features first, long networks and large ones.

    Raises:
        ConfigError: the run is impossible.
        TrainingError: the memory doesn't suffice.
    """
    device = choose_device(config.training.device)
    check_sampling(config, data)
    if device.is_gpu or config.architecture.pretrained or not is_wanted():
        return None
    if len(plan_network(config, data.image_shape, data.classes).layers) > _READY_LAYERS:
        return None
    with _computing(config, device):
        training = _put_together(config, data, device)
        most = min(_READY_BYTES, free_memory_bytes() // 4)
        if not training.is_ready_soon(most) or not is_wanted():
            return None
        training.get_ready()
    return Ready(config, data, device, training)


def fit_ready(ready: Ready, recorder: RunRecorder) -> FitOutcome:
    """Train what was made ready, from the start; once. The bits are those of `fit`.

    Args:
        ready: from `make_ready`, which may have been called in another thread.
        recorder: is told all that happens and asked whether to stop.

    Raises:
        TrainingError: the loss is no longer finite, or the memory doesn't suffice.
        FencedError: a newer attempt of the run has taken over.
    """
    with _computing(ready.config, ready.device), QueuedRecorder(recorder) as told:
        return ready.training.run(told, [], None, None, CHECKPOINT_SECONDS)


@contextlib.contextmanager
def _computing(config: RunConfig, device: Device) -> Iterator[None]:
    """Within this context a run computes on its device; too little memory is put into words."""
    try:
        with computing_on(device):
            yield
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise TrainingError(out_of_memory(config, device), cause="memory") from error


def _put_together(  # noqa: PLR0913 - all that a run may begin with
    config: RunConfig,
    data: TrainingData,
    device: Device,
    turns: Iterable[DialTurn] = (),
    state: State | None = None,
    within_state: State | None = None,
    start: StartWeights | None = None,
) -> Training:
    config, batch_size = settle(config, data, device, state or within_state)
    board = DialBoard(config, turns, _phase_rates(config, data))
    training = Training(config, data, device, board, within_state, start)
    training.batch_size_words = batch_size.words
    return training


def _phase_rates(config: RunConfig, data: TrainingData) -> dict[int, float]:
    """Learning rate by the step at which a phase begins with it."""
    if not config.architecture.phases:
        return {}
    steps = steps_per_epoch(config, data)
    return {span.first_epoch * steps: span.learning_rate for span in spans_of(config)}


def _finished_records(history: Sequence[EpochRecord], state: State | None) -> list[EpochRecord]:
    finished = 0 if state is None else int(state[EPOCH]) + 1
    records = [record.copy() for record in history[:finished]]
    if len(records) < finished:
        raise TrainingError(
            f"The history ends before the checkpoint, so the run can't be resumed: start a new "
            f"run. Received: {len(records)} epochs, checkpoint after {finished}"
        )
    return records
