"""The report's text: what it claims, what it admits, and that nobody's name can break it."""

import html
import json
import re
from dataclasses import replace

import pytest

from cnnlab.documents.study_report import render_report
from cnnlab.documents.text import moment
from cnnlab.domain.arms import dose_arms, ready_arms, worth_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm, Kind, RecordedLook
from cnnlab.domain.words import listed
from cnnlab.study.rules_wording import ABOUT
from cnnlab.study.verdicts import METRICS, Rules, Verdict, compare
from tests.documents.made_content import any_study, made_content
from tests.study.made_comparisons import made_comparison

EVIL = "</script><img src=x onerror=alert(1)> & %{y} $x^2$ \u202e"
FEW = ready_arms(["baseline", "dropout"])


def page_of(content, plotly="var Plotly"):
    return render_report(content, plotly)


def words_of(page):
    """What a reader sees: without markup, styles and scripts, single spaces."""
    body = page.partition("<body>")[2]
    body = re.sub(r"<script.*?</script>", " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body))).replace(" ,", ",")


def section(page, name):
    return words_of(
        "<body>" + page.partition(f'<section id="{name}">')[2].partition("</section>")[0]
    )


def figures(page):
    found = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(text) for text in found]


@pytest.fixture(scope="module")
def page():
    return page_of(made_content())


def test_the_answer_is_the_strongest_verdict(page):
    answer = re.search(r'class="answer">(.*?)</p>', page).group(1)
    assert "Against <b>baseline</b>, <b>augmentation</b> helps by" in answer
    assert "judged by validation accuracy over 3 seeds on these validation images." in answer


def test_what_may_be_too_little_to_matter_is_told_apart():
    content = made_content(any_study(FEW))
    maybe = made_comparison(
        "dropout", 0.0208, these=(0.0005, 0.0412), verdict=Verdict.HELPS,
        words="Helps by 2.08 points (0.05 to 4.12); that may be less than 2 points.",
    )  # fmt: skip
    told = content.verdicts | {"dropout": maybe}
    page = page_of(replace(content, comparisons=content.comparisons | {"val_accuracy": told}))
    pill = '<span class="pill helps">Helps, maybe too little to matter</span> by 2.08 points'
    assert pill in page
    assert "<b>Helps, maybe too little to matter</b>: dropout" in page
    assert "<b>Helps</b>" not in page


def test_every_part_is_there_in_the_order_in_which_it_is_asked(page):
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert titles == [
        "How to read this",
        "Data",
        "Arms",
        "Verdicts",
        "Curves",
        "Secondary metrics",
        "Every run",
        "Same start",
        "Limits",
    ]


def test_the_data_card_says_who_judges(page):
    card = section(page, "data")
    for words in ("Sign digits", "1,600", "10 classes", "train 1,280, validation 320", "320 val"):
        assert words in card


def test_the_arms_show_only_what_differs_with_labels_and_units(page):
    arms = section(page, "arms").partition("The whole base config")[0]
    assert "Rotation: 0° → 15°" in arms
    assert "Dropout: 0 → 0.5" in arms
    assert "Learning rate" not in arms
    assert "the base as it is" in arms
    assert "Learning rate 0.001" in section(page, "arms")


def test_the_verdicts_have_words_mean_difference_both_intervals_and_p(page):
    row = section(page, "verdicts").partition("augmentation ")[2]
    assert re.match(
        r"Helps by \d\.\d points \(\d\.\d to \d\.\d\)\. 3 \d\d\.\d % ± \d\.\d\d "
        r"\+\d\.\d\d \+\d\.\d\d to \+\d\.\d\d [\d.]+ % "
        r"[+−]\d\.\d\d to \+\d\.\d\d [\d.]+ % (< )?0\.\d+ ",
        row,
    )


def test_there_is_a_figure_for_the_differences_three_metrics_and_each_arm(page):
    drawn = figures(page)
    assert len(drawn) == 1 + 3 + 5
    curve = drawn[1]
    assert len(curve["of_traces"]) == len(curve["data"])
    assert set(curve["of_traces"]) == {0, 1, 2, 3, 4}
    assert len(curve["of_labels"]) == len(curve["layout"]["annotations"])
    assert curve["layout"]["yaxis"]["range"][1] < 1


def test_a_curve_can_be_hidden_with_its_arm(page):
    curve = figures(page)[1]
    named = [
        (trace["name"], arm)
        for trace, arm in zip(curve["data"], curve["of_traces"], strict=True)
        if "name" in trace
    ]
    assert named == [
        ("baseline", 0),
        ("augmentation", 1),
        ("dropout", 2),
        ("L2", 3),
        ("all together", 4),
    ]


def test_secondary_metrics_make_no_claim(page):
    text = section(page, "secondary-metrics")
    assert "No claim rests on these." in text
    assert "Helps" not in text
    assert "Smaller gap" not in text
    assert "gap, mean ± sd" in text


