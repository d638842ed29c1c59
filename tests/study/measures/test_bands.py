import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.study.measures.bands import band, curve, value_of


def histories(*curves, metric="val_accuracy"):
    return {seed: [{metric: value} for value in values] for seed, values in enumerate(curves)}


def test_the_band_is_the_t_interval_of_the_mean():
    found = band(histories([0.7, 0.5], [0.8, 0.5], [0.9, 0.5]), "val_accuracy")
    # sd = 0.1, t(2 df, 97.5 %) = 4.302653: half = 4.302653 * 0.1 / sqrt(3)
    assert (found.epochs, found.seeds) == ([0, 1], 3)
    assert found.mean == pytest.approx([0.8, 0.5])
    assert found.low == pytest.approx([0.551586, 0.5], abs=1e-6)
    assert found.high == [1.0, 0.5]  # not 1.048414: no accuracy is above 1


def test_two_seeds_have_the_widest_quantile():
    found = band(histories([0.4], [0.6]), "val_accuracy")
    # sd = 0.141421, t(1 df, 97.5 %) = 12.706205
    assert (found.low, found.high) == ([0.0], [1.0])
    rate = band(histories([0.4], [0.6], metric="learning_rate"), "learning_rate")
    assert rate.high == pytest.approx([0.5 + 12.706205 * 0.141421 / math.sqrt(2)], abs=1e-5)
    nats = band(histories([0.4], [0.6], metric="val_cross_entropy"), "val_cross_entropy")
    assert nats.low == [0.0]
    assert nats.high == rate.high


def test_one_seed_has_no_width():
    found = band(histories([0.4, 0.5]), "val_accuracy")
    assert found.low == found.mean == found.high == [0.4, 0.5]
    assert found.seeds == 1


def test_only_epochs_that_every_begun_seed_reached_count():
    found = band(histories([0.4, 0.5, 0.6], [0.6, 0.7], []), "val_accuracy")
    assert (found.epochs, found.seeds) == ([0, 1], 2)
    assert found.mean == pytest.approx([0.5, 0.6])


@pytest.mark.parametrize("empty", [{}, {0: [], 1: []}])
def test_before_the_first_epoch_there_is_none(empty):
    assert band(empty, "val_accuracy").epochs == []


def test_the_gap_is_clean_train_minus_validation():
    record = {"clean_accuracy": 0.9, "val_accuracy": 0.7}
    assert value_of(record, "gap") == pytest.approx(0.2)
    assert math.isnan(value_of(record | {"clean_accuracy": None}, "gap"))


def test_what_is_not_known_is_not_a_number():
    values = curve([{"memorized": 0.2}, {"memorized": None}, {}], "memorized")
    assert values[0] == 0.2
    assert all(map(math.isnan, values[1:]))


@given(st.lists(st.lists(st.floats(-5, 5), min_size=4, max_size=4), min_size=1, max_size=6))
def test_the_mean_lies_in_the_band_whatever_the_order_of_the_seeds(curves):
    found = band(histories(*curves), "val_accuracy")
    turned = band(histories(*curves[::-1]), "val_accuracy")
    for low, mean, high in zip(found.low, found.mean, found.high, strict=True):
        assert low <= mean <= high
    assert found.mean == pytest.approx(turned.mean)
    assert found.high == pytest.approx(turned.high)


def test_a_seed_that_has_just_begun_does_not_cut_the_others_short():
    long, short = histories([0.5, 0.6, 0.7])[0], histories([0.1])[0]
    found = band({0: long, 1: long, 2: short}, "val_accuracy")
    assert (len(found.epochs), found.seeds) == (3, 2)
    alone = band({0: long, 2: short}, "val_accuracy")
    assert (len(alone.epochs), alone.seeds) == (1, 2)
