import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.errors import BadInputError
from cnnlab.study.verdicts import METRICS, Rules, Summary, Verdict, compare, summary

ACCURACY, CROSS_ENTROPY, GAP = (
    METRICS[name] for name in ("val_accuracy", "val_cross_entropy", "gap")
)
BASE = [0.90, 0.92, 0.91, 0.93, 0.90]
RESOLUTION = 1 / 128
RULES, STEPPED = Rules(ACCURACY), Rules(ACCURACY, resolution=RESOLUTION)


def seeds(values):
    return dict(enumerate(values))


def judged(differences, metric=ACCURACY, base=0.5, **options):
    """The comparison of one arm that is so far from the reference with each seed."""
    values = {
        "base": seeds([base] * len(differences)),
        "arm": seeds(base + difference for difference in differences),
    }
    return compare(values, "base", Rules(metric, **options))["arm"]


def test_a_clear_gain_helps_and_a_clear_loss_hurts():
    better = judged([0.010, 0.014, 0.012], resolution=0.001)
    assert better.verdict == "helps"
    assert better.words == "Helps by 1.2 points (0.7 to 1.7): less than the 2 points that matter."
    assert better.mean == pytest.approx(0.012)
    assert better.low == pytest.approx(0.00703, abs=1e-5)
    assert (better.seeds, better.confidence, better.more_seeds) == (3, 0.95, None)
    worse = judged([-0.010, -0.014, -0.012], resolution=0.001)
    assert worse.verdict == "hurts"
    assert worse.words == "Hurts by 1.2 points (0.7 to 1.7): less than the 2 points that matter."


def test_a_large_loss_that_is_not_known_well_is_not_said_to_be_small():
    worse = judged([-0.12, -0.19, -0.26], resolution=0.001, margin=0.02)
    assert worse.verdict == "hurts"
    assert worse.said == "hurts, how much is uncertain"
    assert re.fullmatch(
        r"Hurts by 19\.0 points \([01]\.\d to \d\d\.\d\): how much is uncertain, maybe less than "
        r"the 2 points that matter\.",
        worse.words,
    )


def test_lower_cross_entropy_helps():
    better = judged([-0.12, -0.10, -0.14], CROSS_ENTROPY)
    assert better.verdict == "helps"
    assert better.words == (
        "Helps: lowers cross-entropy by 0.12 (0.07 to 0.17); that may be less than the 0.1 nats "
        "that matter."
    )
    assert judged([0.12, 0.10, 0.14], CROSS_ENTROPY).words == (
        "Hurts: raises cross-entropy by 0.12 (0.07 to 0.17); that may be less than the 0.1 nats "
        "that matter."
    )


def test_the_gap_is_described_and_never_judged():
    smaller = judged([-0.03, -0.034, -0.032], GAP)
    assert smaller.verdict is None
    assert smaller.words == "Smaller gap: by 3.2 points (2.7 to 3.7)."
    assert judged([0.03, 0.034, 0.032], GAP).words.startswith("Larger gap: by 3.2 points")
    assert judged([0.03, -0.034, 0.01], GAP).verdict == "cannot_tell"


def test_small_effects_are_not_rounded_to_nothing():
    assert judged([0.00024, 0.00026, 0.00025]).words == (
        "Helps by 0.03 points (0.02 to 0.03): less than the 2 points that matter."
    )


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


def test_doubt_names_what_is_ruled_out_and_the_seeds_that_would_tell():
    doubt = judged([0.08, 0.03, 0.05], resolution=0.01)
    assert doubt.verdict is Verdict.CANNOT_TELL
    assert doubt.more_seeds == 9
    assert doubt.words == (
        "Can't tell: at most 11.6 points better, at most 0.9 worse; about 2 to 9 more seeds "
        "would tell, if it is as large as it looks."
    )
    assert judged([0.8, 0.3, 0.5], CROSS_ENTROPY).words.startswith(
        "Can't tell: at most 0.09 nats better, at most 1.16 worse; about"
    )
    assert judged([0.08, 0.03, 0.05], GAP).words.startswith(
        "Can't tell: at most 11.6 points larger, at most 0.9 smaller"
    )


