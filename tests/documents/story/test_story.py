"""The story of a study: true words for every kind of study, however far it has got."""

import json
from dataclasses import replace

import pytest

from cnnlab.documents.story.curves import MOST_POINTS
from cnnlab.documents.story.story import MOST_CLASSES, Evidence, question, tell
from cnnlab.documents.story.verdicts import asks_for_best, headline, verdict_slide
from cnnlab.domain.arms import READY_ARMS, dose_arms, ready_arms, worth_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.study import Arm, Kind, RecordedLook, Study
from cnnlab.study.rules_wording import ABOUT, other_scope
from cnnlab.study.verdicts import METRICS, Rules, Verdict, compare
from cnnlab.study.wording import Metric
from tests.study.made_comparisons import made_comparison

SIGNS = Dataset("signs-1", "Six signs", {"fish": 80, "key": 60})


def a_study(arms, *, seeds=5, kind=Kind.COMPARE, primary="val_accuracy", epochs=4):
    config = RunConfig(dataset=SIGNS.id)
    training = config.training.model_copy(update={"epochs": epochs})
    base = config.model_copy(update={"training": training}).model_dump(mode="json")
    return Study(
        "s1", "A study", SIGNS.id, base, tuple(arms), tuple(range(seeds)), primary, kind=kind
    )


def compared(study, effects, *, seeds=None):
    """Comparisons in which each arm differs from the reference by its effect, almost exactly."""
    metric: Metric = METRICS[study.primary]
    done = study.seeds[:seeds]
    values = {
        arm.name: {
            seed: 0.9 + 0.01 * seed + effects.get(arm.name, 0.0) + 0.002 * ((seed + place) % 3)
            for seed in done
        }
        for place, arm in enumerate(study.arms)
    }
    return compare(values, study.reference.name, Rules(metric, resolution=1 / 240))


def evidence(study, effects, *, seeds=None, histories=None, images=240):
    found = compared(study, effects, seeds=seeds)
    counted = len(study.arms) * len(study.seeds[:seeds])
    return Evidence(histories or {}, found, 0.05, images, counted)


def records(*accuracies):
    return [{"epoch": at, "val_accuracy": value} for at, value in enumerate(accuracies)]


FOUR = ready_arms(["baseline", "augmentation", "dropout", "l2"])


def test_what_is_asked_fits_the_kind_of_study():
    two = a_study(ready_arms(["baseline", "dropout"]))
    dose = a_study(dose_arms("regularization.l2", [0, 0.01, 0.1]), kind=Kind.DOSE)
    turned = a_study(dose_arms("regularization.dropout", [0, 0.2, 0.4]), kind=Kind.DOSE)
    sizes = worth_arms([10, 40], {10: 8, 40: 2}, READY_ARMS["augmentation"].changes)
    other = worth_arms([10, 40], {10: 8, 40: 2}, {"regularization.dropout": 0.3})
    assert question(two, "Six signs") == "Does dropout help on 'Six signs'?"
    assert question(a_study(FOUR), "Six signs") == "What helps on 'Six signs'?"
    assert question(dose, "Six signs") == "What does turning up L2 do on 'Six signs'?"
    assert question(turned, "Six signs") == "What does turning up dropout do on 'Six signs'?"
    assert question(a_study(sizes, kind=Kind.WORTH), "A") == "What is augmentation worth on 'A'?"
    assert question(a_study(other, kind=Kind.WORTH), "A") == "What is the change worth on 'A'?"


def test_verdicts_become_one_line():
    study = a_study(FOUR)
    story = tell(study, SIGNS, evidence(study, {"augmentation": 0.05, "L2": -0.05}))
    assert story["verdict"]["title"] == "Augmentation helps; L2 hurts; no difference for dropout"
    assert [row["verdict"] for row in story["verdict"]["rows"]] == [
        "helps",
        "no_difference",
        "hurts",
    ]
    nothing = tell(study, SIGNS, evidence(study, {}))
    assert nothing["verdict"]["title"] == "No difference for augmentation, dropout and L2"
    few = tell(study, SIGNS, evidence(study, {}, seeds=2))
    assert few["verdict"]["title"].endswith("can't tell yet")


