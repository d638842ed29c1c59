"""What both halves of the program say alike: Python against the cases, the browser in its tests."""

import json
from functools import partial
from pathlib import Path

import pytest

from cnnlab.domain.history import best_epoch, gap, thin
from cnnlab.domain.words import called, data_size, duration, percent, points, with_unit
from tests.browser.generated import FILES, SHARED

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("say", "cases"),
    [
        (percent, CASES["percent"]),
        (partial(points, signed=True), CASES["points"]),
        (duration, CASES["duration"]),
        (data_size, CASES["data_size"]),
        (with_unit, CASES["with_unit"]),
        (called, CASES["called"]),
    ],
)
def test_numbers_are_said_as_in_the_browser(say, cases):
    assert [say(*given) for *given, _ in cases] == [words for *_, words in cases]


@pytest.mark.parametrize("case", CASES["thin"])
def test_values_are_thinned_as_in_the_browser(case):
    assert thin(range(case["count"]), case["limit"]) == case["kept"]


@pytest.mark.parametrize("case", CASES["best_epoch"], ids=lambda case: case["said"])
def test_the_best_epoch_is_that_of_the_browser(case):
    assert best_epoch(case["epochs"]) == case["best"]


@pytest.mark.parametrize("case", CASES["gap"])
def test_the_gap_is_that_of_the_browser(case):
    assert gap(case["epoch"]) == case["gap"]


@pytest.mark.parametrize("file", FILES)
def test_what_python_gives_the_browser_is_up_to_date(file):
    written = (SHARED / file).read_text(encoding="utf-8")
    assert written == FILES[file](), "run .venv/bin/python -m tests.browser.generated"
