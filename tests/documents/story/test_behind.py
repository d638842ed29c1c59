"""The slides behind the verdict: gap, dose, worth, robustness, mistakes."""

import json
import math

import numpy as np
import pytest

from cnnlab.documents.story.effects import dose_slide, robustness_slide, worth_slide
from cnnlab.documents.story.gap import gap_slide
from cnnlab.documents.story.mistakes import Said, mistakes_slide
from cnnlab.documents.story.words import so_far_words
from cnnlab.domain.arms import READY_ARMS, dose_arms, ready_arms, worth_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.study import Study
from cnnlab.study.kinds.doses import dose_response, turned_by
from cnnlab.study.kinds.worth import worth_in_images, worth_so_far
from cnnlab.study.verdicts import METRICS


def a_study(arms=None, *, seeds=4):
    base = RunConfig(dataset="signs-1").model_dump(mode="json")
    arms = arms or ready_arms(["baseline", "augmentation", "dropout"])
    return Study("s1", "A study", "signs-1", base, tuple(arms), tuple(range(seeds)))


STUDY = a_study()


def test_the_gap_is_that_of_the_runs_that_count_where_they_are_judged():
    gaps = {"baseline": {0: 0.2, 1: 0.3}, "augmentation": {0: 0.05}}
    accuracies = {"baseline": {0: 0.7, 1: 0.6}, "augmentation": {0: 0.9}}
    last = {"epoch": 3, "clean_accuracy": 0.9, "val_accuracy": 0.6}
    slide = gap_slide(STUDY, gaps, accuracies, {"dropout": {0: [last]}}, so_far="So far. ")
    first, second, third = slide["rows"]
    assert (first["train"], first["validation"]) == (90, 65)
    assert first["words"] == "25.0 points apart (90.0\u00a0% and 65.0\u00a0%)"
    assert second["arm"] == "augmentation"
    assert (third["train"], third["validation"]) == (90, 60)  # no run of it counts yet
    low, high = slide["range"]
    assert 0 <= low < 60 and 95 < high <= 100
    assert slide["line"].startswith("So far. Accuracy over the last")
    json.dumps(slide, allow_nan=False)


@pytest.mark.parametrize("last", [[], [{"epoch": 0, "clean_accuracy": None, "val_accuracy": 0.5}]])
def test_without_numbers_there_is_no_gap_to_be_shown(last):
    assert gap_slide(STUDY, {}, {}, {"baseline": {0: last}}, so_far="") is None


def doses(*, is_open):
    study = a_study(dose_arms("regularization.dropout", [0, 0.2, 0.8]))
    values = {
        arm.name: {seed: level + 0.004 * ((seed + place) % 3) for seed in study.seeds}
        for place, (arm, level) in enumerate(zip(study.arms, (0.8, 0.85, 0.4), strict=True))
    }
    turned = turned_by(study)
    found = dose_response(turned, values, METRICS["val_accuracy"], is_open=is_open)
    return dose_slide(study, found)


def test_strengths_stand_side_by_side_and_too_much_is_shaded():
    slide = doses(is_open=False)
    (panel,) = slide["panels"]
    assert [tick["label"] for tick in panel["ticks"]] == ["0", "0.2", "0.8"]
    (trace,) = panel["traces"]
    assert trace["best"] == 1
    assert panel["shaded"] == [1.5, 2.5]
    assert "0.8 is too much" in slide["words"][0]
    assert "Bars: 95 %" in slide["note"]
    assert all(len(mark["seeds"]) == 4 for mark in trace["marks"])


def test_while_runs_are_missing_no_strength_is_called_too_much():
    slide = doses(is_open=True)
    (panel,) = slide["panels"]
    assert panel["shaded"] == []
    assert all(mark["low"] is None for mark in panel["traces"][0]["marks"])
    assert "Bars" not in slide["note"]
    assert slide["words"][0].startswith("So far")


SIZES = a_study(worth_arms([10, 20], {10: 4, 20: 4}, READY_ARMS["augmentation"].changes))


def sizes():
    generator = np.random.default_rng(1)
    plain, changed = (
        {
            size: {seed: level + gain + 0.004 * generator.normal() for seed in range(4)}
            for size, level in ((10, 0.6), (20, 0.7), (40, 0.8))
        }
        for gain in (0, 0.05)
    )
    return worth_in_images(plain, changed, {10: 60, 20: 120, 40: 240}, METRICS["val_accuracy"])