def test_every_run_is_listed_with_its_checksum(page):
    runs = section(page, "every-run")
    assert runs.count("finished") == 15
    assert "5feceb66ffc8" in runs


def test_the_same_start_is_told_with_its_evidence(page):
    text = section(page, "same-start")
    assert "all arms began with the same weights and saw the same batches" in text
    other = page_of(made_content(any_study(ready_arms(["baseline", "batch_norm"]))))
    text = section(other, "same-start")
    assert "layer by layer, where the table says so" in text
    assert "batch norm: 3 layers shared (conv_1, conv_2 and dense)" in text


def test_the_limits_are_stated_with_numbers(page):
    text = section(page, "limits")
    # Wilson for 320 images at 86.8 %: 82.7 % to 90.1 %.
    assert re.search(
        r"320 images tell an accuracy of 8\d\.\d % only to about ± 3\.\d\d points", text
    )
    for words in (
        "No epoch was picked",
        "over the last 3 epochs of each run (their mean)",
        "Fixed before the launch",
        "4 arms against baseline, corrected for their number",
        "is at most 5 %",
        "CPU (2 threads)",
        "tensorflow 2.21.0",
        "There is none in this study",
    ):
        assert words in text
    assert "Seeds were added" not in text
    assert "Not counted" not in text
    assert "Not complete" not in text


def test_no_number_is_of_the_test_images():
    content = made_content()
    content.splits["test"] = 200
    assert "No number here is of the 200 test images" in section(page_of(content), "limits")


def test_a_further_look_is_told_with_its_level(page):
    assert "This is look" not in section(page, "limits")
    looks = (RecordedLook("a", 0.05, is_planned=True), RecordedLook("b", 0.009375))
    again = page_of(made_content(any_study(seeds=4, stages=2, looks=looks)))
    assert "Looks. This is look 2 at this study." in section(again, "limits")
    assert "any claim at this look is at most 0.94 %" in section(again, "limits")
    assert "This is look 2 at this study." in section(again, "verdicts")


ALONE = ready_arms(["baseline", "l2"])


@pytest.mark.parametrize("judged_at", ["mean_last", "last", "cross_fitted", "best"])
def test_the_rules_are_told_with_the_verdicts_and_in_the_limits(judged_at):
    page = page_of(made_content(any_study(FEW, judged_at=judged_at, margin=0.015)))
    for part in ("verdicts", "limits"):
        assert "Differences up to 1.5 points count as none" in section(page, part)
    limits = section(page, "limits")
    assert ("noisier arms are flattered" in limits) == (judged_at == "best")
    assert ("jumps from epoch to epoch are still flattered" in limits) == (
        judged_at == "cross_fitted"
    )
    assert ("No epoch was picked" in limits) == (judged_at in ("mean_last", "last"))


@pytest.mark.parametrize(
    ("scope", "answer", "limit"),
    [
        ("these_images", "on these validation images.", "Nothing is claimed about new images"),
        ("new_images", "on new images of this kind.", "Other cameras, places or times are another"),
    ],
)
def test_both_scopes_are_told_and_what_isnt_claimed(scope, answer, limit):
    page = page_of(made_content(any_study(scope=scope)))
    said = words_of(page)
    assert answer in said and limit in said
    (other,) = ABOUT.keys() - {scope, "these_splits"}
    assert f"interval on {ABOUT[scope]}: the claim interval on {ABOUT[other]}" in said
    assert f"Thick bar: on {ABOUT[scope]}, which the claim is about; thin bar" in said


def test_no_difference_is_an_answer_with_its_margin():
    page = page_of(made_content(any_study(ALONE, seeds=8)))
    answer = words_of(page)
    assert "Against baseline, L2 makes no difference larger than 2 points (−" in answer
    assert "'No difference' isn't zero" in section(page, "limits")
    assert 'class="pill no_difference">No difference<' in page
    assert (
        "Collapses. No run lies far off the others of its arm; with 8 runs an arm, up to 31 %"
        in answer
    )
    both = made_content(any_study(ready_arms(["baseline", "l2", "l1"]), seeds=8))
    assert "L2 and L1 make no difference larger than 2 points" in words_of(page_of(both))


def test_a_verdict_that_is_withheld_says_why():
    content = made_content(any_study(ALONE, seeds=5))
    values = content.values["val_accuracy"]
    values["L2"][3] = 0.1
    found = compare(values, "baseline", Rules(METRICS["val_accuracy"]))
    content.comparisons["val_accuracy"] = found
    page = page_of(content)
    assert "Can't tell 1 of 5 seeds lies far off the others" in section(page, "verdicts")
    assert "Nothing can be told with 5 seeds: no arm is shown to differ" in words_of(page)
    assert "'Can't tell' isn't 'no difference'" in section(page, "limits")


