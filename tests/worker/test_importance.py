"""How much each field mattered, against functions whose answer is known."""

import subprocess
import sys

import numpy as np
import pytest

from cnnlab.domain.search import Range
from cnnlab.worker.importance import importance_of

RANGES = [
    Range("optimizer.learning_rate", 1e-4, 1e-1, log=True),
    Range("architecture.preset", choices=("tiny_cnn", "small_cnn")),
    Range("regularization.dropout", 0.0, 0.5),
]


def drawn(trials, worth, *, seed=0):
    generator = np.random.default_rng(seed)
    settings = [
        {
            "optimizer.learning_rate": float(10 ** generator.uniform(-4, -1)),
            "architecture.preset": ("tiny_cnn", "small_cnn")[generator.integers(2)],
            "regularization.dropout": float(generator.uniform(0, 0.5)),
        }
        for _ in range(trials)
    ]
    return settings, [float(worth(each) + generator.normal(0, 0.002)) for each in settings]


def test_each_field_gets_the_share_that_it_has():
    settings, values = drawn(
        100,
        lambda each: (
            0.1 * np.log10(each["optimizer.learning_rate"])
            + 0.1 * (each["architecture.preset"] == "small_cnn")
        ),
    )
    found = importance_of(RANGES, settings, values)
    assert found["trials"] == 100
    # The variances: 0.01 * 9 / 12 of the logarithm, 0.01 / 4 of the two networks.
    rate, preset, dropout = found["fields"].values()
    assert rate["share"] == pytest.approx(0.75, abs=0.05)
    assert preset["share"] == pytest.approx(0.25, abs=0.05)
    assert dropout["share"] < 0.05
    assert all(0 <= each["low"] <= each["share"] <= each["high"] <= 1 for each in (rate, preset))
    assert dropout["high"] < preset["low"] < preset["high"] < rate["low"]


def test_with_few_trials_and_much_noise_the_intervals_overlap():
    settings, values = drawn(20, lambda _: 0.0)
    fields = list(importance_of(RANGES, settings, values)["fields"].values())
    order = sorted(fields, key=lambda each: each["share"])
    assert order[-1]["low"] < order[-2]["high"]


def test_where_all_trials_are_worth_the_same_nothing_matters():
    settings, _ = drawn(20, lambda _: 0.0)
    assert all(
        each == {"share": 0.0, "low": 0.0, "high": 0.0}
        for each in importance_of(RANGES, settings, [0.5] * 20)["fields"].values()
    )


def test_progress_is_told_and_may_end_the_work():
    settings, values = drawn(20, lambda each: each["regularization.dropout"])

    def enough(done, total):
        raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError, match="0 of 24"):
        importance_of(RANGES, settings, values, enough)


def test_the_worker_loads_optuna_only_when_it_is_at_it():
    program = (
        "import cnnlab.worker.importance, sys; print({'optuna', 'sklearn'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "set()\n"
