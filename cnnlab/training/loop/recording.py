"""Keras callbacks that tell what happens: running means, finished epochs, states to go on from."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import keras

from cnnlab.domain.errors import TrainingError
from cnnlab.domain.history import best_epoch
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.training import EpochRecord, StepRecord
from cnnlab.training.judging.evaluate import EpochEvaluator
from cnnlab.training.loop.callbacks import EpochClock, LearningRate, Logs, Records, StopRequests
from cnnlab.training.loop.checkpoint import (
    EPOCH,
    State,
    capture,
    capture_within,
    frozen_weights,
    weights_of,
)
from cnnlab.training.loop.writer import SECONDS_BETWEEN_RECORDS, QueuedRecorder
from cnnlab.training.network.weight_stats import KernelStats


class RunningMeans(TypedDict):
    """Means since the epoch began, as seen in training."""

    loss: float
    cross_entropy: float
    accuracy: float


class StepReports(keras.callbacks.Callback):
    """Reports the running means a few times a second and stops at once when they break."""

    def __init__(
        self, told: QueuedRecorder, clock: EpochClock, rates: LearningRate, batch_size: int
    ) -> None:
        """Store where to report to.

        Args:
            told: takes the records.
            clock: knows the epoch and its time.
            rates: knows the learning rate.
            batch_size: images per step.
        """
        super().__init__()
        self._told, self._clock, self._rates = told, clock, rates
        self._batch_size = batch_size
        self._reported_at = -math.inf  # so that the very first step is due
        self._started_in: object = None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Count the images of this epoch."""
        self._counted_at, self._counted_step = time.monotonic(), self._clock.first_step - 1

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Report if a report is due; only then are the tensors read."""
        now = time.monotonic()
        if now - self._reported_at < SECONDS_BETWEEN_RECORDS:
            self._told.beat()
            return
        if self._started_in is not self.model.optimizer:  # each phase has its own
            self._started_in = self.model.optimizer
            self._told.phase("Training")
        values = finite_means(logs, self._clock.epoch, batch, self._rates.rate)
        images = (batch - self._counted_step) * self._batch_size
        record: StepRecord = {
            "epoch": self._clock.epoch,
            "step": batch,
            **values,
            "images_per_second": images / max(now - self._counted_at, 1e-9),
            "learning_rate": self._rates.rate,
            "seconds": self._clock.seconds,
        }
        self._told.step(record)
        self._reported_at = self._counted_at = now
        self._counted_step = batch


class CheckpointsWithinEpochs(keras.callbacks.Callback):
    """Hands the state over every few minutes, where epochs are longer than that."""

    def __init__(
        self,
        told: QueuedRecorder,
        clock: EpochClock,
        rates: LearningRate,
        seconds_between: float,
    ) -> None:
        """Store where the state goes.

        Args:
            told: takes it.
            clock: knows the epoch and its time.
            rates: knows the learning rate.
            seconds_between: since the epoch began or the state before; 0 means every step.
        """
        super().__init__()
        self._told, self._clock, self._rates = told, clock, rates
        self._seconds_between = seconds_between

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Count the time from here: what was before is kept as an epoch."""
        self._kept_at = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Hand the state over if it is due and good, unless the epoch is whole."""
        done = batch + 1
        is_due = time.monotonic() - self._kept_at >= self._seconds_between
        if not is_due or done >= self._clock.steps:
            return
        finite_means(logs, self._clock.epoch, batch, self._rates.rate)
        self._told.wait()  # one state in the making is enough memory
        state = capture_within(self.model, self._clock.epoch, done, self._clock.seconds)
        state |= self._clock.marks
        self._told.checkpoint_within(self._clock.epoch, done, state)
        self._kept_at = time.monotonic()


class EpochReports(keras.callbacks.Callback):
    """Measures every finished epoch with everything random off, and hands over its state.

    Attributes:
        evaluate: measures; each phase has its own.
        records: of the finished epochs.
        last_state: captured state of the last finished epoch, or None.
        best_state: the weights in that of the best one whose state is at hand.
    """

    evaluate: EpochEvaluator

    def __init__(
        self,
        told: QueuedRecorder,
        clock: EpochClock,
        rates: LearningRate,
        stops: StopRequests,
        stops_early: Callable[[Records], bool],
    ) -> None:
        """Store what is measured and where it goes.

        Args:
            told: takes the records and states.
            clock: knows the epoch and its time.
            rates: knows the learning rate.
            stops: knows whether the epoch was left unfinished.
            stops_early: whether to end the run for its history.
        """
        super().__init__()
        self._told, self._clock, self._rates, self._stops = told, clock, rates, stops
        self._stops_early = stops_early
        self._kernel_stats = KernelStats()
        self.records: Records = []
        self.last_state: State | None = None
        self.best_state: State | None = None

    def begin_with(
        self, records: Records, last_state: State | None, best_state: State | None
    ) -> None:
        """Go on from earlier epochs.

        Args:
            records: of them; each new one is appended.
            last_state: captured after the last of them.
            best_state: captured after the best of them, where it is at hand.
        """
        self.records = records
        self.last_state = last_state
        best = better_state(best_state, last_state, records)
        self.best_state = None if best is None else weights_of(best)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Copy once what stays as it is."""
        self._frozen = frozen_weights(self.model)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Evaluate, record, capture; an unfinished epoch leaves no trace."""
        if self._stops.within_epoch:
            return
        seconds, trained_at = self._clock.seconds, time.monotonic()
        step, rate = self._clock.steps - 1, self._rates.rate
        values = finite_means(logs, epoch, step, rate)
        measured, predictions = self.evaluate()
        if not _are_finite(measured):
            raise _not_finite("The output", epoch, step, rate)
        evaluation_seconds = time.monotonic() - trained_at
        state = self._capture(epoch)
        record = EpochRecord(
            epoch=epoch,
            **values,
            **measured,
            learning_rate=rate,
            seconds=seconds,
            images_per_second=self.evaluate.training_images / seconds,
            evaluation_seconds=evaluation_seconds,
            weights=self._kernel_stats(state),
        )
        self._take(record, state, predictions)
        if self._stops_early(self.records):
            self.model.stop_training = True

    def _capture(self, epoch: int) -> State:
        self._told.wait()  # one state in the making is enough memory
        return capture(self.model, epoch, self._frozen) | self._clock.marks

    def _take(self, record: EpochRecord, state: State, predictions: Predictions) -> None:
        self.records.append(record)
        self._told.predictions(record["epoch"], predictions)
        self._told.epoch(record)
        self.last_state = state
        best = better_state(self.best_state, self.last_state, self.records)
        is_best = best is state
        if is_best:
            self.best_state = weights_of(state)  # the rest needn't stay in memory
        self._told.checkpoint(record["epoch"], state, is_best)


def better_state(
    earlier: State | None, later: State | None, records: Sequence[EpochRecord]
) -> State | None:
    """Of two captured states that of the better epoch; one that there isn't is no rival.

    Args:
        earlier: captured after an epoch, or None.
        later: likewise; on equal merit it gives way.
        records: of all finished epochs.
    """
    if earlier is None or later is None:
        return earlier if later is None else later
    rivals = [records[int(state[EPOCH])] for state in (earlier, later)]
    return earlier if best_epoch(rivals) == int(earlier[EPOCH]) else later


def finite_means(logs: Logs | None, epoch: int, step: int, rate: float) -> RunningMeans:
    """Read `loss`, `cross_entropy` and `accuracy` from batch logs; this waits for the device.

    Raises:
        TrainingError: one of them is NaN or infinite.
    """
    logs = logs or {}
    values: RunningMeans = {
        "loss": float(logs["loss"]),
        "cross_entropy": float(logs["cross_entropy"]),
        "accuracy": float(logs["accuracy"]),
    }
    if not _are_finite(values):
        raise _not_finite("The loss", epoch, step, rate)
    return values


def _are_finite(values: Mapping[str, object]) -> bool:
    """Whether all numbers among the values are finite; what isn't known is None."""
    return all(math.isfinite(value) for value in values.values() if isinstance(value, float))


def _not_finite(what: str, epoch: int, step: int, rate: float) -> TrainingError:
    kept = f" The checkpoint of epoch {epoch} is good." if epoch else ""
    return TrainingError(
        f"{what} was no longer finite at epoch {epoch + 1}, step {step + 1}: lower "
        f"optimizer.learning_rate (it was {rate:g}) or set optimizer.clip_norm to 1.{kept}",
        cause="not_finite",
    )
