"""Keras callbacks, one job each: learning rate, step reports, stop requests, epoch reports."""

import math
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from cnnlab.domain.config import RunConfig
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.history import EpochRecord, best_epoch
from cnnlab.domain.schedule import learning_rate_at
from cnnlab.training.checkpoint import averaged_weights, capture
from cnnlab.training.data import TrainingData, steps_per_epoch
from cnnlab.training.evaluate import Predictor, plain_metrics
from cnnlab.training.recorder import RunRecorder
from cnnlab.training.stopping import stops_early
from cnnlab.training.writer import RecordWriter

Logs = Mapping[str, Any]
Records = list[dict[str, Any]]
State = dict[str, np.ndarray]

_SECONDS_BETWEEN_REPORTS = 0.25


class Callbacks(keras.callbacks.CallbackList):
    """Keras' list, but batch logs stay tensors: reading them would wait for a GPU at each step."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Pass the logs on as they are."""
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)


class LearningRate(keras.callbacks.Callback):
    """Sets the learning rate of every step, a pure function of config and history."""

    def __init__(self, config: RunConfig, steps: int, records: Records) -> None:
        """Store what decides the rate.

        Args:
            config: of the run.
            steps: per epoch.
            records: of the finished epochs; grows while training.
        """
        super().__init__()
        self._optimizer = config.optimizer
        self._plan = {"steps_per_epoch": steps, "epochs": config.training.epochs}
        self._records = records

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget the rate that was set last."""
        self.rate: float | None = None
        self._epoch = 0
        self._validation: list[float | None] = []

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Look at the history once an epoch: it doesn't change within one."""
        self._epoch = epoch
        self._validation = [record["val_cross_entropy"] for record in self._records]

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Assign the rate where it differs from the last step's."""
        step = self._epoch * self._plan["steps_per_epoch"] + batch
        rate = learning_rate_at(
            self._optimizer, step, **self._plan, val_cross_entropies=self._validation
        )
        if rate != self.rate:
            self.model.optimizer.learning_rate = rate
            self.rate = rate


class StepReports(keras.callbacks.Callback):
    """Reports the running means a few times a second and stops at once when they break."""

    def __init__(
        self, recorder: RunRecorder, writer: RecordWriter, config: RunConfig, rates: LearningRate
    ) -> None:
        """Store where to report to.

        Args:
            recorder: takes the records.
            writer: calls it.
            config: of the run.
            rates: knows the learning rate.
        """
        super().__init__()
        self._recorder, self._writer = recorder, writer
        self._batch_size = config.training.images_per_step
        self._rates = rates

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Make the very first step due."""
        self._reported_at = -math.inf
        self._started = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start the epoch's clock."""
        self._epoch, self._began_at = epoch, time.monotonic()
        self._counted_at, self._counted_step = self._began_at, -1

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Report if a report is due; only then are the tensors read."""
        now = time.monotonic()
        if now - self._reported_at < _SECONDS_BETWEEN_REPORTS:
            return
        if not self._started:
            self._started = True
            self._recorder.phase("Training")
        values = finite_means(logs, self._epoch, batch, self._rates.rate)
        images = (batch - self._counted_step) * self._batch_size
        record = {
            "epoch": self._epoch,
            "step": batch,
            **values,
            "images_per_second": images / max(now - self._counted_at, 1e-9),
            "learning_rate": self._rates.rate,
            "seconds": now - self._began_at,
        }
        self._writer.call(self._recorder.step, record)
        self._reported_at = self._counted_at = now
        self._counted_step = batch


class StopRequests(keras.callbacks.Callback):
    """Ends the training after the current step when the user asks for it."""

    def __init__(self, recorder: RunRecorder, steps: int) -> None:
        """Store whom to ask.

        Args:
            recorder: knows whether to stop.
            steps: per epoch.
        """
        super().__init__()
        self._recorder, self._steps = recorder, steps

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """No stop was asked for yet."""
        self.asked = False
        self.within_epoch = False

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Ask, and leave the epoch unfinished unless this was its last step."""
        if self._recorder.should_stop():
            self.asked = self.model.stop_training = True
            self.within_epoch = batch < self._steps - 1