def test_many_arms_are_counted_instead_of_named():
    study = a_study(ready_arms(list(READY_ARMS)))
    names = [arm.name for arm in study.arms[1:]]
    found = compared(study, dict.fromkeys(names[:5], 0.05))
    others = f"no difference for {len(names) - 5} others"
    assert headline(study, _without_reference(found)) == f"5 arms help; {others}"
    assert asks_for_best(study, found)


MAYBE, SURELY = (0.0005, 0.0412), (0.001, 0.015)
ENOUGH, WIDE = (0.089, 0.14), (0.001, 0.385)


@pytest.mark.parametrize(
    ("intervals", "said"),
    [
        ([ENOUGH, MAYBE], "a and b help (b: maybe too little to matter)"),
        ([MAYBE], "a helps, maybe too little to matter"),
        ([SURELY, SURELY], "a and b help, too little to matter"),
        ([ENOUGH] * 2 + [MAYBE] * 4, "6 arms help (4 of them: maybe too little to matter)"),
        (
            [ENOUGH, MAYBE, SURELY],
            "a, b and c help (b: maybe too little to matter; c: too little to matter)",
        ),
        ([WIDE], "a helps, how much is uncertain"),
        ([ENOUGH, WIDE], "a and b help (b: how much is uncertain)"),
    ],
)
def test_what_may_be_too_little_to_matter_isnt_flatly_said_to_help(intervals, said):
    found = {
        name: made_comparison(name, sum(ends) / 2, these=ends, verdict=Verdict.HELPS)
        for name, ends in zip("abcdef", intervals, strict=False)
    }
    arms = [Arm(name, {"regularization.dropout": 0.1}) for name in found]
    study = a_study([*ready_arms(["baseline"]), *arms])
    assert headline(study, found) == said
    replies = verdict_slide(study, found, len(study.pairs))["replies"]
    if asks_for_best(study, found):
        assert replies[""][""].endswith(
            "The data show 6 that help (4 of them: maybe too little to matter)."
        )
        return
    for name, one in found.items():
        met = replies[name]["helps"].endswith("The data say so too.")
        assert met == (one.low >= one.margin)
        assert met or replies[name]["helps"].endswith(("too little to matter.", "uncertain."))


def test_of_sizes_that_may_be_too_little_is_said_of_the_size():
    arms = worth_arms([10, 40], {10: 8, 40: 2}, READY_ARMS["augmentation"].changes)
    study = a_study(arms, kind=Kind.WORTH)
    changed = [arm.name for arm in study.arms if "with" in arm.name]
    found = {
        name: made_comparison(name, 0.02, these=ends, verdict=Verdict.HELPS)
        for name, ends in zip(changed, (ENOUGH, MAYBE), strict=True)
    }
    assert headline(study, found).endswith(" (at 10 a class: maybe too little to matter)")


def _without_reference(found):
    return {name: row for name, row in found.items() if row.verdict != "reference"}


def test_a_study_on_sizes_names_the_sizes():
    arms = worth_arms([10, 40], {10: 8, 40: 2}, READY_ARMS["augmentation"].changes)
    study = a_study(arms, kind=Kind.WORTH)
    found = compared(study, {"10 a class with augmentation": 0.05, "10 a class": 0.05})
    judged = {
        name: found[name]
        for name in ("40 a class with augmentation", "10 a class with augmentation")
    }
    told = tell(study, SIGNS, Evidence({}, judged, 0.05, 240, len(study.pairs)))
    title = "Augmentation helps at 10 a class; no difference at 40 a class"
    assert told["verdict"]["title"] == title
    assert [row["label"] for row in told["expect"]["rows"]] == ["40 a class", "10 a class"]