def test_doubt_that_seeds_may_not_end_says_so():
    doubt = judged([0.03, -0.03, 0.001])
    assert (doubt.verdict, doubt.more_seeds) == ("cannot_tell", None)
    assert doubt.words == (
        "Can't tell: at most 7.5 points better, at most 7.4 worse; how many more seeds would tell "
        "can't be said, perhaps very many."
    )


def test_what_is_surely_within_the_margin_makes_no_difference():
    alike = judged([0.003, -0.003, 0.0001])
    assert alike.verdict is Verdict.NO_DIFFERENCE
    assert alike.words == "No difference larger than 2 points (−0.5 to +0.5)."
    assert (alike.confidence, alike.more_seeds) == (pytest.approx(0.9), None)
    assert alike.low == pytest.approx(-0.0050, abs=1e-4)
    finer = judged([0.003, -0.003, 0.0001], margin=0.004)
    assert (finer.verdict, finer.margin) == ("cannot_tell", 0.004)
    nats = judged([0.01, -0.01, 0.0], CROSS_ENTROPY)
    assert nats.words == "No difference larger than 0.1 nats (−0.02 to +0.02)."


def test_a_larger_effect_within_the_margin_is_still_an_effect():
    assert judged([0.010, 0.014, 0.012]).words.endswith("less than the 2 points that matter.")
    assert judged([0.030, 0.034, 0.032]).words == "Helps by 3.2 points (2.7 to 3.7)."


def test_of_several_arms_it_takes_more_to_say_that_one_makes_no_difference():
    values = {"base": seeds([0.5] * 3), "arm": seeds([0.506, 0.494, 0.5002])}
    alone = compare(values, "base", RULES)["arm"]
    among = compare(values | {"other": seeds([0.6, 0.55, 0.65])}, "base", RULES)["arm"]
    assert (alone.verdict, among.verdict) == ("no_difference", "cannot_tell")


def test_a_collapse_that_is_seen_withholds_the_verdict_with_the_reason():
    fallen = judged([0.021, 0.02, 0.022, -0.61, 0.019])
    assert (fallen.verdict, fallen.more_seeds) == ("cannot_tell", None)
    assert fallen.words == (
        "Can't tell: 1 of 5 seeds lies far off the others (−61.0 points), and how often that "
        "happens decides."
    )


def test_an_arm_that_wavers_among_steady_ones_is_withheld_but_not_called_a_collapse():
    steady = {f"arm {number}": seeds(0.5 + 0.001 * (s * number % 3) for s in range(5))
              for number in range(1, 5)}  # fmt: skip
    wavering = {"noisy": seeds([0.5, 0.66, 0.38, 0.55, 0.62])}
    found = compare({"base": seeds([0.5] * 5)} | steady | wavering, "base", RULES)["noisy"]
    assert found.words.startswith("Can't tell: ")
    assert found.words.endswith("and how often that happens decides.")


def test_seeds_that_lean_to_one_side_must_show_more_for_a_claim_to_the_other():
    tail = [0.0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.03]
    rows = [[value - 0.0165 for value in tail], [value - 0.0162 for value in tail[::-1]]]
    values = {"base": seeds([0.5] * 7)} | {
        f"arm {number}": seeds(0.5 + value for value in row) for number, row in enumerate(rows)
    }
    leaning = compare(values, "base", Rules(ACCURACY, alpha=0.1))["arm 0"]
    assert leaning.p < 0.05
    assert leaning.high < 0
    assert leaning.p_adjusted > 0.1
    assert leaning.verdict is Verdict.CANNOT_TELL
    assert leaning.words.endswith("the seeds lean to one side: a few far-off ones decide it.")
    mirrored = {
        arm: {seed: 1 - value for seed, value in row.items()} for arm, row in values.items()
    }
    assert compare(mirrored, "base", Rules(ACCURACY, alpha=0.1))["arm 0"].verdict == leaning.verdict


