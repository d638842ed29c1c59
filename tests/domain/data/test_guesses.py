"""The most probable classes of a picture, and what a temperature makes of them."""

import numpy as np
import pytest

from cnnlab.domain.data.guesses import guesses, most_probable

P = np.array([0.1, 0.5, 0.05, 0.2, 0.1, 0.05], np.float32)
NAMES = tuple("abcdef")


def test_the_five_most_probable_classes_come_with_the_models_own_probabilities():
    said = guesses(P, NAMES, None)
    assert [one["class"] for one in said] == ["b", "d", "a", "e", "c"]
    assert [one["probability"] for one in said] == [float(P[k]) for k in (1, 3, 0, 4, 2)]
    assert {one["calibrated"] for one in said} == {None}
    assert most_probable(P[:2]).tolist() == [1, 0]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_temperature_divides_the_logits_and_leaves_the_order(temperature):
    logits = np.array([2.0, -1.0, 0.5])
    p = np.exp(logits) / np.exp(logits).sum()
    expected = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    said = guesses(p.astype(np.float32), NAMES, temperature)
    assert [one["calibrated"] for one in said] == pytest.approx(sorted(expected)[::-1], rel=1e-5)