@pytest.mark.parametrize("seeds", [0, 1, 2])
def test_nothing_is_claimed_and_nothing_hidden_while_a_study_is_unfinished(seeds):
    study = a_study(FOUR)
    story = tell(study, SIGNS, evidence(study, {"dropout": 0.3}, seeds=seeds))
    assert story["verdict"]["title"] == "So far: we can't tell yet"
    assert all(row["low"] is None for row in story["verdict"]["rows"])
    assert story["verdict"]["replies"]["dropout"]["helps"] == (
        "You expected: helps. The data say: can't tell yet."
    )
    assert f"of which {4 * seeds} count so far" in story["question"]["setup"]
    assert "Not complete" in [limit["head"] for limit in story["limits"]]


WIDE = {
    "baseline": {0: 0.8, 1: 0.8, 2: 0.8},
    "dropout": {0: 0.86, 1: 0.78, 2: 0.8},
}


def test_each_expectation_gets_an_honest_reply():
    study = a_study(FOUR)
    replies = tell(study, SIGNS, evidence(study, {"augmentation": 0.05}))["verdict"]["replies"]
    assert replies["augmentation"]["helps"] == "You expected: helps. The data say so too."
    assert replies["augmentation"]["hurts"] == "You expected: hurts. The data say: helps."
    assert replies["dropout"]["helps"] == "You expected: helps. The data say: no difference."
    assert replies["dropout"]["same"] == "You expected: no difference. The data say so too."
    wide = {"dropout": compare(WIDE, "baseline", Rules(METRICS["val_accuracy"]))["dropout"]}
    replies = tell(study, SIGNS, Evidence({}, wide, 0.05, 240, len(study.pairs)))
    assert replies["verdict"]["replies"]["dropout"]["same"] == (
        "You expected: no difference. The data can't tell, which is no proof of it."
    )


def test_the_best_of_many_strengths_is_asked_for_but_never_proclaimed():
    study = a_study(dose_arms("regularization.dropout", [0, 0.2, 0.4, 0.8]), kind=Kind.DOSE)
    story = tell(study, SIGNS, evidence(study, {"Dropout 0.2": 0.03, "Dropout 0.4": 0.06}))
    (row,) = story["expect"]["rows"]
    assert [option["value"] for option in row["options"]] == [
        "Dropout 0.2",
        "Dropout 0.4",
        "Dropout 0.8",
        "",
    ]
    replies = story["verdict"]["replies"][""]
    assert replies["Dropout 0.2"] == (
        "You expected Dropout 0.2 to do best. Against Dropout 0 the data say: helps. The best mean "
        "is Dropout 0.4's; the arms weren't tested against each other."
    )
    assert replies[""] == "You expected none of them to help. The data show 2 that help."


def test_lower_cross_entropy_is_better():
    study = a_study(FOUR, primary="val_cross_entropy")
    story = tell(study, SIGNS, evidence(study, {"dropout": -0.2}))
    assert story["verdict"]["better"] == "left"
    assert story["verdict"]["title"].startswith("Dropout helps")
    assert story["curves"]["in_percent"] is False


def test_curves_show_means_and_bands_up_to_the_epoch_that_all_seeds_reached():
    study = a_study(ready_arms(["baseline", "dropout"]), seeds=2)
    histories = {"baseline": {0: records(0.5, 0.7, 0.8), 1: records(0.6, 0.8)}, "dropout": {}}
    curves = tell(study, SIGNS, evidence(study, {}, histories=histories))["curves"]
    (series,) = curves["arms"]
    assert series["arm"] == "baseline"
    assert series["x"] == [1, 2]
    assert series["mean"] == [0.55, 0.75]
    assert series["low"][0] < 0.55 < series["high"][0]
    assert curves["note"].startswith("Line: mean of 2 seeds.")
    low, high = curves["range"]
    assert 0 <= low < 0.55 and 0.75 < high <= 1


@pytest.mark.parametrize(("second", "is_said"), [(0.6, False), (0.95, True)])
def test_a_band_that_leaves_the_chart_is_said_to(second, is_said):
    study = a_study(ready_arms(["baseline"]), seeds=2)
    histories = {"baseline": {0: records(0.6, 0.6), 1: records(second, 0.6)}}
    curves = tell(study, SIGNS, evidence(study, {}, histories=histories))["curves"]
    assert curves["note"].endswith("goes on beyond it.") is is_said