class EpochReports(keras.callbacks.Callback):
    """Measures every finished epoch with everything random off, and hands over its state.

    Attributes:
        last_state: captured state of the last finished epoch, or None.
        best_state: that of the best one.
    """

    def __init__(  # noqa: PLR0913 - an epoch's record draws on all of these
        self,
        config: RunConfig,
        data: TrainingData,
        clean_positions: np.ndarray,
        recorder: RunRecorder,
        writer: RecordWriter,
        records: Records,
        *,
        rates: LearningRate,
        stops: StopRequests,
        last_state: State | None,
        best_state: State | None,
    ) -> None:
        """Store what is measured and where it goes.

        Args:
            config: of the run.
            data: of the run.
            clean_positions: (M,) int, images of the clean train metrics.
            recorder: takes the records.
            writer: calls it.
            records: of the finished epochs; each new one is appended.
            rates: knows the learning rate.
            stops: knows whether the epoch was left unfinished.
            last_state: captured after the last of `records`, where the run is resumed.
            best_state: likewise after the best of them.
        """
        super().__init__()
        self._config, self._data = config, data
        self._clean_positions = clean_positions
        self._recorder, self._writer, self.records = recorder, writer, records
        self._rates, self._stops = rates, stops
        self._steps = steps_per_epoch(config, data)
        self.last_state, self.best_state = last_state, best_state

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Compile the forward pass of this model at its first use."""
        self._predict = Predictor(self.model)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start the epoch's clock."""
        self._began_at = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Evaluate, record, capture; an unfinished epoch leaves no trace."""
        if self._stops.within_epoch:
            return
        values = finite_means(logs, epoch, self._steps - 1, self._rates.rate)
        trained_at = time.monotonic()
        seconds = trained_at - self._began_at
        clean_values = self._clean_values(epoch)
        record = EpochRecord(
            epoch=epoch,
            **values,
            penalty=float(sum(self.model.losses)),
            **clean_values,
            learning_rate=self._rates.rate,
            seconds=seconds,
            images_per_second=len(self._data.train) / seconds,
            evaluation_seconds=time.monotonic() - trained_at,
        )
        self.records.append(record.to_json())
        self._writer.call(self._recorder.epoch, record)
        self._hand_over(epoch)
        if stops_early(self._config.regularization.early_stopping, self.records):
            self.model.stop_training = True

    def _clean_values(self, epoch: int) -> dict[str, float]:
        values = {}
        with averaged_weights(self.model):
            for prefix, positions in (
                ("clean", self._clean_positions),
                ("val", self._data.validation),
            ):
                probabilities = self._predict(self._data.images, positions)
                mean, share = plain_metrics(probabilities, self._data.labels[positions])
                if not math.isfinite(mean):
                    raise _not_finite("The output", epoch, self._steps - 1, self._rates.rate)
                values |= {f"{prefix}_cross_entropy": mean, f"{prefix}_accuracy": share}
        return values

    def _hand_over(self, epoch: int) -> None:
        is_best = best_epoch(self.records) == epoch
        self.last_state = capture(self.model, epoch)
        if is_best:
            self.best_state = self.last_state
        self._writer.call(self._recorder.checkpoint, epoch, self.last_state, is_best)


def finite_means(logs: Logs, epoch: int, step: int, rate: float) -> dict[str, float]:
    """Read `loss`, `cross_entropy` and `accuracy` from batch logs; this waits for the device.

    Raises:
        TrainingError: one of them is NaN or infinite.
    """
    values = {name: float(logs[name]) for name in ("loss", "cross_entropy", "accuracy")}
    if not all(map(math.isfinite, values.values())):
        raise _not_finite("The loss", epoch, step, rate)
    return values


def _not_finite(what: str, epoch: int, step: int, rate: float) -> TrainingError:
    return TrainingError(
        f"{what} was no longer finite at epoch {epoch + 1}, step {step + 1}: lower "
        f"optimizer.learning_rate (it was {rate:g}) or set optimizer.clip_norm to 1; the last "
        "checkpoint is good."
    )
