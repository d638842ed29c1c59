"""How redundant arms are, against curves whose area has a formula."""

import math

import pytest

from cnnlab.study.measures.units import (
    accuracy_bands,
    compare_kept,
    kept_shares,
    kept_words,
    removed_from,
    undamaged,
)
from tests.study.made_solutions import study_units

BASELINE = [(0.8, 0.2), (0.9, 0.3), (0.85, 0.25), (0.8, 0.3)]
ROBUST = [(0.8, 0.6), (0.9, 0.72), (0.85, 0.65), (0.8, 0.66)]

EQUAL = dict.fromkeys(("baseline", "dropout", "L2"), 0.8)


def test_what_is_kept_is_the_area_under_the_curve_as_a_part_of_what_it_began_with():
    found = study_units({"baseline": BASELINE, "dropout": [(0.7, 0.7)]})
    kept = kept_shares(found, "all")
    expected = {seed: (first + last) / 2 / first for seed, (first, last) in enumerate(BASELINE)}
    assert kept["baseline"] == pytest.approx(expected)
    assert kept["dropout"] == {0: pytest.approx(1.0)}


def test_a_model_that_was_never_right_has_nothing_to_keep():
    found = study_units({"baseline": [(0.0, 0.0)]})
    found["runs"][0]["removed"]["all"]["accuracy"] = [[0.0, 0.0]] * 10
    assert kept_shares(found, "all") == {}


def test_the_curve_of_an_arm_is_the_mean_over_draws_and_seeds_within_its_band():
    band = accuracy_bands(study_units({"baseline": BASELINE}), "all")["baseline"]
    assert band.seeds == 4
    assert band.mean[0] == pytest.approx(sum(first for first, _ in BASELINE) / 4)
    assert band.mean[-1] == pytest.approx(sum(last for _, last in BASELINE) / 4)
    ends = zip(band.low, band.mean, band.high, strict=True)
    assert all(low < mean < high for low, mean, high in ends)
    losses = accuracy_bands(study_units({"baseline": BASELINE}), "all", "val_cross_entropy")
    assert all(map(math.isnan, losses["baseline"].mean))  # a draw without a finite loss


def test_an_arm_that_keeps_more_with_every_seed_is_more_redundant():
    pairs = compare_kept(study_units({"baseline": BASELINE, "dropout": ROBUST}), "all", "baseline")
    assert list(pairs) == ["dropout"]
    found = pairs["dropout"]
    assert (found.found, found.seeds) == ("more", 4)
    assert found.difference.low > 0
    words = kept_words(found, "baseline", "all", EQUAL)
    assert words.startswith(
        "Dropout is more redundant than baseline: it keeps 89\u00a0% of its accuracy"
    )
    assert (
        "while 0 to 90\u00a0% of the units of every layer are removed, baseline 66\u00a0%"
    ) in words
    assert words.endswith(" (difference +23.6 points, +21.9 to +25.2).")
    swapped = compare_kept(study_units({"baseline": ROBUST, "L2": BASELINE}), "all", "baseline")
    assert swapped["L2"].found == "less"
    assert "L2 is less redundant than baseline" in kept_words(
        swapped["L2"], "baseline", "all", EQUAL
    )


def test_who_was_right_less_often_keeps_a_larger_part_by_guessing_and_that_is_said():
    found = study_units({"baseline": BASELINE, "dropout": ROBUST})
    assert undamaged(found) == pytest.approx({"baseline": 0.8375, "dropout": 0.8375})
    pairs = compare_kept(found, "all", "baseline")["dropout"]
    alike, lower, higher = (
        kept_words(pairs, "baseline", "all", EQUAL | {"dropout": accuracy})
        for accuracy in (0.79, 0.5, 0.9)
    )
    assert "guessing" not in alike and "guessing" not in higher
    assert (
        "dropout is right on 50\u00a0% and baseline on 80\u00a0%: of a lower accuracy guessing"
    ) in lower


def test_differences_that_go_both_ways_tell_nothing():
    mixed = [BASELINE[0], ROBUST[1], BASELINE[2], (0.8, 0.1)]
    pairs = compare_kept(study_units({"baseline": BASELINE, "dropout": mixed}), "all", "baseline")
    assert pairs["dropout"].found == "cannot_tell"
    assert kept_words(pairs["dropout"], "baseline", "all", EQUAL).startswith(
        "Can't tell whether dropout"
    )


def test_two_seeds_prove_nothing_however_large_the_difference():
    found = study_units({"baseline": BASELINE[:2], "dropout": ROBUST[:2]})
    pairs = compare_kept(found, "all", "baseline")["dropout"]
    assert (pairs.found, pairs.difference.low) == ("cannot_tell", None)
    assert kept_words(pairs, "baseline", "all", EQUAL).endswith("; so few seeds prove nothing.")


def test_seeds_are_paired_and_those_that_one_arm_lacks_are_left_out():
    found = study_units({"baseline": BASELINE, "dropout": ROBUST[:3]})
    assert compare_kept(found, "all", "baseline")["dropout"].seeds == 3


def test_several_arms_share_the_chance_of_a_false_claim():
    alone = study_units({"baseline": BASELINE, "dropout": ROBUST})
    weaker = [(0.8, 0.3), (0.9, 0.32), (0.85, 0.3), (0.8, 0.29)]
    several = study_units({"baseline": BASELINE, "dropout": ROBUST, "L2": weaker, "L1": weaker})
    one, of_several = (
        compare_kept(found, "all", "baseline")["dropout"].difference for found in (alone, several)
    )
    assert one.confidence == pytest.approx(0.95)
    assert of_several.confidence == pytest.approx(1 - 0.05 / 3)
    assert of_several.high - of_several.low > one.high - one.low


def test_the_last_layers_are_told_apart_where_they_were_measured():
    found = study_units({"baseline": BASELINE, "dropout": BASELINE})
    assert dict(removed_from(found)) == {"all": 40}
    assert compare_kept(found, "last", "baseline") == {}
    last = {"baseline": BASELINE, "dropout": ROBUST}
    found = study_units({"baseline": BASELINE, "dropout": BASELINE}, last=last)
    assert list(removed_from(found)) == ["all", "last"]
    pairs = compare_kept(found, "last", "baseline")["dropout"]
    assert "units that the last layers read are removed" in kept_words(
        pairs, "baseline", "last", EQUAL
    )
    assert compare_kept(found, "all", "baseline")["dropout"].found == "cannot_tell"