def test_while_runs_train_the_axes_keep_still_and_each_run_is_drawn_as_it_grows():
    study = a_study(ready_arms(["baseline", "dropout"]), seeds=3)
    open_study = replace(
        evidence(study, {}, histories={"baseline": {0: records(0.31, 0.42, 0.5, 0.55)}}),
        growing={"baseline": {1: records(0.35, None)}},
        is_ended=False,
        finished=1,
        seconds_left=130.0,
    )
    story = tell(study, SIGNS, open_study)
    curves = story["curves"]
    assert (curves["first"], curves["last"], curves["reached"]) == (1, 4, 4)
    assert curves["range"] == [0.3, 1.0]
    (line,) = curves["growing"]
    assert (line["arm"], line["seed"], line["x"], line["y"]) == (
        "baseline",
        1,
        [1, 2],
        [0.35, None],
    )
    assert curves["note"].endswith("Thin: a run that still trains.")
    assert story["progress"] == {
        "is_ended": False,
        "finished": 1,
        "total": 6,
        "words": "1 of 6 runs finished",
        "left": "about 2\u00a0min left",
    }
    json.dumps(story, allow_nan=False)


def test_arms_of_unequal_length_are_drawn_over_their_share_of_the_training():
    arms = worth_arms([10, 40], {10: 4, 40: 2}, READY_ARMS["augmentation"].changes)
    study = a_study(arms, kind=Kind.WORTH, seeds=1)
    histories = {"10 a class": {0: records(0.1, 0.2, 0.3, 0.4)}, "40 a class": {0: records(0.5, 1)}}
    curves = tell(study, SIGNS, evidence(study, {}, histories=histories))["curves"]
    assert {series["arm"]: series["x"] for series in curves["arms"]} == {
        "40 a class": [50, 100],
        "10 a class": [25, 50, 75, 100],
    }
    assert (curves["first"], curves["last"]) == (25, 100)
    assert "proves nothing" in curves["note"]


def test_what_isnt_known_becomes_no_number_and_long_curves_are_thinned():
    study = a_study(FOUR, seeds=1, epochs=1000)
    long = records(*[None, *[0.5] * 998, 0.9])
    story = tell(study, SIGNS, evidence(study, {}, histories={"L2": {0: long}}))
    (series,) = story["curves"]["arms"]
    assert series["mean"][0] is None and series["mean"][-1] == 0.9
    assert len(series["x"]) <= MOST_POINTS and series["x"][-1] == 1000
    json.dumps(story, allow_nan=False)


def test_before_anything_has_run_the_story_can_be_told():
    study = a_study(FOUR)
    story = tell(study, SIGNS, evidence(study, {}, seeds=0, images=None))
    assert story["curves"]["arms"] == []
    assert story["curves"]["note"] == "No run has finished an epoch yet."
    assert [fact["words"] for fact in story["data"]["facts"]] == ["images", "classes"]
    json.dumps(story, allow_nan=False)


def test_the_data_slide_says_what_is_left_out_and_what_was_made_harder():
    study = a_study(FOUR)
    base = study.base | {"split": study.base["split"] | {"label_noise_fraction": 0.2}}
    many = replace(SIGNS, classes={f"class {number}": 5 for number in range(MOST_CLASSES + 3)})
    data = tell(replace(study, base=base), many, evidence(study, {}))["data"]
    assert len(data["classes"]) == MOST_CLASSES
    assert data["more"] == "and 3 more classes"
    assert data["notes"] == ["20\u00a0% of the training labels are wrong on purpose."]


def test_the_validation_images_arent_called_the_same_where_an_arm_changes_them():
    study = a_study(FOUR)
    changed = replace(study.arms[1], changes={"split.validation": 0.4})
    arms = (study.arms[0], changed, *study.arms[2:])
    facts = tell(replace(study, arms=arms), SIGNS, evidence(study, {}))["data"]["facts"]
    assert len(facts) == 2
    assert "judge every run" in tell(study, SIGNS, evidence(study, {}))["data"]["facts"][2]["words"]


