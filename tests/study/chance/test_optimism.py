import numpy as np
import pytest

from cnnlab.study.chance.optimism import Optimism, optimism_of
from tests.made_runs import wavering_predictions


def made(epochs, images):
    said = wavering_predictions(epochs, images)
    right = np.stack([one.probabilities.argmax(axis=1) == one.labels for one in said])
    rows = np.arange(images)
    losses = np.stack([-np.log(one.probabilities[rows, one.labels]) for one in said])
    return right, losses


def test_the_best_of_wavering_epochs_is_said_to_look_too_good():
    right, losses = made(30, 200)
    best = int(right.mean(axis=1).argmax())
    found = optimism_of(best, right[best].mean(), right, losses)
    # Every epoch is right on 74.4 % of all images: P(.8 + a + .7 b > 0) for standard normal a, b.
    assert found.accuracy > 0.744 + 0.02
    assert 0.02 < found.difference < 0.06
    assert found.expected == pytest.approx(found.accuracy - found.difference)
    assert found.low < 0.744 < found.high
    shown = round(100 * found.accuracy, 1) - round(100 * found.expected, 1)
    assert found.words == (
        f"Best epoch {best + 1}: {100 * found.accuracy:.1f}\u00a0%. "
        f"The validation images chose this epoch, so that is "
        f"about {shown:.1f} points too good. Without that choice: "
        f"{100 * found.expected:.1f}\u00a0%; judged by 200 validation images "
        "it may be anything from "
        f"{100 * found.low:.1f} to {100 * found.high:.1f}\u00a0%."
    )


def test_an_epoch_that_is_best_by_far_is_not_talked_down():
    right = np.zeros((3, 50), bool)
    right[1, :40] = True
    found = optimism_of(1, 0.8, right, np.ones((3, 50)))
    assert found.difference == pytest.approx(0, abs=1e-12)
    # Wilson's interval of 40 in 50.
    assert (found.low, found.high) == (
        pytest.approx(0.670, abs=1e-3),
        pytest.approx(0.888, abs=1e-3),
    )
    assert found.words.endswith(  # of the accuracy itself, as on the Evaluate page
        "which makes no difference here. Judged by 50 validation images it may be anything from "
        "67.0 to 88.8\u00a0%."
    )


def test_where_it_can_not_be_measured_the_words_say_why():
    found = optimism_of(0, 1.0, np.ones((2, 1), bool), np.ones((2, 1)))
    assert found.difference is None
    assert found.words == (
        "Best epoch 1: 100.0\u00a0%. The validation images chose this epoch, so that is "
        "somewhat too good; by how much a "
        "single image can't tell."
    )


def test_of_a_single_epoch_nothing_was_chosen():
    assert Optimism(0, 1, 0.5).words == "Epoch 1: 50.0\u00a0%, the only one, so none was chosen."


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_interval_never_leaves_what_is_possible(share):
    right = np.full((2, 9), bool(share))
    found = optimism_of(0, share, right, np.ones((2, 9)))
    assert 0 <= found.low <= share <= found.high <= 1
    assert found.high - found.low == pytest.approx(0.299, abs=1e-3)
