import pytest

from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.schedule import learning_rate_at


def rate_after(values: list[float], **schedule: float) -> float:
    """Learning rate after epochs with these validation cross-entropies; it began at 1."""
    plateau = {"name": "reduce_on_plateau", "patience_epochs": 1} | schedule
    optimizer = Optimizer(learning_rate=1.0, schedule=plateau)
    return learning_rate_at(
        optimizer, len(values), steps_per_epoch=1, epochs=200, val_cross_entropies=values
    )


@pytest.mark.parametrize(
    ("factor", "least", "epochs", "expected"),
    [
        (0.5, 0.001, 5, 0.5**4),
        (0.5, 0.001, 100, 0.001),
        (0.1, 0.001, 100, 0.001),
        (0.9, 0.05, 100, 0.05),
        (0.5, 0.0, 100, 0.5**99),
        (0.5, 1.0, 100, 1.0),
    ],
)
def test_a_rate_that_is_reduced_on_plateaus_has_a_floor(factor, least, epochs, expected):
    stalled = [1.0] * epochs
    rate = rate_after(stalled, factor=factor, least_fraction=least)
    assert rate == pytest.approx(expected, rel=1e-12)


def test_the_floor_is_there_without_being_asked_for():
    assert rate_after([1.0] * 150) == pytest.approx(0.001)
