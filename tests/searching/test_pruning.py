"""Which trial is ended early; the rule is compared with Optuna's."""

import math
from dataclasses import replace

import numpy as np
import optuna
import pytest

from cnnlab.domain.search import Range, Trial, TrialState
from cnnlab.searching.pruning import why_hopeless
from tests.domain.test_search import search


def trial(number, *curves, state=TrialState.COMPLETE, values=None):
    by_seed = dict(enumerate(map(tuple, curves)))
    value = curves[0][-1] if state is TrialState.COMPLETE else None
    return Trial(number, values or {}, state, value, None, by_seed, {}, 1.0)


def running(*curves, **values):
    return trial(99, *curves, state=TrialState.RUNNING, **values)


COMPLETE = [trial(number, [value] * 20) for number, value in enumerate((0.1, 0.2, 0.3, 0.4, 0.5))]
"""Their median is 0.3 at any epoch."""


def test_a_trial_below_the_median_is_ended_and_told_why():
    words = why_hopeless(search(), running([0.1, 0.25, 0.2, 0.2]), COMPLETE)
    assert words == (
        "Ended after epoch 4: its best validation accuracy, 25.0\u00a0%, "
        "was worse than the 30.0\u00a0% that "
        "half of 5 complete trials had at that epoch."
    )


@pytest.mark.parametrize(
    ("curve", "why"),
    [
        ([0.1] * 3, "it warms up"),
        ([0.1, 0.1, 0.1, 0.31], "it is above the median"),
        ([0.4, 0.1, 0.1, 0.1], "it was above it once"),
        ([0.3] * 4, "it is as good as the median"),
        ([0.1] * 20, "nothing would be saved any more"),
        ([], "it hasn't begun"),
    ],
)
def test_a_trial_goes_on_because(curve, why):
    assert why_hopeless(search(), running(curve), COMPLETE) is None, why


def test_nothing_is_ended_where_that_is_not_wanted_or_too_little_is_known():
    bad = running([0.01] * 5)
    assert why_hopeless(search(prunes=False), bad, COMPLETE) is None
    assert why_hopeless(search(), bad, COMPLETE[:4]) is None
    pruned = [replace(one, state=TrialState.PRUNED) for one in COMPLETE[:2]]
    assert why_hopeless(search(), bad, [*pruned, *COMPLETE[2:]]) is None
    short = [trial(number, [0.1 * number] * 4) for number in range(1, 6)]
    assert why_hopeless(search(), bad, short) is None


def test_long_runs_warm_up_for_longer():
    assert search(epochs=100).warm_up_epochs == 10
    assert search(Range("training.epochs", 50, 100), epochs=100).warm_up_epochs == 5
    assert why_hopeless(search(epochs=100), running([0.1] * 10), COMPLETE) is None
    assert why_hopeless(search(epochs=100), running([0.1] * 11), COMPLETE)


def test_less_cross_entropy_is_better():
    found = search(objective="val_cross_entropy")
    assert why_hopeless(found, running([0.2] * 4), COMPLETE) is None
    assert "its lowest validation cross-entropy, 0.400, was worse than the 0.300" in str(
        why_hopeless(found, running([0.4] * 4), COMPLETE)
    )
    penalised = search(objective="gap_penalised")
    assert "accuracy less half of the gap" in str(
        why_hopeless(penalised, running([0.2] * 4), COMPLETE)
    )


def test_what_was_never_finite_is_ended():
    words = why_hopeless(search(), running([math.nan] * 4), COMPLETE)
    assert words == "Ended after epoch 4: none of its epochs had a finite value."


def test_seeds_are_compared_with_the_same_seeds():
    """The second seed is an easy one: in all trials it does better than the first."""
    both = [trial(n, [0.1 * n] * 20, [0.1 * n + 0.3] * 20) for n in range(1, 6)]
    found = search(seeds=(0, 1))
    assert why_hopeless(found, running([0.35] * 20, [0.62] * 4), both) is None
    assert why_hopeless(found, running([0.35] * 20, [0.5] * 4), both)
    assert why_hopeless(found, running([0.35] * 20, [0.5] * 3), both) is None


def test_it_is_the_rule_of_optuna():
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=3)
    generator, found = np.random.default_rng(3), search()
    study = optuna.create_study(direction="maximize")
    ours, ended = [], 0
    for number in range(60):
        curve, why = list(generator.random() * np.sort(generator.random(20))), None
        asked = study.ask()
        for epoch, value in enumerate(curve):
            asked.report(value, epoch)
            frozen = study.get_trials(deepcopy=False)[-1]
            theirs = bool(pruner.prune(study, frozen)) and epoch < 19
            why = why_hopeless(found, running(curve[: epoch + 1]), ours)
            assert bool(why) is theirs, (number, epoch)
            if theirs:
                break
        if why:
            study.tell(asked, state=optuna.trial.TrialState.PRUNED)
            ended += 1
        else:
            study.tell(asked, curve[-1])
            ours.append(trial(number, curve))
    assert 20 < ended < 55
