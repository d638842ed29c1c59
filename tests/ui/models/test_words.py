"""What is said of a format by what was measured of it."""

import pytest

from cnnlab import lab
from cnnlab.jobs.state import JobState, Stage
from cnnlab.ui.models.words import (
    accuracy_words,
    agreement_words,
    compared_words,
    difference_words,
    format_rows,
    stage_of,
)

CHECK = {
    "max_abs_difference": 0.013,
    "top1_agreement": 0.984,
    "milliseconds_per_image": 0.5,
    "bytes": 1000,
    "images": 60,
    "of_images": 360,
    "accuracy": {"value": 0.9, "low": 0.8, "high": 0.95},
    "accuracy_float32": {"value": 0.92, "low": 0.82, "high": 0.96},
    "memory_bytes": 60 * 2**20,
}
NOTHING = dict.fromkeys(("max_abs_difference", "top1_agreement", "milliseconds_per_image"))
FORMATS = {each.name: each for each in lab.export_formats()}


def row(state, *, name="onnx", calibrated=False, pip_line=None):
    return lab.ExportRow(FORMATS[name], calibrated, state, pip_line)


def done(**changes):
    return JobState(Stage.FINISHED, answer=CHECK | changes)


@pytest.mark.parametrize(
    ("state", "pip_line", "stage", "words"),
    [
        (None, None, "none", "not prepared"),
        (JobState(Stage.CANCELLED, problem="Cancelled."), None, "none", "not prepared"),
        (None, "pip install x", "blocked", "needs packages"),
        (JobState(phase="Waiting for a worker"), None, "under_way", "Waiting for a worker ..."),
        (JobState(Stage.RUNNING, phase="A", done=3, total=9), None, "under_way", "A, 3 of 9 ..."),
        (done(), None, "verified", "ready, verified in ONNX Runtime"),
        (done(), "pip install x", "verified", "ready, verified in ONNX Runtime"),
        (JobState(Stage.FAILED, problem="It loses 3."), None, "refused", "It loses 3."),
        (JobState(Stage.LOST, problem="Lost."), None, "refused", "Lost."),
        (JobState(Stage.FAILED, problem="None."), "pip install x", "blocked", "needs packages"),
    ],
)  # fmt: skip
def test_where_a_format_stands_is_one_sign_and_a_few_words(state, pip_line, stage, words):
    told = stage_of(row(state, pip_line=pip_line))
    assert told[0] == stage and told[1].startswith(words)


def test_what_nothing_computed_with_is_never_called_verified():
    state = done(**NOTHING, not_verified="Nothing here runs it.")
    assert stage_of(row(state)) == ("unverified", "ready, not verified: Nothing here runs it.")
    [line] = format_rows([row(state)])
    assert (line["agreement"], line["milliseconds"], line["stage"]) == ("", "", "unverified")


def test_a_page_that_a_browser_has_to_check_first_is_not_offered():
    page = lab.ExportRow(FORMATS["web_page"], False, done(**NOTHING), None, images_to_check=60)
    assert stage_of(page)[0] == "blocked" and not page.is_ready


def test_of_a_document_nothing_has_to_be_verified():
    state = done(**NOTHING, not_verified="A report computes nothing.")
    assert stage_of(row(state, name="report"))[1] == "ready: A report computes nothing."


def test_a_bundle_was_proven_by_its_own_program():
    state = done(**NOTHING, verified="Its own replay.py has computed its numbers again")
    bundle = row(state, name="bundle")
    assert stage_of(bundle) == ("verified", "ready, its replay.py agreed")
    assert compared_words(None, bundle.format, state.answer).startswith("Its own replay\\.py")


def test_the_size_is_that_of_the_download():
    package = lab.ExportRow(FORMATS["script"], False, done(), None, download_bytes=2_600_000)
    assert format_rows([package])[0]["bytes"] == 2_600_000


def test_agreement_names_the_images_that_were_compared():
    assert agreement_words(CHECK) == (
        "largest difference 1.3 points, same class in 98.4\u00a0%, on 60 of 360 validation images"
    )
    early = {name: CHECK[name] for name in list(CHECK)[:4]} | {"max_abs_difference": 0.0}
    assert agreement_words(early) == "no difference, same class in 98.4\u00a0%"
    assert agreement_words(CHECK | NOTHING) == ""


def test_accuracy_stands_beside_that_of_the_model():
    assert accuracy_words(CHECK) == "90.0\u00a0% (80.0 to 95.0\u00a0%); float32: 92.0\u00a0%"
    equal = CHECK | {"accuracy_float32": CHECK["accuracy"]}
    assert accuracy_words(equal) == "90.0\u00a0% (80.0 to 95.0\u00a0%); as in float32"
    assert accuracy_words({name: CHECK[name] for name in list(CHECK)[:4]}) == ""


def test_what_a_file_loses_is_said_in_words():
    worse = {"class": "leaf", "images": 20, "right": 17, "right_float32": 19}
    said = accuracy_words(CHECK | {"per_class": [worse]})
    assert said.startswith(
        "90.0\u00a0% (80.0 to 95.0\u00a0%); float32: 92.0\u00a0%. It loses 10.0 points"
    )
    assert "'leaf'" in said and "17 instead of 19" in said


def test_a_line_of_the_table_holds_it_all_and_groups_stay_together():
    rows = [lab.ExportRow(each, False, None, None) for each in lab.export_formats()]
    lines = format_rows(rows[::-1])
    groups = [line["group"] for line in lines]
    assert groups == sorted(groups, key=groups.index)
    assert groups[0].startswith("Models")
    [line] = format_rows([row(done(), calibrated=True)])
    assert line["title"] == "ONNX (calibrated)"
    assert (line["bytes"], line["milliseconds"], line["memory"]) == (1000, "0.5 ms", "60\u00a0MiB")
    hostile = JobState(Stage.FAILED, problem="line\nbreak " + "x" * 500)
    [line] = format_rows([row(hostile)])
    assert "\n" not in line["words"] and len(line["words"]) <= 240


def test_a_difference_is_told_in_points_where_it_is_some():
    words = [difference_words({"max_abs_difference": each}) for each in (0.027, 0.001, 9.9e-4, 0.0)]
    assert words == [
        "largest difference 2.7 points",
        "largest difference 0.1 points",
        "largest difference 9.9e-04",
        "no difference",
    ]