def test_runs_that_dont_count_are_named_with_the_reason():
    changed = {
        ("dropout", 0): {"status": Status.FAILED, "message": "It ran out of memory."},
        ("dropout", 1): {"changed_by_hand": True},
        ("dropout", 2): {"status": Status.RUNNING},
    }
    page = page_of(made_content(changed=changed))
    text = section(page, "limits")
    assert "Not counted: 2 runs." in text
    assert "dropout, seed 0: failed. It ran out of memory." in text
    assert "dropout, seed 1: a dial was turned by hand" in text
    assert "1 of 15 runs weren't ended" in text
    assert section(page, "every-run").count("not counted") == 2


def test_nothing_is_claimed_where_nothing_can_be_told():
    few = words_of(page_of(made_content(any_study(seeds=2))))
    assert "Nothing can be told: 2 seeds prove nothing; run at least 3." in few
    exact = words_of(page_of(made_content(any_study(FEW, margin=0.001))))
    assert "Nothing can be told with 3 seeds: no arm is shown to differ from baseline" in exact
    waiting = page_of(made_content(epochs=0))
    assert "Nothing is told yet: 0 of 15 runs count so far" in words_of(waiting)
    assert "No epoch is finished yet." in waiting
    assert "Known as soon as the first runs have begun." in waiting
    assert figures(waiting) == []


def test_names_of_users_are_shown_and_never_run():
    study = any_study([Arm(EVIL, {}), Arm(EVIL + "2", {"regularization.dropout": 0.5})])
    changed = {(EVIL, 0): {"status": Status.FAILED, "message": EVIL}}
    page = page_of(made_content(study, changed=changed))
    assert "<img" not in page
    assert "\u202e" not in page.partition("<body>")[2].partition("<script")[0]
    assert page.count("</script>") == page.count("<script")
    assert "</script><img src=x onerror=alert(1)> & %{y} $x^2$" in words_of(page)
    assert figures(page)[1]["data"][0]["type"] == "scatter"


def test_only_its_own_scripts_may_run_whatever_they_hold():
    page = page_of(made_content(), "var a = '</SCRIPT><!-- <script {{body}}'")
    policy = re.search(r'Policy" content="(.*?)"', page).group(1)
    assert "default-src 'none'" in policy
    assert len(re.findall(r"'sha256-[\w+/]+=*'", policy)) == 2
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert r"var a = '\x3c/SCRIPT>\x3c!-- <script {{body}}'" in page


def test_it_names_no_other_address(page):
    assert "http" not in page.replace("http-equiv", "")
    assert "//" not in re.sub(
        r"\s// .*", "", page.partition("</style>")[2].partition("<script>")[0]
    )


def test_a_study_of_sizes_compares_each_with_itself():
    arms = worth_arms([20, 80], {20: 8, 80: 2}, {"regularization.dropout": 0.5})
    study = any_study(arms, kind=Kind.WORTH)
    content = made_content(study)
    metric, reference = METRICS["val_accuracy"], study.reference.name
    zeros = dict.fromkeys(study.seeds, 0.0)
    better = {"20 a class with dropout": {0: 0.05, 1: 0.06, 2: 0.055}, reference: zeros}
    content.comparisons["val_accuracy"] = compare(
        better, reference, Rules(metric, resolution=1 / 320)
    )
    text = words_of(page_of(content))
    assert (
        "Against the arm of the same size without the change, 20 a class with dropout helps" in text
    )
    assert "Images per class: all → 20" in text


def test_a_study_of_doses_and_of_the_last_epochs_cross_entropy():
    arms = dose_arms("regularization.l2", [0.0, 1e-3, 1e-1])
    study = any_study(arms, kind=Kind.DOSE, primary="val_cross_entropy", judged_at="last", seeds=4)
    text = words_of(page_of(made_content(study)))
    assert "Runs are judged at the last epoch of each run." in text
    assert "validation cross-entropy, mean ± sd difference (nats)" in text
    assert "L2: 0 → 0.001" in text


def test_early_stopping_and_schedules_are_shown_in_words():
    arms = [
        *ready_arms(["baseline", "early_stopping"]),
        Arm("slow", {"optimizer.schedule": {"name": "cosine"}, "optimizer.learning_rate": 1e-4}),
    ]
    text = section(page_of(made_content(any_study(arms))), "arms")
    assert "Early stopping: off → on" in text
    assert "Schedule: off → cosine" in text
    assert "Learning rate: 0.001 → 0.0001" in text
    assert RunConfig().architecture.preset.replace("_", " ") in text


def test_words_are_listed_and_moments_shown():
    assert listed(["a"]) == "a"
    assert listed("abc") == "a, b and c"
    assert moment("2026-11-04T06:15:00.000+00:00") == "4 November 2026, 06:15 UTC"
    assert moment("") == "–"
