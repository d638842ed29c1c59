"""Widths and hills of arms, against bowls and hills of known size."""

import math

import pytest

from cnnlab.study.measures.landscape import (
    RISE_NATS,
    barrier_words,
    barriers_of,
    compare_widths,
    cut_seeds,
    line_bands,
    losses_of,
    rise_bands,
    width,
    width_words,
    widths_of,
)
from tests.study.made_solutions import DISTANCES, study_landscape

NARROW = [0.2, 0.22, 0.21, 0.19]
WIDE = [0.3, 0.33, 0.32, 0.3]
LOSSES = {"baseline": 0.2, "dropout": 0.2, "L2": 0.2}


@pytest.mark.parametrize("wide", [0.05, 0.15, 0.4, 0.61])
def test_the_width_of_a_bowl_is_exact_between_the_distances(wide):
    rises = [RISE_NATS * (distance / wide) ** 2 for distance in DISTANCES]
    assert width(DISTANCES, rises) == pytest.approx(wide)


def test_what_never_rises_so_far_is_as_wide_as_was_measured():
    assert width(DISTANCES, [0.0, 0.1, 0.2, 0.3]) == 0.8
    assert width(DISTANCES, [-0.1, -0.2, 0.5, 0.9]) == pytest.approx(0.4)


def test_what_is_not_finite_ends_the_way():
    assert width(DISTANCES, [0.0, 0.1, None, None]) == 0.4


def test_a_solution_whose_own_loss_is_not_finite_has_no_width():
    found = study_landscape({"baseline": NARROW, "dropout": WIDE})
    lost = found["widths"][-1]
    lost["cross_entropy"], lost["rises"] = None, [None] * len(DISTANCES)
    assert widths_of(found)["dropout"].keys() == {0, 1, 2}
    assert cut_seeds(found) == {}


def test_solutions_that_never_rise_so_far_are_counted():
    assert cut_seeds(study_landscape({"baseline": NARROW, "dropout": [0.3, 0.9, 1.2]})) == {
        "dropout": 2
    }


def test_wider_minima_are_found_seed_by_seed():
    found = study_landscape({"baseline": NARROW, "dropout": WIDE})
    assert widths_of(found)["dropout"] == pytest.approx(dict(enumerate(WIDE)))
    pairs = compare_widths(found, "baseline")["dropout"]
    assert pairs.found == "more"
    words = width_words(pairs, "baseline", LOSSES)
    assert words.startswith("Dropout lies in wider minima than baseline: its loss has risen by 0.5")
    assert (
        "moved by 31\u00a0% of its length in a random direction, "
        "that of baseline by 20\u00a0% (diff"
    ) in words
    swapped = compare_widths(study_landscape({"baseline": WIDE, "L2": NARROW}), "baseline")["L2"]
    assert "L2 lies in narrower minima" in width_words(swapped, "baseline", LOSSES)


def test_what_can_not_be_told_is_said():
    mixed = study_landscape({"baseline": NARROW, "dropout": [0.1, 0.4, 0.21, 0.3]})
    words = width_words(compare_widths(mixed, "baseline")["dropout"], "baseline", LOSSES)
    assert words.startswith("Can't tell whether dropout lies in wider minima")
    few = study_landscape({"baseline": NARROW[:2], "dropout": WIDE[:2]})
    pairs = compare_widths(few, "baseline")["dropout"]
    assert width_words(pairs, "baseline", LOSSES).endswith("so few seeds prove nothing.")


def test_a_width_beyond_what_was_measured_is_said_to_be_at_least_so_large():
    far = study_landscape({"baseline": NARROW, "dropout": [5.0] * 4})
    words = width_words(
        compare_widths(far, "baseline")["dropout"], "baseline", LOSSES, DISTANCES[-1]
    )
    assert "at least 80\u00a0%" in words


def test_a_wide_place_of_a_network_that_has_learned_less_may_be_a_plateau():
    found = study_landscape({"baseline": NARROW, "dropout": WIDE})
    assert losses_of(found) == pytest.approx({"baseline": 0.2, "dropout": 0.2})
    pairs = compare_widths(found, "baseline")["dropout"]
    alike, worse, better = (
        width_words(pairs, "baseline", LOSSES | {"dropout": loss}) for loss in (0.25, 1.7, 0.05)
    )
    assert "plateau" not in alike and "plateau" not in better
    assert "is 1.70 nats for dropout and 0.20 for baseline: who has learned less may" in worse
    narrower = compare_widths(study_landscape({"baseline": WIDE, "L2": NARROW}), "baseline")["L2"]
    assert "1.70 nats for baseline" in width_words(
        narrower, "baseline", {"baseline": 1.7, "L2": 0.2}
    )


def test_the_rise_begins_at_nothing():
    bands = rise_bands(study_landscape({"baseline": NARROW}))
    assert len(bands["baseline"].mean) == len(DISTANCES) + 1
    assert bands["baseline"].mean[0] == 0


def test_a_hill_is_as_high_as_it_lies_above_the_straight_way_between_both_ends():
    found = study_landscape(
        {"baseline": NARROW, "dropout": WIDE}, hills={"dropout": [0.5, 0.7, 0.6, 0.6]}
    )
    barrier = barriers_of(found)["dropout"]
    assert barrier.ends == pytest.approx((0.2, 0.4))
    assert barrier.height == pytest.approx(0.6)
    words = barrier_words("dropout", barrier, "baseline")
    assert words.startswith(
        "Between baseline and dropout (train cross-entropy 0.200 and 0.400 nats)"
    )
    assert "a hill rises 0.60 nats above the straight way" in words
    validation = line_bands(found, "validation")["dropout"]
    train = line_bands(found, "train")["dropout"]
    assert validation.mean == pytest.approx([0.1 + loss for loss in train.mean])


def test_without_a_hill_that_is_said():
    found = study_landscape({"baseline": NARROW}, hills={"dropout": [0.0] * 4})
    words = barrier_words("dropout", barriers_of(found)["dropout"], "baseline")
    assert "there is no hill" in words


def test_of_a_loss_that_is_not_finite_on_the_way_nothing_is_known():
    found = study_landscape({"baseline": NARROW}, hills={"dropout": [0.1]})
    found["lines"][0]["train"][4] = None
    assert barriers_of(found) == {}
    assert math.isnan(line_bands(found, "train")["dropout"].mean[4])
