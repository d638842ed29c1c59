"""Remedies that would change nothing, because the run doesn't heed the field."""

import pytest

from cnnlab.diagnosis.data_remedies import against_imbalance
from cnnlab.diagnosis.effective import changes_something
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status


def phased(*rates):
    phases = [{"epochs": 5, "learning_rate": rate} for rate in rates]
    return load_config({"architecture": {"phases": phases or None}})


@pytest.mark.parametrize(
    ("field", "before", "changes"),
    [
        ("training.epochs", phased(), True),
        ("training.epochs", phased(None), False),
        ("optimizer.learning_rate", phased(), True),
        ("optimizer.learning_rate", phased(None, 1e-4), True),
        ("optimizer.learning_rate", phased(1e-3, 1e-4), False),
        ("regularization.dropout", phased(1e-3), True),
    ],
)
def test_phases_have_their_own_epochs_and_maybe_their_own_rates(field, before, changes):
    heeded = changes_something([field], before, before, epochs=5, status=Status.FINISHED)
    assert heeded == changes


@pytest.mark.parametrize(
    ("field", "values", "changes"),
    [
        ("training.focal_gamma", {"training": {"loss": "focal"}}, True),
        ("training.focal_gamma", {}, False),
        ("optimizer.momentum", {"optimizer": {"name": "rmsprop"}}, True),
        ("optimizer.momentum", {}, False),
        ("optimizer.nesterov", {"optimizer": {"name": "sgd"}}, True),
        ("optimizer.nesterov", {"optimizer": {"name": "rmsprop"}}, False),
    ],
)
def test_what_belongs_to_another_loss_or_optimizer_changes_nothing(field, values, changes):
    config = load_config(values)
    heeded = changes_something([field], config, config, epochs=5, status=Status.FINISHED)
    assert heeded == changes


@pytest.mark.parametrize("field", ["class_weights", "sampling"])
def test_what_is_balanced_is_not_to_be_balanced_again(field):
    config = load_config({"training": {field: "balanced"}})
    (remedy,) = against_imbalance(config, [90, 10])
    assert not remedy.changes and "balanced already" in remedy.words
    first, _ = against_imbalance(load_config({}), [90, 10])
    assert first.changes == {"training.class_weights": "balanced"}
