"""What a search tries next where little is left to try."""

import pytest

from cnnlab.domain.search import Range
from cnnlab.runner.searching.next_setting import ALL_TRIED, NONE_FOUND, next_setting
from cnnlab.searching import sampling
from tests.domain.test_search import RATE, search
from tests.searching.test_sampling import told

FLIP = Range("augmentation.flip", choices=("none", "horizontal"))
NORM = Range("regularization.batch_norm", choices=(False, True))
UNITS = Range("architecture.dense_units", choices=(0, 64, 128))
BLOCKS = Range("architecture.conv_blocks", 2, 3)


def try_all(found, most=60, worth=lambda values: len(repr(values))):
    """The settings that are tried until there is nothing more, and why there isn't."""
    tried = []
    for number in range(most):
        values = next_setting(found, tried, number, 2)
        if isinstance(values, str):
            return [trial.values for trial in tried], values
        tried.append(told(number, values, worth(values)))
    return [trial.values for trial in tried], ""


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_every_setting_is_tried_before_that_is_said(sampler):
    found = search(FLIP, NORM, UNITS, BLOCKS, sampler=sampler)
    tried, why = try_all(found)
    known = tried[1:] if tried[0]["architecture.conv_blocks"] is None else tried
    assert why == ALL_TRIED
    assert len({repr(values) for values in known}) == len(known) == 24


def test_what_cannot_be_built_is_left_out_of_every_setting():
    """Six blocks halve 16 px to nothing."""
    found = search(Range("image.size", choices=(16, 64)), Range("architecture.conv_blocks", 4, 6))
    tried, why = try_all(found)
    assert why == ALL_TRIED
    sizes = [(one["image.size"], one["architecture.conv_blocks"]) for one in tried[1:]]
    assert sorted(sizes) == [(16, 4), (64, 4), (64, 5), (64, 6)]


def test_it_does_not_say_every_where_it_cannot_know(monkeypatch):
    found = search(RATE)
    monkeypatch.setattr(sampling, "_value", lambda one, drawn: 0.01)
    tried, why = try_all(found)
    assert [one[RATE.field] for one in tried] == [0.001, 0.01]
    assert why == NONE_FOUND


def test_the_sampler_is_asked_a_few_times_only_and_its_study_made_once(monkeypatch):
    found = search(FLIP, NORM)
    tried = [told(number, values, 0.5) for number, values in enumerate(try_all(found)[0])]
    made, sampler = [], sampling.optuna.samplers.TPESampler
    real = sampler.sample_relative
    monkeypatch.setattr(
        sampler, "sample_relative", lambda *given: made.append(given[1]) or real(*given)
    )
    assert next_setting(found, tried, len(tried), 2) == ALL_TRIED
    assert 0 < len(made) <= 3
    assert len(set(map(id, made))) == 1
