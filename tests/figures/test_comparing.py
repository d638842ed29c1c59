"""Figures of runs side by side."""

import numpy as np

from cnnlab.figures.comparing import (
    MEASURES,
    Overlaid,
    known_measures,
    overlay_figure,
    reliability_overlay_figure,
    run_styles,
    weights_figure,
)
from cnnlab.figures.confusion_difference import (
    MOST_CLASSES,
    confusion_difference_figure,
    most_different,
)
from cnnlab.judging.calibration import reliability_bins
from tests.figures.drawn import shift_of, words_of
from tests.made_judgements import made_predictions
from tests.made_runs import epoch_record


def overlaid(count, epochs=3):
    history = [epoch_record(at, seconds=2.0, evaluation_seconds=1.0) for at in range(epochs)]
    return [
        Overlaid(letter, f"<b>{letter}</b>", style, history)
        for letter, style in zip("ABCDEFGH"[:count], run_styles(count), strict=True)
    ]


def test_hue_is_the_run_and_dash_is_validation():
    figure = overlay_figure(overlaid(8), MEASURES["accuracy"], "epoch", height=400)
    *curves, solid, dashed = figure["data"]
    lines = [trace["line"] for trace in curves]
    assert len({line["color"] for line in lines}) == 8
    assert [line["dash"] for line in lines[:2]] == ["solid", "dash"]
    assert lines[0]["color"] == lines[1]["color"]
    named = [trace for trace in curves if trace["showlegend"]]
    assert [trace["name"] for trace in named] == [
        f"{letter}: &lt;b&gt;{letter}&lt;/b&gt;" for letter in "ABCDEFGH"
    ]
    assert {trace["line"]["dash"] for trace in named} == {"solid"}, "the legend says the hue"
    assert (solid["name"], solid["line"]["dash"]) == ("solid: clean train", "solid")
    assert (dashed["name"], dashed["line"]["dash"]) == ("dashed: validation", "dash")
    assert [*map(words_of, figure["layout"]["annotations"])] == [*"ABCDEFGH"]
    assert "<b>" not in str(figure["data"])
    heights = [shift_of(note) for note in figure["layout"]["annotations"]]
    assert len(set(heights)) == 8, "letters at one place would cover each other"


def test_along_the_seconds_evaluations_count():
    [trace] = overlay_figure(overlaid(1), MEASURES["gap"], "seconds", height=400)["data"]
    assert trace["x"] == [3.0, 6.0, 9.0]
    assert trace["y"] == [0.0, -1.0, -2.0]
    longer = overlay_figure(overlaid(2), MEASURES["gap"], "seconds", height=400)["layout"]
    assert longer["xaxis"]["range"] == [2.88, 9.12], "from the first point to the last"


def test_a_run_without_an_epoch_has_no_curve():
    runs = [*overlaid(1), Overlaid("B", "waits", run_styles(2)[1], [])]
    figure = overlay_figure(runs, MEASURES["accuracy"], "epoch", height=400)
    assert {trace["name"] for trace in figure["data"] if trace["y"] != [None]} == {
        "A: &lt;b&gt;A&lt;/b&gt;"
    }


def test_what_no_run_has_measured_is_not_offered():
    known = known_measures([[epoch_record(0, penalty=0.0)], []])
    assert known[:2] == ["accuracy", "cross_entropy"]
    assert "memorized" not in known and "penalty" not in known
    assert "penalty" in known_measures([[epoch_record(0)], [epoch_record(0, penalty=0.0)]])
    assert known_measures([[]]) == []


def test_more_right_and_fewer_wrong_are_both_better():
    difference = np.array([[3, -3], [1, -1]])
    figure = confusion_difference_figure(difference, ["cat", "<dog>"], ("A", "B"))
    [heatmap] = figure["data"]
    assert heatmap["z"] == [[3, 3], [-1, -1]]
    assert heatmap["text"] == [["+3", "−3"], ["+1", "−1"]]
    assert heatmap["colorbar"]["title"]["text"] == "images, B minus A"
    assert figure["layout"]["xaxis"]["ticktext"] == ["cat", "&lt;dog&gt;"]


def test_of_many_classes_those_that_differ_most_are_drawn():
    difference = np.zeros((100, 100), int)
    difference[70, 70], difference[70, 3] = -5, 5
    shown = most_different(difference)
    assert len(shown) == MOST_CLASSES
    assert {3, 70} <= set(shown.tolist()) and np.all(np.diff(shown) > 0)
    names = [f"class {at}" for at in range(100)]
    figure = confusion_difference_figure(difference, names, ("A", "B"))
    assert len(figure["data"][0]["z"]) == MOST_CLASSES
    assert "texttemplate" not in figure["data"][0]


def test_reliability_of_several_is_drawn_in_their_hues():
    said = [made_predictions(200, seed=seed) for seed in (0, 1)]
    bins = [reliability_bins(each.probabilities, each.labels) for each in said]
    styles = run_styles(2)
    figure = reliability_overlay_figure(
        [("A", "first", styles[0], bins[0]), ("B", "second", styles[1], bins[1])]
    )
    curves, keys = figure["data"][:2], figure["data"][2:]
    hues = [each.color for each in styles]
    assert [trace["marker"]["color"] for trace in curves] == hues
    assert [(key["name"], key["mode"]) for key in keys] == [
        ("A: first", "markers"), ("B: second", "markers"), ("as sure as right", "lines")
    ]  # fmt: skip
    assert [key["marker"]["color"] for key in keys[:2]] == hues
    [diagonal] = figure["layout"]["shapes"]
    assert keys[-1]["line"]["dash"] == diagonal["line"]["dash"] == "dot"
    assert figure["data"][0]["y"] == [round(one["accuracy"]["value"], 6) for one in bins[0]]


def test_a_layer_that_one_run_lacks_is_a_hole_in_its_line():
    def rows(*layers):
        return [{"layer": name, "norm": 2.0, "near_zero": 0.25} for name in layers]

    styles = run_styles(2)
    runs = [("A", "a", styles[0], rows("one", "two")), ("B", "b", styles[1], rows("one", "three"))]
    first, second = weights_figure(runs, "norm", {"two": "2. Convolution"})["data"]
    assert first["x"] == ["one", "2. Convolution", "three"]
    assert (first["name"], second["name"]) == ("A: a", "B: b")
    assert (first["y"], second["y"]) == ([2.0, 2.0, None], [2.0, None, 2.0])
    assert weights_figure(runs, "near_zero", {})["data"][0]["y"][0] == 0.25
    alike = weights_figure(runs, "norm", dict.fromkeys(("one", "two"), "1. Depthwise"))
    assert alike["data"][0]["x"] == ["one", "two", "three"], "no two layers at one place"
