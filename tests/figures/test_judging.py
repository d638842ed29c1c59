import pytest

from cnnlab.figures.judging import (
    coverage_figure,
    judged_reliability_figure,
    precision_recall_figure,
    roc_figure,
)
from cnnlab.figures.traces import Style
from tests.figures.drawn import check_figure, points_of

STYLE = Style("#e07b16", "dash")
CURVE = {"x": [0.0, 0.1, 1.0], "y": [0.0, 0.8, 1.0], "threshold": [1.0, 0.4, 0.0]}
LONG = {name: [at / 999 for at in range(1000)] for name in ("x", "y", "threshold")}


def measured(value, low, high):
    return {"value": value, "low": low, "high": high}


def checked(figure):
    return check_figure(figure, {"part": STYLE})


def test_the_chosen_class_is_drawn_over_the_others_with_the_threshold_marked():
    figure = checked(roc_figure([CURVE, LONG, CURVE], 1, STYLE, (0.25, 0.75)))
    faint, own, mark = figure["data"]
    assert faint["x"][:4] == [0, 0.1, 1, None]
    assert faint["line"]["width"] < own["line"]["width"]
    assert (own["line"]["color"], own["line"]["dash"]) == ("#e07b16", "dash")
    assert (own["x"][0], own["x"][-1]) == (0, 1)
    assert (mark["x"], mark["y"]) == ([0.25], [0.75])


def test_a_class_without_images_has_no_curve_of_its_own():
    assert len(checked(roc_figure([CURVE, None], 1, STYLE, None))["data"]) == 1
    assert checked(roc_figure([None, None], 1, STYLE, None))["data"] == []


def test_guessing_has_the_precision_of_the_class_share():
    figure = checked(precision_recall_figure([CURVE], 0, STYLE, (0.5, 0.5), 0.2))
    [line] = figure["layout"]["shapes"]
    assert (line["y0"], line["y1"]) == (0.2, 0.2)


def test_a_hundred_classes_stay_a_small_figure():
    assert points_of(roc_figure([LONG] * 100, 0, STYLE, None)) < 4000


def test_dots_of_reliability_have_their_intervals_and_room():
    bins = [
        {"low": 0.3, "high": 0.7, "images": 40, "confidence": 0.55} | {"accuracy": accuracy}
        for accuracy in (measured(0.5, 0.36, 0.65), measured(None, None, None))
    ]
    figure = checked(judged_reliability_figure(bins, STYLE))
    [dots] = figure["data"]
    assert (dots["x"], dots["y"]) == ([0.55], [0.5])
    assert dots["error_y"]["array"] == pytest.approx([0.15])
    assert dots["error_y"]["arrayminus"] == pytest.approx([0.14])
    assert figure["layout"]["xaxis"]["range"][0] == pytest.approx(0.28)


def test_coverage_goes_over_what_is_left_out_with_the_choice_marked():
    points = [
        {"coverage": coverage, "threshold": 1 - coverage, "accuracy": measured(right, right, 1.0)}
        for coverage, right in ((0.5, 0.97), (1.0, 0.8), (0.9, 0.9))
    ]
    figure = checked(coverage_figure(points, STYLE, points[2]))
    _, curve, mark = figure["data"]
    assert curve["x"] == pytest.approx([0, 0.1, 0.5])
    assert curve["y"] == [0.8, 0.9, 0.97]
    assert (mark["x"], mark["y"]) == (pytest.approx([0.1]), [0.9])
    assert len(coverage_figure(points, STYLE, None)["data"]) == 2
