"""The curves of a learning-rate test."""

import json
import math

from cnnlab.figures.lr_test import lr_test_figure
from cnnlab.figures.palette import VALIDATION
from tests.made_lr_tests import CURVE, FOUND, UNTOLD


def test_each_test_is_thin_and_the_median_thick():
    *tests, median, mark = lr_test_figure(FOUND)["data"]
    assert [trace["showlegend"] for trace in tests] == [True, False, False]
    assert {trace["line"]["width"] for trace in tests} == {1}
    assert median["line"]["width"] == 3
    assert tests[2]["y"] == [1.9, 1.4, 0.5, None, None]
    assert median["y"] == [2.0, 1.5, 0.7, 2.6, None]
    assert mark["name"] == "0.0042"
    assert (mark["x"], mark["y"]) == ([0.0042], [0.7])
    json.dumps(lr_test_figure(FOUND), allow_nan=False)


def test_the_suggestion_is_marked_on_a_logarithmic_axis():
    layout = lr_test_figure(FOUND)["layout"]
    assert layout["xaxis"]["type"] == "log"
    (line,) = layout["shapes"]
    assert line["x0"] == line["x1"] == 0.0042
    assert line["line"]["color"] == VALIDATION


def test_a_loss_that_diverges_leaves_the_axis():
    low, high = lr_test_figure(FOUND)["layout"]["yaxis"]["range"]
    assert low < 0.5
    assert 2.1 < high < 2.6
    assert all(math.isfinite(end) for end in (low, high))


def test_nothing_is_marked_where_the_tests_can_not_tell():
    figure = lr_test_figure(UNTOLD)
    assert "shapes" not in figure["layout"]
    assert len(figure["data"]) == 4
    one = lr_test_figure(UNTOLD | {"curve": CURVE[:1]})
    assert one["layout"]["yaxis"]["range"][0] < 1.9
