"""Charts of many runs."""

import json

import pytest

from cnnlab.figures.runs_charts import (
    MOST_LINES,
    MOST_POINTS,
    ChartAxis,
    marked_in_parallel,
    parallel_runs_figure,
    scatter_figure,
)

RATE = ChartAxis("Learning <rate>", [0.1, 0.001, None, 0.01])
ACCURACY = ChartAxis("Accuracy (%)", [50.0, 70.0, 60.0, 90.0], may_be_log=False)
NAMES = ["a", "b", "c", "<d>"]


def test_a_scatter_has_a_dot_for_each_run_with_both_numbers():
    figure = scatter_figure(RATE, ACCURACY, NAMES)
    (dots,) = figure["data"]
    assert (dots["x"], dots["y"]) == ([0.1, 0.001, 0.01], [50, 70, 90])
    assert dots["customdata"][2].startswith("<b>&lt;d&gt;</b><br>Learning &lt;rate&gt;: 0.01")
    layout = figure["layout"]
    assert (layout["xaxis"]["type"], "type" in layout["yaxis"]) == ("log", False)
    assert layout["dragmode"] == "select"
    json.dumps(figure, allow_nan=False)


def test_nothing_is_drawn_of_runs_without_numbers():
    assert scatter_figure(ChartAxis("x", [None, 1]), ChartAxis("y", [1, None]), ["a", "b"]) is None
    assert parallel_runs_figure([ACCURACY], NAMES) is None
    assert parallel_runs_figure([], []) is None


def test_lines_run_through_the_places_of_their_numbers():
    (lines,) = parallel_runs_figure([RATE, ACCURACY], NAMES)["data"]
    assert lines["x"] == pytest.approx([1, 0, None, 0, 0.5, None, 0.5, 1, None])
    assert lines["y"] == [0, -1, None] * 3


def test_what_is_marked_are_ranges_of_the_rows_that_were_met():
    both = marked_in_parallel([RATE, ACCURACY], ((0.25, 0.75), (-1.2, 0.1)))
    assert both[0] == pytest.approx((10**-2.5, 10**-1.5))
    assert both[1] == pytest.approx((60, 80))
    assert list(marked_in_parallel([RATE, ACCURACY], ((0, 1), (-0.3, 0.3)))) == [0]
    assert marked_in_parallel([ChartAxis("x", [None])], ((0, 1), (0, 1))) == {}


def test_of_very_many_runs_some_are_drawn_from_the_first_to_the_last():
    many = ChartAxis("x", [float(number) for number in range(10_000)])
    names = ["run"] * 10_000
    assert len(scatter_figure(many, many, names)["data"][0]["x"]) == MOST_POINTS
    (lines,) = parallel_runs_figure([many, many], names)["data"]
    assert lines["x"].count(None) == MOST_LINES
