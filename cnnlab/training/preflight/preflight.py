"""A look at a run before it is launched: layers, memory, time, and whether the loss falls."""

import gc
import math
import time
from collections.abc import Sequence
from typing import Any, Protocol

import keras
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import spans_of
from cnnlab.domain.data.split import clean_train_subset
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.domain.records.preflight import (
    LossCheck,
    MemoryCheck,
    PrecisionCheck,
    PreflightOutcome,
)
from cnnlab.training.devices.acceleration import measure_steps, seconds_per_step
from cnnlab.training.devices.device import Device, choose_device, describe
from cnnlab.training.devices.memory_estimate import (
    MemoryEstimate,
    discard_sketches,
    largest_estimate,
    materialize,
    memory_limit_bytes,
    memory_problem,
    out_of_memory,
    sketched,
)
from cnnlab.training.devices.replicas import (
    acting_together,
    computing_on,
    refuse_unsound,
    share_out,
)
from cnnlab.training.input.data import (
    TrainingData,
    check_sampling,
    steps_per_epoch,
    training_batches,
)
from cnnlab.training.judging.batch_statistics import statistics_subset
from cnnlab.training.judging.evaluate import Predictor
from cnnlab.training.loop.feed import plan_cache
from cnnlab.training.loop.trial import Batch, Trial, settle
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.model import layer_table
from cnnlab.training.network.pretrained import StartWeights, load_pretrained
from cnnlab.training.preflight.conclusions import loss_problem, without_randomness, worth_knowing
from cnnlab.training.preflight.once import Times, measure_once

_SCARCE_AFTER_SECONDS = 8.0
"""After these a network counts as a large one, for which less is measured."""

_TIMED_STEPS, _TIMED_SECONDS = 8, 2.0
_LOSS_STEPS, _LOSS_SECONDS, _LEAST_LOSS_STEPS = 10, 2.0, 3
_LOSS_BATCH = (16, 64)


class Listener(Protocol):
    """What a pre-flight needs of a recorder."""

    def phase(self, text: str) -> None:
        """Tell what is being done now."""

    def beat(self) -> None:
        """Take a sign of life."""


def preflight(
    config: RunConfig,
    data: TrainingData,
    recorder: Listener,
    start: StartWeights | None = None,
    known_precision: PrecisionCheck | None = None,
) -> PreflightOutcome:
    """Look at a run before it is launched; ordinary networks take some five to eight seconds.

    Everything is tried on copies, so nothing of a later run depends on it. Where `problem` says
    that the memory won't suffice, nothing was measured and the seconds are None.

    Args:
        config: of the run.
        data: of the run.
        recorder: is told what is being done.
        start: the weights that `architecture.pretrained` names.
        known_precision: what an earlier check has measured of such a network on this CPU; it
            isn't timed anew then.

    Raises:
        ConfigError: the network, the device or the sampling of the config is impossible, or none of
            the weights in `start` fit.
    """
    recorder.phase("Building the model")
    device = choose_device(config.training.device)
    refuse_unsound(config, device)
    check_sampling(config, data)
    with computing_on(device):
        return _Preflight(config, data, recorder, device, start).outcome(known_precision)


