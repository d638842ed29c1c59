"""Remedies that would change nothing, because the run doesn't heed the field."""

import pytest

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
