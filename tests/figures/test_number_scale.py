"""An axis from 0 to 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.figures.number_scale import NumberScale

NUMBERS = st.lists(st.floats(-1e6, 1e6).filter(lambda one: one == 0 or abs(one) > 1e-6), min_size=1)


@given(NUMBERS)
def test_all_numbers_lie_on_it_in_their_order_and_are_found_again(values):
    scale = NumberScale.of(values)
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places) and -1e-9 <= places[0] <= places[-1] <= 1 + 1e-9
    reach = scale.high - scale.low
    for value in values:
        assert scale.value(scale.place(value)) == pytest.approx(value, abs=1e-9 * reach, rel=1e-6)


def test_learning_rates_lie_by_powers_of_ten():
    scale = NumberScale.of([0.0001, 0.01])
    assert scale.is_log and scale.place(0.001) == pytest.approx(0.5)
    assert scale.ticks == [0.0001, 0.0003, 0.001, 0.003, 0.01]
    assert not NumberScale.of([0, 0.0001, 1]).is_log
    assert not NumberScale.of([1, 40]).is_log
    assert not NumberScale.of([0.1, 100], may_be_log=False).is_log


def test_a_single_number_lies_in_the_middle():
    assert NumberScale.of([4.0]).place(4.0) == 0.5
    assert NumberScale.of([0.0]).place(0.0) == 0.5
