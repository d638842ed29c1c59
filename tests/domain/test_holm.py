import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.holm import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_holm_by_hand():
    # 4 * .01, 3 * .02, 2 * .03 (not below the one before), 1 * .3
    assert holm([0.03, 0.01, 0.3, 0.02]) == pytest.approx([0.06, 0.04, 0.3, 0.06])
    assert holm([0.6, 0.7]) == [1, 1]
    assert holm([]) == []


@given(P_VALUES)
def test_adjusted_p_values_keep_the_order_and_are_never_smaller(p_values):
    adjusted = np.array(holm(p_values))
    assert (adjusted >= p_values).all()
    assert (np.diff(adjusted[np.argsort(p_values)]) >= 0).all()
