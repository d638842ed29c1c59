import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.errors import BadInputError
from cnnlab.study.verdicts import METRICS, Summary, Verdict, compare, summary

ACCURACY, CROSS_ENTROPY, GAP = METRICS.values()
BASE = [0.90, 0.92, 0.91, 0.93, 0.90]
RESOLUTION = 1 / 128


def seeds(values):
    return dict(enumerate(values))


def judged(differences, metric=ACCURACY, base=0.5, **options):
    """The comparison of one arm that is so far from the reference with each seed."""
    values = {
        "base": seeds([base] * len(differences)),
        "arm": seeds(base + difference for difference in differences),
    }
    return compare(values, "base", metric, **options)["arm"]


def test_a_clear_gain_helps_and_a_clear_loss_hurts():
    better = judged([0.010, 0.014, 0.012], resolution=0.001)
    assert better.verdict == "helps"
    assert better.words == "Helps by 1.2 points (0.7 to 1.7)."
    assert better.mean == pytest.approx(0.012)
    assert better.low == pytest.approx(0.00703, abs=1e-5)
    assert (better.seeds, better.confidence, better.more_seeds) == (3, 0.95, None)
    worse = judged([-0.010, -0.014, -0.012], resolution=0.001)
    assert worse.verdict == "hurts"
    assert worse.words == "Hurts by 1.2 points (0.7 to 1.7)."


def test_lower_cross_entropy_helps():
    better = judged([-0.12, -0.10, -0.14], CROSS_ENTROPY)
    assert better.verdict == "helps"
    assert better.words == "Helps: lowers cross-entropy by 0.12 (0.07 to 0.17)."
    assert judged([0.12, 0.10, 0.14], CROSS_ENTROPY).words == (
        "Hurts: raises cross-entropy by 0.12 (0.07 to 0.17)."
    )


def test_the_gap_is_described_and_never_judged():
    smaller = judged([-0.03, -0.034, -0.032], GAP)
    assert smaller.verdict is None
    assert smaller.words == "Smaller gap: by 3.2 points (2.7 to 3.7)."
    assert judged([0.03, 0.034, 0.032], GAP).words.startswith("Larger gap: by 3.2 points")
    assert judged([0.03, -0.034, 0.01], GAP).verdict == "cannot_tell"


def test_small_effects_are_not_rounded_to_nothing():
    assert judged([0.00024, 0.00026, 0.00025]).words == "Helps by 0.03 points (0.02 to 0.03)."


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "Can't tell yet: no seed has ended yet; run at least 3."),
        (1, "Can't tell yet: 1 seed proves nothing; run at least 3."),
        (2, "Can't tell yet: 2 seeds prove nothing; run at least 3."),
    ],
)
def test_below_three_pairs_nothing_is_claimed_and_the_missing_seeds_are_named(count, words):
    few = judged([0.3, 0.3001][:count])
    assert (few.verdict, few.words, few.more_seeds) == ("cannot_tell", words, 3 - count)
    assert (few.low, few.high, few.p, few.p_adjusted, few.confidence) == (None,) * 5


def test_doubt_names_the_seeds_that_would_tell():
    doubt = judged([0.02, 0.0, 0.01], resolution=0.01)
    assert doubt.verdict is Verdict.CANNOT_TELL
    assert doubt.more_seeds == 7
    assert doubt.words == (
        "Can't tell: between -1.5 and +3.5 points; about 7 more seeds would tell."
    )


def test_doubt_that_seeds_would_not_end_names_the_largest_effect():
    doubt = judged([0.003, -0.003, 0.0001])
    assert (doubt.verdict, doubt.more_seeds) == ("cannot_tell", None)
    assert doubt.words == "Can't tell: any effect is likely smaller than 0.7 points."
    wide = judged([0.03, -0.03, 0.001])
    assert wide.words == "Can't tell: between -7.4 and +7.5 points; far more seeds would be needed."


def test_differences_that_are_all_equal_prove_nothing_without_a_resolution():
    same = judged([0.125] * 5, CROSS_ENTROPY)
    assert (same.verdict, same.more_seeds, same.p) == ("cannot_tell", None, None)
    assert "exactly the same difference" in same.words
    assert "exactly no difference" in judged([0.0] * 5, CROSS_ENTROPY).words


def test_from_six_seeds_on_the_sign_flips_must_agree():
    steady = [0.01, 0.012, 0.011, 0.009, 0.013]
    assert judged([*steady, 0.01]).verdict == "helps"
    split = judged([*steady, -0.0001])
    assert split.p_adjusted <= 0.05 < split.sign_flip_p
    assert split.verdict == "cannot_tell"
    assert split.words.endswith("points, but a few seeds decide it; about 1 more seed would tell.")


