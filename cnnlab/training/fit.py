"""The training loop: Keras' own `fit`, fed exactly and told to a recorder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config import RunConfig
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.history import best_epoch
from cnnlab.domain.split import clean_train_subset
from cnnlab.training.callbacks import (
    Callbacks,
    EpochReports,
    LearningRate,
    StepReports,
    StopRequests,
)
from cnnlab.training.checkpoint import EPOCH, load_weights, restore
from cnnlab.training.data import TrainingData, steps_per_epoch, training_batches
from cnnlab.training.device import Device, choose_device, describe, exactness
from cnnlab.training.model import build_model, layer_table
from cnnlab.training.optimizer import build_optimizer
from cnnlab.training.recorder import RunRecorder
from cnnlab.training.seeds import checksum, layer_checksums
from cnnlab.training.stopping import stops_early
from cnnlab.training.writer import RecordWriter

State = dict[str, np.ndarray]


@dataclass(frozen=True)
class FitOutcome:
    """How a training ended.

    Attributes:
        status: `finished`, or `stopped` by the user.
        stopped_early: whether early stopping ended it.
        best_epoch: 0-based, or None when no epoch was finished.
        history: records of all finished epochs as JSON values.
        model: with the (averaged) weights of the last finished epoch.
        weights_checksum: of these weights.
        kept_state: the state whose weights the user's model takes: of the best epoch, or of the
            last one where early stopping has `restore_best` off or the best one's is lost; None
            when no epoch was finished.
    """

    status: Literal["finished", "stopped"]
    stopped_early: bool
    best_epoch: int | None
    history: list[dict[str, Any]]
    model: keras.Model
    weights_checksum: str
    kept_state: State | None

    @property
    def kept_epoch(self) -> int | None:
        """0-based epoch whose weights the user's model takes."""
        return None if self.kept_state is None else int(self.kept_state[EPOCH])

    def kept_model(self) -> keras.Model:
        """Give the model the weights that the user's model takes, and return it.

        Raises:
            TrainingError: no finished epoch's state is at hand.
        """
        if self.kept_state is None:
            raise TrainingError("No epoch was finished, so there is no model: train longer.")
        load_weights(self.model, self.kept_state)
        return self.model


def fit(
    config: RunConfig,
    data: TrainingData,
    recorder: RunRecorder,
    *,
    history: Sequence[dict[str, Any]] = (),
    state: State | None = None,
    best_state: State | None = None,
) -> FitOutcome:
    """Train a run from the start, or on from a finished epoch, bit for bit the same on a CPU.

    Args:
        config: everything that decides the run.
        data: prepared images.
        recorder: is told all that happens and asked whether to stop.
        history: epoch records as JSON values; those behind the epoch of `state` are dropped.
        state: the captured state to go on from.
        best_state: that of the best epoch so far, so that the outcome can hold it.

    Raises:
        ConfigError: the network or the device of the config is impossible.
        TrainingError: the loss is no longer finite, the memory doesn't suffice, or `state` and
            `history` don't fit the config.
    """
    records = _finished_records(history, state)
    recorder.phase("Building the model")
    device = choose_device(config.training.device)
    try:
        with tf.device(device.name):
            training = _Training(config, data, recorder, device)
            return training.run(records, state, best_state)
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise TrainingError(
            f"The memory of {device.words} doesn't suffice: lower training.batch_size (now "
            f"{config.training.images_per_step}) or image.size (now {config.image.size} px), or "
            "take a smaller network."
        ) from error


def _finished_records(
    history: Sequence[dict[str, Any]], state: State | None
) -> list[dict[str, Any]]:
    finished = 0 if state is None else int(state[EPOCH]) + 1
    records = [dict(record) for record in history[:finished]]
    if len(records) < finished:
        raise TrainingError(
            f"The history ends before the checkpoint, so the run can't be resumed: start a new "
            f"run. Received: {len(records)} epochs, checkpoint after {finished}"
        )
    return records


