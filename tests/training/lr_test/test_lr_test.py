"""Learning-rate tests of tiny networks: what they leave alone, and that they come out the same."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.course.phases import span_with_run_rate, spans_of
from cnnlab.domain.errors import CancelledError, ConfigError
from cnnlab.training.devices.device import choose_device
from cnnlab.training.lr_test.lr_test import STEPS, TESTS, lr_test, rising_rates
from cnnlab.training.lr_test.sweeps import Sweeps
from cnnlab.training.network.model import build_model
from cnnlab.training.seeds import checksum

RATES = [float(rate) for rate in np.geomspace(1e-5, 1, 12)]


class Listener:
    def __init__(self, ends_at=None):
        self.phases, self.told, self._ends_at = [], [], ends_at

    def phase(self, text):
        self.phases.append(text)

    def progress(self, done, total):
        self.told.append((done, total))
        if len(self.told) == self._ends_at:
            raise CancelledError("Cancelled.")

    def beat(self):
        pass


@pytest.fixture
def sweeps(tiny_data, tiny_config):
    """Builds trainings of a config with the given parts."""

    def build(data=tiny_data, **parts):
        config = tiny_config(**parts)
        device = choose_device("cpu")
        return Sweeps(config, data, device, spans_of(config)[0], Listener())

    return build


def test_a_test_finds_a_rate_and_tells_how_far_it_is(tiny_data, tiny_config):
    listener = Listener()
    outcome = lr_test(tiny_config(), tiny_data, listener)
    assert 1e-4 < outcome["suggestion"] < 0.3
    assert len(outcome["suggestions"]) == TESTS
    assert outcome["steps"] == STEPS
    assert listener.phases == ["Building the model", "Raising the learning rate"]
    assert listener.told == sorted(listener.told)
    assert listener.told[-1][0] <= listener.told[-1][1] == TESTS * STEPS


def test_equal_configs_give_equal_losses_and_each_training_its_own(sweeps):
    parts = {
        "augmentation": {"flip": "horizontal"},
        "regularization": {"dropout": 0.3},
        "training": {"class_weights": "balanced"},
    }
    first, second = sweeps(**parts), sweeps(**parts)
    losses = [first.run(number, RATES, 3) for number in range(3)]
    assert losses == [second.run(number, RATES, 3) for number in range(3)]
    assert len({tuple(one) for one in losses}) == 3


def test_the_first_training_begins_with_the_weights_of_the_run(sweeps, tiny_config, tiny_data):
    trained = sweeps().trained
    assert checksum(trained.weights) == checksum(
        build_model(tiny_config(), tiny_data.image_shape, tiny_data.classes).weights
    )


@pytest.mark.parametrize(
    "optimizer", ["schedule_free_adamw", pytest.param("muon", marks=pytest.mark.exhaustive)]
)
def test_an_optimizer_begins_anew_with_each_training(sweeps, optimizer):
    """One keeps a copy of the weights, which must be those of its own start."""
    parts = {"optimizer": {"name": optimizer}}
    used, fresh = sweeps(**parts), sweeps(**parts)
    used.run(0, RATES, 3)
    assert used.run(1, RATES, 3) == fresh.run(1, RATES, 3)


def test_added_up_gradients_make_one_loss(sweeps):
    losses = sweeps(optimizer={"gradient_accumulation_steps": 3}).run(0, RATES, 1)
    assert len(losses) <= len(RATES)
    assert losses[0] != sweeps().run(0, RATES, 1)[0]  # of three batches


def test_a_diverging_loss_ends_a_training(sweeps):
    losses = sweeps(optimizer={"name": "sgd"}).run(0, [1e-3, 1e-3, 1e12, *[1e12] * 20], 1)
    assert len(losses) < 10


@pytest.mark.parametrize(
    "augmentation", [{"flip": "horizontal"}, pytest.param({}, marks=pytest.mark.exhaustive)]
)
def test_frozen_layers_are_computed_once(sweeps, augmentation):
    parts = {"architecture": {"frozen_layers": 3}, "augmentation": augmentation}
    first = sweeps(**parts)
    assert first.features is not None
    losses = [first.run(number, RATES, 3) for number in range(2)]
    assert losses[0] != losses[1]
    assert losses == [sweeps(**parts).run(number, RATES, 3) for number in range(2)]


def test_a_phase_trains_its_own_layers(tiny_data, tiny_config):
    phases = [{"epochs": 2, "trainable_blocks": 0, "learning_rate": 0.1}, {"epochs": 3}]
    config = tiny_config(architecture={"phases": phases})
    first, second = spans_of(config)
    assert span_with_run_rate(config) == second
    device = choose_device("cpu")
    heads = [
        Sweeps(config, tiny_data, device, span, Listener()).trained for span in (first, second)
    ]
    assert [len(head.trainable_weights) for head in heads] == [2, 8]
    for phase in phases:
        phase["learning_rate"] = 0.1
    with pytest.raises(ConfigError, match=r"architecture.phases has a learning_rate of its own"):
        lr_test(tiny_config(architecture={"phases": phases}), tiny_data, Listener())


def test_ten_pictures_are_too_few(tiny_data, tiny_config):
    few = replace(tiny_data, train=tiny_data.train[:8])
    outcome = lr_test(tiny_config(), few, Listener())
    assert outcome["suggestion"] is None
    assert "16 training images or more, and the dataset has 8" in outcome["words"]


def test_a_cancelled_test_ends(tiny_data, tiny_config):
    with pytest.raises(CancelledError):
        lr_test(tiny_config(), tiny_data, Listener(ends_at=2))


@pytest.mark.parametrize(("name", "usual"), USUAL_LEARNING_RATES.items())
def test_the_rates_reach_far_around_what_is_usual(name, usual):
    rates = rising_rates(name)
    assert len(rates) == STEPS
    assert rates[0] == pytest.approx(usual / 1000)
    assert rates[-1] == pytest.approx(min(1000 * usual, 10))
    ratios = np.diff(np.log(rates))
    assert ratios == pytest.approx(ratios[0])