def test_limits_tell_how_often_such_a_study_errs():
    study = a_study(FOUR)
    first = {row["head"]: row["text"] for row in tell(study, SIGNS, evidence(study, {}))["limits"]}
    assert "at most 5 in 100" in first["What 95\u00a0% means"]
    assert "all comparisons taken together" in first["What 95\u00a0% means"]
    assert "0.42 points" in first["240 validation images"]
    looks = (RecordedLook("a", 0.05, is_planned=True), RecordedLook("b", 0.009375))
    looked = replace(study, looks=looks)
    again = tell(looked, SIGNS, replace(evidence(study, {}), alpha=0.009375))["limits"]
    texts = {row["head"]: row["text"] for row in again}
    assert "0.94 in 100" in texts["What 99.06\u00a0% means"]
    assert "This is look 2" in texts["What 99.06\u00a0% means"]


@pytest.mark.parametrize(
    ("scope", "head", "words"),
    [
        ("these_images", "Only these images", "shown beside, and no claim"),
        ("new_images", "New images of this kind", "Nothing is claimed of other kinds"),
    ],
)
def test_limits_say_what_isnt_claimed_and_what_counts_as_none(scope, head, words):
    study = replace(a_study(FOUR), scope=scope, margin=0.015)
    told = {row["head"]: row["text"] for row in tell(study, SIGNS, evidence(study, {}))["limits"]}
    assert words in told[head]
    assert "count as no difference" in told["Up to 1.5 points"]


@pytest.mark.parametrize("scope", ["these_images", "new_images"])
def test_the_bars_of_both_scopes_and_the_margin_are_on_the_slide(scope):
    study = replace(a_study(FOUR), scope=scope)
    found = made_comparison("L2", 0.02, these=(0.004, 0.036), new=(-0.006, 0.048), scope=scope)
    slide = verdict_slide(study, {"L2": found}, len(study.pairs))
    (row,) = slide["rows"]
    both = {"these_images": (0.4, 3.6), "new_images": (-0.6, 4.8)}
    assert (row["low"], row["high"]) == both.pop(scope)
    assert (row["other_low"], row["other_high"]) == both.popitem()[1]
    assert slide["margin"] == 2
    claimed, other = (ABOUT[scope], ABOUT[other_scope(study)])
    assert f"Bar: on {claimed}, which the claim is about; thin: on {other}." in slide["line"]
    assert "at the last epoch of each run" in slide["line"]  # its runs have few epochs
    assert "Shaded: up to 2 points, no difference." in slide["line"]


def test_an_arm_far_off_the_others_is_marked_so_that_it_shrinks_no_interval():
    near, small = made_comparison("a", 0.02, these=ENOUGH), made_comparison("b", 0.0, these=SURELY)
    far = made_comparison("c", -0.568, these=(-0.593, -0.544), verdict=Verdict.HURTS)
    unknown = made_comparison("d", -0.9)
    study = a_study([*ready_arms(["baseline"]), *(Arm(name, {}) for name in "abcd")])
    slide = verdict_slide(study, {one.arm: one for one in (near, small, far, unknown)}, 25)
    assert [row["arm"] for row in slide["rows"] if row["is_far"]] == ["c"]


def test_where_nothing_differs_that_is_the_headline_and_the_reply():
    study = a_study(FOUR)
    story = tell(study, SIGNS, evidence(study, {}))
    slide = story["verdict"]
    assert slide["title"] == "No difference for augmentation, dropout and L2"
    assert slide["replies"]["dropout"]["same"] == (
        "You expected: no difference. The data say so too."
    )
    best = a_study(dose_arms("regularization.dropout", [0, 0.2, 0.4]), kind=Kind.DOSE)
    story = tell(best, SIGNS, evidence(best, {}))
    assert story["verdict"]["replies"][""][""].endswith("The data show none that helps.")
