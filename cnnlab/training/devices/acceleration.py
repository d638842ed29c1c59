"""What makes training faster: decided from measured facts, said in one line.

- Several steps per execution save the host's work between two steps. Callbacks then come once per
  execution: a stop or a turned dial waits for its end, and the learning rate can't change within.
- XLA compiles a network into fewer, larger kernels. That takes long, may fail, and doesn't go
  together with deterministic kernels, so it is tried only where it can pay.
- The precision is the config's: it changes the results. It is only commented on, and that on a GPU
  alone: what bfloat16 gains on a CPU depends on the network, and a check before training measures
  it.

On a CPU the others don't pay (measured: XLA takes 1.5 times as long, 8 steps per execution gain
at most 14 %).
"""

import gc
import logging
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.training.devices.device import Device

MOST_WAITING_SECONDS = 0.2
"""A stop or a turned dial takes effect after at most these: no execution is longer."""

XLA_PAYS_AFTER_SECONDS = 120.0
"""A shorter training is over before XLA's compilation has paid."""

LEAST_STEPS = 1000
"""A shorter training is over before timing a step has paid."""

_STEPS = (8, 4, 2)
_ON_CPU = "One step per execution, XLA off: on a CPU neither pays"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Situation:
    """What the decision depends on.

    Attributes:
        device: where the run computes.
        deterministic: whether deterministic kernels are on.
        precision: of the config.
        rate_changes: whether the learning rate changes within an epoch.
        boundaries: numbers of steps that an execution must not run past: steps per epoch, steps
            of the epoch that a resumed run finishes first, steps to a dial turn that lies ahead.
        plain_seconds: measured, per step without XLA; None: not measured.
        xla_seconds: measured, per step with XLA; None: not measured, or it failed.
    """

    device: Device
    deterministic: bool
    precision: str
    rate_changes: bool
    boundaries: Sequence[int]
    plain_seconds: float | None = None
    xla_seconds: float | None = None

    def with_seconds(self, plain: float | None, xla: float | None = None) -> "Situation":
        """The same with seconds per step as measured."""
        return replace(self, plain_seconds=plain, xla_seconds=xla)


@dataclass(frozen=True)
class Acceleration:
    """How a model is compiled.

    Attributes:
        steps_per_execution: at least 1.
        xla: whether XLA compiles the step.
        words: what was decided and why, in one line.
    """

    steps_per_execution: int = 1
    xla: bool = False
    words: str = f"{_ON_CPU}."

    def whole_executions(self, steps: int) -> int:
        """The least number of steps that is no less than `steps` and ends an execution."""
        return -(-steps // self.steps_per_execution) * self.steps_per_execution


def decide(situation: Situation) -> Acceleration:
    """Decide how to compile, as a pure function of the facts."""
    if not situation.device.is_gpu:
        return Acceleration(words=_in_one_line(_ON_CPU, _on_precision(situation)))
    xla, xla_words = _decide_xla(situation)
    seconds = situation.xla_seconds if xla else situation.plain_seconds
    steps, steps_words = _decide_steps(situation, seconds)
    return Acceleration(steps, xla, _in_one_line(steps_words, xla_words, _on_precision(situation)))


def is_worth_timing(situation: Situation, steps_left: int) -> bool:
    """Whether knowing the seconds per step could gain anything in the steps to the run's end."""
    if not situation.device.is_gpu or situation.device.replicas:
        return False
    is_open = not situation.rate_changes or not situation.deterministic
    return is_open and steps_left >= LEAST_STEPS


def is_worth_compiling(situation: Situation, steps_left: int) -> bool:
    """Whether XLA could pay, given the measured `plain_seconds`."""
    if situation.deterministic:
        return False
    return (situation.plain_seconds or 0.0) * steps_left > XLA_PAYS_AFTER_SECONDS


def rate_changes_within_epoch(optimizer: Optimizer) -> bool:
    """Whether two steps of an epoch may have different learning rates."""
    schedule = optimizer.schedule
    if schedule is None:
        return False
    if schedule.name in ("step", "reduce_on_plateau"):
        whole_epochs = float(getattr(schedule, "every_epochs", 1.0)).is_integer()
        return schedule.warmup_epochs > 0 or not whole_epochs
    return True


def measure_steps(build: Callable[[], keras.Model], batch: Sequence[np.ndarray]) -> float | None:
    """Seconds per step of a copy that is thrown away; None where it can't be compiled or run.

    Args:
        build: makes a compiled model.
        batch: arguments of `train_on_batch`.
    """
    try:
        return seconds_per_step(build(), batch)
    except (tf.errors.OpError, MemoryError, ValueError, TypeError) as error:
        _log.info("a step that was tried out failed: %.300s", error)
        return None
    finally:
        gc.collect()


def seconds_per_step(
    model: keras.Model, batch: Sequence[np.ndarray], *, most: int = 8, budget_seconds: float = 2.0
) -> float:
    """Median seconds of some steps on one batch, after the one that compiles.

    Args:
        model: compiled; it is trained by this.
        batch: arguments of `train_on_batch`.
        most: steps at most; at least two are made.
        budget_seconds: no further step begins after these.
    """
    model.train_on_batch(*batch)
    seconds: list[float] = []
    while len(seconds) < 2 or (len(seconds) < most and sum(seconds) < budget_seconds):
        began = time.perf_counter()
        model.train_on_batch(*batch)  # returns numbers, so it waits for a GPU
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def _decide_xla(situation: Situation) -> tuple[bool, str]:
    plain, xla = situation.plain_seconds, situation.xla_seconds
    if situation.deterministic:
        return False, "XLA off: it doesn't go together with deterministic kernels"
    if situation.device.replicas:
        return False, "XLA off: it can't compile what several GPUs do together"
    if plain is None or xla is None:
        return False, "XLA off: it wasn't tried or failed"
    measured = f"{1000 * xla:.3g} ms a step with it, {1000 * plain:.3g} ms without"
    return (True, f"XLA on: {measured}") if xla < plain else (False, f"XLA off: {measured}")


def _decide_steps(situation: Situation, seconds: float | None) -> tuple[int, str]:
    if situation.device.replicas:
        return 1, "one step per execution, as several GPUs are in step anyway"
    if situation.rate_changes:
        return 1, "one step per execution, because the learning rate changes at each"
    if seconds is None:
        return 1, "one step per execution, because its time isn't known"
    for steps in _STEPS:
        divides = all(boundary % steps == 0 for boundary in situation.boundaries)
        if divides and steps * seconds <= MOST_WAITING_SECONDS:
            return steps, f"{steps} steps per execution"
    return 1, "one step per execution: more don't divide the epoch or would delay a stop"


def _in_one_line(*parts: str) -> str:
    return "; ".join(filter(None, parts)) + "."


def _on_precision(situation: Situation) -> str:
    """A hint where the precision isn't the GPU's fastest; the config's holds all the same.

    On a CPU another than the usual one is named, without a word of which is the fastest.
    """
    device, precision = situation.device, situation.precision
    if not device.is_gpu:
        return "" if precision == "float32" else precision
    if device.compute_capability is None:
        return ""
    best = device.mixed_precision
    if precision == "float32":
        return f"float32, though {best} may be faster on this GPU" if best else ""
    if best is None:
        return f"{precision} isn't known to be faster than float32 on this GPU"
    return precision if best == precision else f"{precision}, though {best} suits this GPU better"