class _Preflight:
    """One pre-flight; the parts of its outcome are found one after the other."""

    def __init__(
        self,
        config: RunConfig,
        data: TrainingData,
        recorder: Listener,
        device: Device,
        start: StartWeights | None,
    ) -> None:
        self._began_at = time.monotonic()
        self._data, self._recorder, self._device, self._start = data, recorder, device, start
        self._config, self._batch_size = settle(config, data, device, None)
        self._model = sketched(Trial(config, data, device).build)
        self._steps = steps_per_epoch(self._config, data)
        self._spans = spans_of(self._config)
        self._plans = [plan_cache(self._config, data, [span]) for span in self._spans]
        self._is_head_alone = None not in self._plans

    def outcome(self, known_precision: PrecisionCheck | None) -> PreflightOutcome:
        """Find everything out that isn't known."""
        estimate = largest_estimate(self._model, self._config, self._device, self._plans)
        limit = memory_limit_bytes(self._device)
        found = self._described(estimate, limit)
        problem = memory_problem(estimate, limit, self._config, self._device)
        if problem:
            discard_sketches()
            found["problem"] = problem
            return found
        try:
            materialize()
            if self._start:
                transfer = load_pretrained(self._model, self._start)
                found["pretrained"] = transfer.facts(self._start)
            self._take_times(found)
            loss = self._loss()
            found["loss"], found["problem"] = loss, loss_problem(loss, self._config)
            if not found["problem"]:
                found["other_precision"] = self._other_precision(known_precision)
        except (tf.errors.ResourceExhaustedError, MemoryError):
            found["problem"] = out_of_memory(self._config, self._device)
        return found

    def _described(self, estimate: MemoryEstimate, limit: int | None) -> PreflightOutcome:
        """What is known without a step."""
        model, images = self._model, len(self._data.train)
        memory: MemoryCheck = {**estimate.to_json(), "limit_bytes": limit}
        if self._device.is_gpu:
            memory["device_bytes"] = estimate.device
        return {
            **describe(self._device),
            "batch_size": self._batch_size.images,
            "batch_size_words": self._batch_size.words,
            "layers": layer_table(model),
            "pretrained": None,
            "parameters": model.count_params(),
            "trainable_parameters": sum(math.prod(w.shape) for w in model.trainable_weights),
            "memory": memory,
            "steps_per_epoch": self._steps,
            "warnings": worth_knowing(model, self._config, images, estimate, limit, self._device),
            "compile_seconds": None,
            "features_seconds": None,
            "seconds_per_step": None,
            "evaluation_seconds": None,
            "seconds_per_epoch": None,
            "total_seconds": None,
            "loss": None,
            "other_precision": None,
            "problem": None,
        }

    def _take_times(self, found: PreflightOutcome) -> None:
        """Measure steps and an evaluation, of phases that compute features once and of others."""
        self._recorder.phase("Timing some steps")
        once = [cached for cached in self._plans if cached is not None]
        threads = self._device.threads
        head = (
            measure_once(self._model, self._config, self._data, once[0], threads) if once else None
        )
        whole = self._times_of_steps() if not self._is_head_alone else None
        images = sum(self._images_computed_once(cached) for cached in once)
        features = head.image * images if head else 0.0
        compiling = sum(times.compiling for times in (head, whole) if times)
        total = compiling + features
        found["compile_seconds"], found["features_seconds"] = compiling, features
        for span, cached in zip(self._spans, self._plans, strict=True):
            if times := whole if cached is None else head:
                evaluation = times.judged * self._judged_images()
                epoch = self._steps * times.step + evaluation
                total += span.epochs * epoch
                found["seconds_per_step"] = times.step
                found["evaluation_seconds"] = evaluation
                found["seconds_per_epoch"] = epoch
        found["total_seconds"] = total

    def _times_of_steps(self) -> Times:
        """Of steps as they are in the run, augmentation included."""
        began = time.monotonic()
        compile_model(self._model, self._config)
        timer = _StepTimer(self._recorder)
        epochs = math.ceil((_TIMED_STEPS + 1) / self._steps)  # so many steps needn't be in one
        training = self._config.training.model_copy(update={"epochs": epochs})
        enough = self._config.model_copy(update={"training": training})
        with acting_together(self._model):
            self._model.fit(
                share_out(training_batches(enough, self._data, 0, self._device.threads)),
                steps_per_epoch=_TIMED_STEPS + 1,
                callbacks=[timer],
                shuffle=False,
                verbose=0,
            )
        step = timer.median_seconds
        return Times(timer.first_ended_at - began - step, step, self._judged_seconds())

    def _judged_seconds(self) -> float:
        """Of one image, from one forward pass."""
        predict = Predictor(self._model, self._recorder.beat)
        some = self._data.validation[: _LOSS_BATCH[1]]
        predict(self._data.images, some)  # compiles
        began = time.monotonic()
        predict(self._data.images, some)
        return (time.monotonic() - began) / len(some)

    def _images_computed_once(self, cached: CachedFeatures) -> int:
        train, validation = len(self._data.train), len(self._data.validation)
        if not cached.copies:
            return train + validation
        return cached.copies * train + self._judged_images()

    def _judged_images(self) -> int:
        """Forward passes after an epoch: for batch norm's statistics, clean train, validation."""
        labels = self._data.labels[self._data.train]
        clean = len(clean_train_subset(labels, self._config.split.seed))
        measured = len(statistics_subset(self._model, self._data))
        return measured + clean + len(self._data.validation)

    def _loss(self) -> LossCheck:
        """Losses of a few steps on one batch with everything random off."""
        self._recorder.phase("Seeing whether the loss falls")
        quiet = without_randomness(self._config)
        trial = Trial(quiet, self._data, self._device, self._start)
        self._is_scarce = time.monotonic() - self._began_at > _SCARCE_AFTER_SECONDS
        if not self._is_scarce or self._is_head_alone:  # then only the head is compiled
            del self._model
            gc.collect()
            self._model = trial.copy()
        batch = trial.batch(self._few_images())
        values = [self._loss_before_step(batch)]  # compiles
        began = time.monotonic()
        while len(values) <= _LEAST_LOSS_STEPS or (
            len(values) <= _LOSS_STEPS and time.monotonic() - began < _LOSS_SECONDS
        ):
            values.append(self._loss_before_step(batch))
        return {
            "values": _finite(values),
            "with_dropout": self._is_scarce and quiet != self._config,
        }

    def _loss_before_step(self, batch: Batch) -> float:
        loss = float(self._model.train_on_batch(*batch, return_dict=True)["loss"])
        self._recorder.beat()
        return loss

    def _other_precision(self, known: PrecisionCheck | None) -> PrecisionCheck | None:
        """What is known; else time the step of the quiet model, and of the other precision."""
        if self._is_head_alone:
            return None
        if known is not None and not self._device.is_gpu:
            return known
        precision = self._config.training.precision
        mixed = self._device.mixed_precision if self._device.is_gpu else "mixed_bfloat16"
        other = mixed if precision == "float32" else "float32"
        if other is None or self._is_scarce:
            return None
        self._recorder.phase(f"Trying {other}")
        training = self._config.training.model_copy(update={"precision": other})
        changed = without_randomness(self._config).model_copy(update={"training": training})
        trial = Trial(changed, self._data, self._device, self._start)
        batch = trial.batch(self._few_images())
        now, then = seconds_per_step(self._model, batch), measure_steps(trial.copy, batch)
        if then is None:  # there is no room for both, which says nothing of the run
            return None
        return {"precision": other, "seconds_per_step_now": now, "seconds_per_step": then}

    def _few_images(self) -> int:
        low, high = _LOSS_BATCH
        return min(max(low, self._batch_size.images), high)


def _finite(values: Sequence[float]) -> list[float | None]:
    """JSON knows no infinity and no NaN: None stands for them."""
    return [value if math.isfinite(value) else None for value in values]


class _StepTimer(keras.callbacks.Callback):
    """Takes the time of each step and ends the training when there are enough.

    Attributes:
        first_ended_at: monotonic seconds, end of the step that compiled.
    """

    def __init__(self, recorder: Listener) -> None:
        super().__init__()
        self._recorder = recorder
        self._ends: list[float] = []

    @property
    def first_ended_at(self) -> float:
        return self._ends[0]

    @property
    def median_seconds(self) -> float:
        """Of the steps after the first."""
        steps = sorted(later - end for end, later in zip(self._ends, self._ends[1:], strict=False))
        return steps[len(steps) // 2]

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the end of a step; reading a number waits for a GPU."""
        float((logs or {})["loss"])
        self._ends.append(time.monotonic())
        self._recorder.beat()
        if len(self._ends) > 2 and self._ends[-1] - self._ends[0] > _TIMED_SECONDS:
            self.model.stop_training = True
