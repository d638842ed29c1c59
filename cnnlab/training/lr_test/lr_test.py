"""A learning-rate test: three short trainings with a rising rate, and the median of what they say.

Smith, *Cyclical learning rates for training neural networks* (arXiv:1506.01186), section 3.3.
"""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES, Optimizer
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import span_with_run_rate
from cnnlab.domain.records.lr_test import LrTestOutcome
from cnnlab.fields import bounds
from cnnlab.training.devices.device import choose_device
from cnnlab.training.devices.replicas import computing_on, refuse_unsound
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.trial import settle
from cnnlab.training.lr_test.conclusions import LEAST_IMAGES, conclude, too_few
from cnnlab.training.lr_test.sweeps import Listener, Sweeps
from cnnlab.training.network.pretrained import StartWeights

TESTS, STEPS = 3, 60
"""Of 12 configs on six sets, the tests disagreed by more than tenfold on 6 with 40 steps, on 2 with
60."""

_AROUND = 1000.0
"""Rates begin at a thousandth of the optimizer's usual one and end at a thousand times of it, or at
the highest legal one."""


def lr_test(
    config: RunConfig, data: TrainingData, recorder: Listener, start: StartWeights | None = None
) -> LrTestOutcome:
    """Find a learning rate for a run; its own `optimizer.learning_rate` plays no part in that.

    Everything else is the run's: network and start weights, what is frozen, optimizer, batch size,
    augmentation, loss, precision, class weights. With phases it is a rate for the first of them
    that takes the run's.

    Args:
        config: of the run.
        data: of the run.
        recorder: is told what is being done.
        start: the weights that `architecture.pretrained` names.

    Raises:
        ConfigError: the network or the device of the config is impossible, none of the weights in
            `start` fit, or no phase takes the run's learning rate.
        TrainingError: the memory doesn't suffice (cause `memory`).
    """
    span = span_with_run_rate(config)
    if len(data.train) < LEAST_IMAGES:
        return too_few(config, len(data.train))
    recorder.phase("Building the model")
    device = choose_device(config.training.device)
    refuse_unsound(config, device)
    rates = rising_rates(config.optimizer.name)
    with computing_on(device):
        config, _ = settle(config, data, device, None)
        sweeps = Sweeps(config, data, device, span, recorder, start)
        recorder.phase("Raising the learning rate")
        losses = [sweeps.run(number, rates, TESTS) for number in range(TESTS)]
    return conclude(config, rates, losses, len(data.train))


def rising_rates(optimizer: str) -> Sequence[float]:
    """The learning rates of a test, each the same multiple of the one before.

    Args:
        optimizer: its name in the config.
    """
    usual = USUAL_LEARNING_RATES[optimizer]
    _, most = bounds(Optimizer.model_fields["learning_rate"])
    low, high = usual / _AROUND, min(usual * _AROUND, most or usual)
    return [float(rate) for rate in np.geomspace(low, high, STEPS)]