def test_more_arms_need_more_proof_even_before_they_have_values():
    values = {"base": seeds(BASE), "arm": seeds([0.915, 0.925, 0.93, 0.945, 0.905])}
    alone = compare(values, "base", ACCURACY)["arm"]
    crowd = values | {f"waiting {number}": {} for number in range(4)}
    among = compare(crowd, "base", ACCURACY)["arm"]
    assert (alone.verdict, among.verdict) == ("helps", "cannot_tell")
    assert among.p == alone.p == pytest.approx(among.p_adjusted / 5)
    assert among.confidence == pytest.approx(0.99)


def test_only_seeds_that_both_arms_have_are_paired():
    values = {
        "base": {1: 0.5, 2: 0.5, 3: 0.5, 4: math.nan, 6: 0.9},
        "arm": {1: 0.6, 2: 0.61, 3: math.inf, 4: 0.7, 5: 0.1},
    }
    found = compare(values, "base", ACCURACY)
    assert found["arm"].seeds == 2
    assert found["arm"].mean == pytest.approx(0.105)
    assert (found["base"].verdict, found["base"].seeds) == (Verdict.REFERENCE, 4)
    assert found["base"].mean is None


def test_the_reference_must_be_an_arm():
    with pytest.raises(BadInputError, match="no arm 'basis'.*base, arm"):
        compare({"base": {}, "arm": {}}, "basis", ACCURACY)


def test_secondary_metrics_are_computed_alike_and_say_so():
    first, second = judged([0.1, 0.2, 0.1]), judged([0.1, 0.2, 0.1], primary=False)
    assert (first.primary, second.primary) == (True, False)
    assert first.words == second.words


def test_summary_of_finite_values():
    assert summary({1: 0.5, 2: 0.7, 3: math.nan}) == Summary(
        pytest.approx(0.6), pytest.approx(0.1414, abs=1e-4)
    )
    assert summary({1: 0.5}) == Summary(0.5, None)
    assert summary({}) == Summary(None, None)


# Whole steps of 1/128 subtract without rounding, so that equal means equal.
STEPS = st.integers(0, 128).map(lambda step: step / 128)
STUDIES = st.integers(0, 8).flatmap(
    lambda count: st.lists(st.lists(STEPS, min_size=count, max_size=count), min_size=2, max_size=5)
)


def as_study(rows):
    return {f"arm {number}": seeds(row) for number, row in enumerate(rows)}


def verdicts(values, metric=ACCURACY):
    found = compare(values, "arm 0", metric, resolution=RESOLUTION)
    return {arm: comparison.verdict for arm, comparison in found.items()}


@given(STUDIES)
def test_a_mirrored_study_swaps_helps_and_hurts(rows):
    swapped = {"helps": "hurts", "hurts": "helps"}
    expected = {arm: swapped.get(found, found) for arm, found in verdicts(as_study(rows)).items()}
    mirrored = as_study([[1 - value for value in row] for row in rows])
    assert verdicts(mirrored) == expected
    assert verdicts(as_study(rows), CROSS_ENTROPY) == expected


@given(STUDIES, st.lists(st.integers(-512, 512), min_size=8, max_size=8))
def test_what_a_seed_does_to_all_arms_changes_nothing(rows, shifts):
    shifted = [
        [value + shift / 128 for value, shift in zip(row, shifts, strict=False)] for row in rows
    ]
    plain, moved = (
        compare(as_study(study), "arm 0", ACCURACY, resolution=RESOLUTION)
        for study in (rows, shifted)
    )
    assert moved == plain


@given(STUDIES, st.randoms())
def test_order_of_arms_and_seeds_changes_nothing(rows, random):
    def shuffled(mapping):
        items = list(mapping.items())
        random.shuffle(items)
        return dict(items)

    values = as_study(rows)
    turned = shuffled({arm: shuffled(by_seed) for arm, by_seed in values.items()})
    plain, other = (compare(study, "arm 0", ACCURACY) for study in (values, turned))
    assert other == plain


@given(STUDIES)
def test_claims_rest_on_three_pairs_and_an_interval_without_zero(rows):
    for comparison in compare(as_study(rows), "arm 0", ACCURACY, resolution=RESOLUTION).values():
        if comparison.verdict in (Verdict.HELPS, Verdict.HURTS):
            assert comparison.seeds >= 3
            assert comparison.low > 0 or comparison.high < 0
            assert comparison.p_adjusted <= 0.05
            assert comparison.more_seeds is None
        elif comparison.low is not None and comparison.seeds < 6:
            assert comparison.low <= 0 <= comparison.high