def test_worth_is_the_distance_between_two_curves_over_the_images():
    slide = worth_slide(SIZES, sizes())
    (panel,) = slide["panels"]
    assert [tick["label"] for tick in panel["ticks"]] == ["60", "120", "240"]
    without, with_it = panel["traces"]
    assert (without["label"], with_it["label"]) == ("without augmentation", "with augmentation")
    assert len(without["smooth"]) > 10 and with_it["smooth"] == []
    distance = panel["distance"]
    assert distance["start"] == pytest.approx(math.log10(60))
    assert distance["start"] < distance["end"] <= panel["ends"][1]
    assert "worth about" in distance["label"]


def test_what_a_change_is_worth_isnt_told_while_runs_are_missing():
    slide = worth_slide(SIZES, worth_so_far(sizes()))
    distance = slide["panels"][0]["distance"]
    assert (distance["low"], distance["high"]) == (None, None)
    assert distance["label"] == "can't tell yet"
    assert slide["words"][0].endswith("What it is worth is told with the last run.")


def evaluation(accuracy):
    rows = [
        {
            "distortion": kind,
            "strength": strength,
            "unit": unit,
            "accuracy": accuracy - strength / 50,
        }
        for kind, unit, strengths in (("rotation", "°", (5, 10)), ("noise", "", (0.1, 0.2)))
        for strength in strengths
    ]
    return {"robustness": rows, "robustness_images": 200, "robustness_undistorted": accuracy}


EVALUATIONS = {
    "baseline": {seed: evaluation(0.7 + seed / 100) for seed in range(3)},
    "augmentation": {seed: evaluation(0.9 + seed / 100) for seed in range(3)},
    "dropout": {},
}


def test_each_distortion_has_a_chart_with_the_arms_that_measured_it():
    slide = robustness_slide(STUDY, EVALUATIONS, so_far="")
    assert [(panel["title"], panel["axis"]) for panel in slide["panels"]] == [
        ("rotation", "°"),
        ("noise", ""),
    ]
    rotation = slide["panels"][0]
    assert [tick["at"] for tick in rotation["ticks"]] == [0, 5, 10]
    assert [trace["arm"] for trace in rotation["traces"]] == ["baseline", "augmentation"]
    first = rotation["traces"][0]["marks"][0]
    assert (first["mean"], first["low"], first["high"]) == (0.71, 0.7, 0.72)
    (sentence,) = slide["words"]
    assert "augmentation goes from 91" in sentence


def test_no_sentence_on_robustness_is_told_from_a_part_of_the_runs():
    so_far = so_far_words(5, 12, is_ended=False)
    slide = robustness_slide(STUDY, EVALUATIONS, so_far=so_far)
    assert slide["words"] == ["So far, from 5 of 12 runs. "]
    assert robustness_slide(STUDY, {"baseline": {}}, so_far="") is None


CLASSES = ["fish", "key", "leaf"]
LABELS = np.array([0, 1, 2, 0, 1])


def said(**predicted):
    named = {arm: np.array(rows) for arm, rows in predicted.items()}
    return Said(np.arange(10, 15), LABELS, named)


def test_pictures_on_which_arms_differ_come_first_then_those_that_all_get_wrong():
    found = said(
        baseline=[[0, 1, 0, 2, 0], [0, 1, 0, 2, 0], [0, 1, 1, 1, 0]],
        augmentation=[[0, 1, 2, 2, 0], [0, 1, 2, 2, 0], [0, 1, 2, 2, 2]],
    )
    slide = mistakes_slide(STUDY, CLASSES, found, so_far="")
    differ, wrong = slide["groups"]
    (picture,) = differ["pictures"]
    assert (picture["row"], picture["label"]) == (12, "leaf")
    assert picture["arms"] == [
        {"arm": "baseline", "label": "baseline", "right": 0, "runs": 3, "said": "fish"},
        {"arm": "augmentation", "label": "augmentation", "right": 3, "runs": 3, "said": ""},
    ]
    assert [picture["row"] for picture in wrong["pictures"]] == [13, 14]
    assert "they prove nothing" in slide["line"]
    json.dumps(slide, allow_nan=False)


def test_without_mistakes_or_without_what_was_said_there_is_no_such_slide():
    right = [[0, 1, 2, 0, 1]]
    assert mistakes_slide(STUDY, CLASSES, said(baseline=right, dropout=right), so_far="") is None
    assert mistakes_slide(STUDY, CLASSES, None, so_far="") is None


def test_one_arm_alone_has_only_what_it_gets_wrong():
    slide = mistakes_slide(STUDY, CLASSES, said(dropout=[[1, 1, 2, 0, 1]]), so_far="So far. ")
    assert [group["head"] for group in slide["groups"]] == ["What every arm gets wrong"]
    assert slide["line"].startswith("So far. ")


def test_an_ended_study_says_nothing_of_so_far():
    assert so_far_words(8, 9, is_ended=True) == ""
    assert so_far_words(9, 9, is_ended=False) == ""