class _Training:
    """The parts of one run, put together."""

    def __init__(
        self, config: RunConfig, data: TrainingData, recorder: RunRecorder, device: Device
    ) -> None:
        self._config, self._data = config, data
        self._recorder, self._device = recorder, device
        self._steps = steps_per_epoch(config, data)
        labels = data.labels[data.train]
        self._clean = data.train[clean_train_subset(labels, config.split.seed)]
        self._model = build_model(config, data.image_shape, data.classes)

    def run(
        self, records: list[dict[str, Any]], state: State | None, best_state: State | None
    ) -> FitOutcome:
        """Train to the end and say how it went."""
        facts = self._facts()
        _compile(self._model, self._config, self._device)
        if state is not None:
            restore(self._model, state)
            if best_epoch(records) == int(state[EPOCH]):
                best_state = state
        self._recorder.started(facts)
        with RecordWriter() as writer:
            rates = LearningRate(self._config, self._steps, records)
            stops = StopRequests(self._recorder, self._steps)
            reports = EpochReports(
                self._config, self._data, self._clean, self._recorder, writer, records,
                rates=rates, stops=stops, last_state=state, best_state=best_state,
            )  # fmt: skip
            steps = StepReports(self._recorder, writer, self._config, rates)
            if not self._is_over(records):
                self._fit([rates, steps, stops, reports], len(records))
        return self._outcome(reports)

    def _fit(self, callbacks: list[keras.callbacks.Callback], first_epoch: int) -> None:
        self._recorder.phase("Compiling")
        threads = self._device.threads
        self._model.fit(
            training_batches(self._config, self._data, first_epoch, threads),
            epochs=self._config.training.epochs,
            initial_epoch=first_epoch,
            steps_per_epoch=self._steps,
            callbacks=Callbacks(callbacks, add_history=True, model=self._model),
            shuffle=False,
            verbose=0,
        )

    def _is_over(self, records: list[dict[str, Any]]) -> bool:
        wanted = self._config.regularization.early_stopping
        return len(records) >= self._config.training.epochs or stops_early(wanted, records)

    def _outcome(self, reports: EpochReports) -> FitOutcome:
        records = reports.records
        if reports.last_state is not None:
            load_weights(self._model, reports.last_state)
        early = self._config.regularization.early_stopping
        keeps_last = early is not None and not early.restore_best
        return FitOutcome(
            status="finished" if self._is_over(records) else "stopped",
            stopped_early=stops_early(early, records),
            best_epoch=best_epoch(records),
            history=records,
            model=self._model,
            weights_checksum=checksum(self._model.weights),
            kept_state=(None if keeps_last else reports.best_state) or reports.last_state,
        )

    def _facts(self) -> dict[str, Any]:
        table = layer_table(self._model)
        depthwise = any(row["kind"] in ("DepthwiseConv2D", "SeparableConv2D") for row in table)
        return {
            **describe(self._device),
            "deterministic": exactness(self._device, depthwise=depthwise),
            "parameters": self._model.count_params(),
            "layers": table,
            "init_checksum": checksum(self._model.weights),
            "layer_checksums": layer_checksums(self._model),
            "epochs": self._config.training.epochs,
            "steps_per_epoch": self._steps,
            "train_images": len(self._data.train),
            "validation_images": len(self._data.validation),
            "clean_images": len(self._clean),
            "clean_is_subset": len(self._clean) < len(self._data.train),
        }


def _compile(model: keras.Model, config: RunConfig, device: Device) -> None:
    """Compile, and create every variable before the first trace, which then happens only once."""
    smoothing = config.regularization.label_smoothing
    model.compile(
        optimizer=build_optimizer(config),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing),
        metrics=[
            keras.metrics.CategoricalAccuracy(name="accuracy"),
            keras.metrics.CategoricalCrossentropy(name="cross_entropy"),
        ],
        # XLA makes training on a CPU slower, measured by half.
        jit_compile="auto" if device.is_gpu else False,
    )
    model.optimizer.build(model.trainable_variables)
    outputs = tf.zeros((1, model.output_shape[-1]))
    for part in ("_compile_metrics", "_compile_loss"):
        if hasattr(getattr(model, part, None), "build"):
            getattr(model, part).build(outputs, outputs)