def on_images(rng, gain, of_image, seed_sd=0.002, images=200):
    """Right or wrong of a study of two arms on each image, and the accuracies."""
    gains = gain + of_image * rng.standard_normal(images)
    base = {s: (rng.random(images) < 0.6).astype(np.float32) for s in range(5)}
    arm = {s: base[s] + gains + seed_sd * rng.standard_normal() for s in range(5)}
    on_each = {"base": base, "arm": arm}
    values = {
        name: {s: float(of_run.mean()) for s, of_run in runs.items()}
        for name, runs in on_each.items()
    }
    return values, on_each


def test_what_helps_on_these_images_may_not_be_known_to_help_on_new_ones():
    values, on_each = on_images(np.random.default_rng(0), gain=0.04, of_image=0.5)
    these = compare(values, "base", RULES, images=on_each)["arm"]
    new = compare(values, "base", Rules(ACCURACY, scope="new_images"), images=on_each)["arm"]
    assert (these.verdict, new.verdict) == ("helps", "cannot_tell")
    assert these.new_images.low < 0 < these.these_images.low
    assert (new.low, new.high) == (these.new_images.low, these.new_images.high)
    assert new.scope == "new_images"
    assert these.new_images.words(ACCURACY).startswith("On new images of this kind: +")
    assert "On these validation images: +" in these.these_images.words(ACCURACY)


def test_where_images_gain_alike_it_holds_for_new_ones_too():
    values, on_each = on_images(np.random.default_rng(0), gain=0.06, of_image=0.0)
    found = compare(values, "base", Rules(ACCURACY, scope="new_images"), images=on_each)["arm"]
    assert found.verdict == "helps"


def test_without_what_was_said_of_each_image_nothing_is_told_of_new_ones():
    values, _ = on_images(np.random.default_rng(0), gain=0.06, of_image=0.0)
    found = compare(values, "base", Rules(ACCURACY, scope="new_images"))["arm"]
    assert (found.verdict, found.low, found.p_adjusted) == ("cannot_tell", None, None)
    assert found.words.startswith("Can't tell about new images: what its runs said of each")
    assert found.new_images.words(ACCURACY).startswith("On new images of this kind: can't tell")
    assert found.these_images.low > 0


@pytest.mark.parametrize(("metric", "most"), [(ACCURACY, 1.0), (GAP, 2.0)])
def test_no_interval_leaves_what_is_possible_whatever_the_reference_is(metric, most):
    wide = judged([0.9, -0.9, 0.1], metric)
    assert (wide.low, wide.high) == (-most, most)
    assert wide.these_images.high == most
    assert judged([0.9, -0.9, 0.1], CROSS_ENTROPY).high > 2


def test_of_a_perfect_reference_nothing_is_told_that_is_only_sure_of_its_few_runs():
    values = {"base": seeds([1.0, 1.0, 1.0]), "arm": seeds([0.99, 0.97, 1.0])}
    found = compare(values, "base", Rules(ACCURACY, resolution=0.01))["arm"]
    assert "at most 0.0" not in found.words
    assert found.high > 0.01


def test_new_images_are_told_no_surer_than_these_and_never_lean_without_cause():
    said = {"these": set(), "new": set()}
    for number in range(60):
        values, on_each = on_images(
            np.random.default_rng(number), 0.07, of_image=0.15, seed_sd=0.03, images=100
        )
        three = {name: {s: runs[s] for s in range(3)} for name, runs in values.items()}
        these = compare(three, "base", RULES, images=on_each)["arm"]
        new = compare(three, "base", Rules(ACCURACY, scope="new_images"), images=on_each)["arm"]
        assert these.verdict == "helps" or new.verdict != "helps"
        said["these"].add(these.verdict)
        said["new"].add(new.verdict)
    assert "helps" in said["new"] and "cannot_tell" in said["these"]


def test_where_the_images_decide_more_of_them_are_asked_for_and_not_more_seeds():
    values, on_each = on_images(np.random.default_rng(0), gain=0.04, of_image=0.5)
    found = compare(values, "base", Rules(ACCURACY, scope="new_images"), images=on_each)["arm"]
    assert found.words.endswith(
        "more validation images are needed, more seeds alone wouldn't tell."
    )
    alike = {"base": seeds([0.6] * 3), "arm": seeds([0.68, 0.63, 0.65])}
    same = {
        name: {s: np.full(100, value, np.float32) for s, value in runs.items()}
        for name, runs in alike.items()
    }
    same["arm"] = {s: of_run + [0.02, -0.02] * 50 for s, of_run in same["arm"].items()}
    other = compare(alike, "base", Rules(ACCURACY, scope="new_images"), images=same)["arm"]
    assert other.words.endswith("how many more seeds would tell can't be said, perhaps very many.")


def test_more_arms_need_more_proof_even_before_they_have_values():
    values = {"base": seeds(BASE), "arm": seeds([0.915, 0.925, 0.93, 0.945, 0.905])}
    alone = compare(values, "base", RULES)["arm"]
    crowd = values | {f"waiting {number}": {} for number in range(4)}
    among = compare(crowd, "base", RULES)["arm"]
    assert (alone.verdict, among.verdict) == ("helps", "cannot_tell")
    assert among.p == alone.p == pytest.approx(among.p_adjusted / 5)
    assert among.confidence == pytest.approx(0.99)


def test_only_seeds_that_both_arms_have_are_paired():
    values = {
        "base": {1: 0.5, 2: 0.5, 3: 0.5, 4: math.nan, 6: 0.9},
        "arm": {1: 0.6, 2: 0.61, 3: math.inf, 4: 0.7, 5: 0.1},
    }
    found = compare(values, "base", RULES)
    assert found["arm"].seeds == 2
    assert found["arm"].mean == pytest.approx(0.105)
    assert (found["base"].verdict, found["base"].seeds) == (Verdict.REFERENCE, 4)
    assert found["base"].mean is None


def test_the_reference_must_be_an_arm():
    with pytest.raises(BadInputError, match="no arm 'basis'.*base, arm"):
        compare({"base": {}, "arm": {}}, "basis", RULES)


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
    found = compare(values, "arm 0", Rules(metric, resolution=RESOLUTION))
    return {arm: comparison.verdict for arm, comparison in found.items()}


@given(STUDIES)
def test_a_mirrored_study_swaps_helps_and_hurts(rows):
    swapped = {"helps": "hurts", "hurts": "helps"}
    expected = {arm: swapped.get(found, found) for arm, found in verdicts(as_study(rows)).items()}
    mirrored = as_study([[1 - value for value in row] for row in rows])
    assert verdicts(mirrored) == expected
    assert verdicts(as_study(rows), replace(ACCURACY, higher_is_better=False)) == expected


@given(STUDIES, st.lists(st.integers(-512, 512), min_size=8, max_size=8))
def test_what_a_seed_does_to_all_arms_changes_nothing(rows, shifts):
    shifted = [
        [value + shift / 128 for value, shift in zip(row, shifts, strict=False)] for row in rows
    ]
    plain, moved = (
        {
            arm: replace(found, words="")  # which say what an accuracy can't be
            for arm, found in compare(as_study(study), "arm 0", STEPPED).items()
        }
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
    plain, other = (compare(study, "arm 0", RULES) for study in (values, turned))
    assert other == plain


@given(STUDIES)
def test_claims_rest_on_three_pairs_and_an_interval_without_zero(rows):
    for comparison in compare(as_study(rows), "arm 0", STEPPED).values():
        if comparison.verdict in (Verdict.HELPS, Verdict.HURTS):
            assert comparison.seeds >= 3
            assert comparison.low > 0 or comparison.high < 0
            assert comparison.p_adjusted <= 0.05
            assert comparison.more_seeds is None
        elif comparison.verdict is Verdict.NO_DIFFERENCE:
            assert -0.02 < comparison.low <= comparison.high < 0.02
