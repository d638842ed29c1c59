import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.figures.answers.effects import (
    dose_figure,
    memorization_figure,
    reliability_figure,
    robustness_figure,
    weights_figure,
    worth_figure,
)
from cnnlab.figures.panels import panel_layout
from cnnlab.figures.traces import MOST_POINTS, Style
from cnnlab.study.kinds.doses import Turned, dose_response
from cnnlab.study.kinds.worth import worth_in_images
from cnnlab.study.verdicts import METRICS
from tests.figures.drawn import check_figure, lines_of, points_of, words_of
from tests.study.made_measures import OLD_HISTORY, evaluation, history

STYLES = {
    "baseline": Style("#6b7a90", "solid"),
    "L1": Style("#2f6fd0", "dash"),
    "<b>own</b>": Style("#e07b16", "dashdot"),
}
PLAIN, CHANGED = STYLES["baseline"], STYLES["L1"]
OFF = (0.0, 0.004, -0.004, 0.002)


def response(*means, unit="°"):
    turned = Turned("f", "Rotation", unit, {str(at): 10.0 * at for at in range(len(means))})
    values = {
        str(at): {seed: mean + OFF[(seed * (1 + at)) % 4] for seed in range(4)}
        for at, mean in enumerate(means)
    }
    return dose_response(turned, values, METRICS["val_accuracy"], resolution=0.001)


def test_the_best_strength_is_a_star_and_the_too_much_side_is_shaded():
    figure = check_figure(dose_figure(response(0.8, 0.9, 0.7, 0.5), PLAIN), {})
    assert lines_of(figure)["Rotation"]["marker"]["symbol"] == [
        "circle",
        "star",
        "circle",
        "circle",
    ]
    (shade,) = figure["layout"]["shapes"]
    assert (shade["x0"], shade["x1"]) == (1.5, 3.5)
    assert figure["layout"]["xaxis"]["ticktext"] == ["0°", "10°", "20°", "30°"]


def test_nothing_is_shaded_where_nothing_is_too_much():
    figure = check_figure(dose_figure(response(0.8, 0.9, 0.95), PLAIN), {})
    assert not {"shapes", "annotations"} & figure["layout"].keys()


def test_each_seed_of_a_strength_has_a_dot():
    dots = dose_figure(response(0.8, 0.9), PLAIN)["data"][1]
    assert (dots["x"], dots["customdata"]) == ([0] * 4 + [1] * 4, [0, 1, 2, 3] * 2)


SIZES = (5, 10, 20, 40)
TOTALS = {size: 10 * size for size in SIZES}


def sizes(gain, seeds=4):
    return {
        size: {
            seed: 0.3 + 0.1 * math.log2(size / 5) + gain + OFF[(seed * (1 if gain else 3)) % 4]
            for seed in range(seeds)
        }
        for size in SIZES
    }


def worth(gain, **options):
    found = worth_in_images(sizes(0.0, **options), sizes(gain, **options), TOTALS, resolution=0.001)
    figure = worth_figure(found, PLAIN, CHANGED, "<b>augmentation</b>")
    return check_figure(figure, {"changed": CHANGED})


def text_of(figure):
    (note,) = figure["layout"]["annotations"]
    return words_of(note)


def test_an_accuracy_ends_at_all_images_in_its_band_and_its_axis():
    figure = worth(0.38)
    _, top = figure["layout"]["yaxis"]["range"]
    assert 1 <= top < 1.02
    assert max(value for trace in figure["data"] for value in trace["y"] if value) <= 1
    losses = {size: {seed: 2 - value for seed, value in of_size.items()}
              for size, of_size in sizes(0.0).items()}  # fmt: skip
    found = worth_in_images(losses, losses, TOTALS, METRICS["val_cross_entropy"])
    assert "range" not in worth_figure(found, PLAIN, CHANGED, "x")["layout"]["yaxis"]


def test_sizes_with_no_room_between_them_are_not_named():
    plain = {size: dict.fromkeys(range(3), size / 200) for size in (5, 95, 98, 100)}
    found = worth_in_images(plain, plain, {size: 10 * size for size in plain})
    axis = worth_figure(found, PLAIN, CHANGED, "x")["layout"]["xaxis"]
    assert axis["ticktext"] == ["50", "1000"]


def test_the_horizontal_distance_is_drawn_at_the_level_with_the_change():
    figure = worth(0.1)
    distance = next(trace for trace in figure["data"] if trace.get("line", {}).get("dash") == "dot")
    assert distance["x"] == pytest.approx([50, 100], abs=0.01)
    assert distance["y"] == pytest.approx([0.4005] * 2, abs=1e-6)
    assert text_of(figure) == "worth about 50 images"


def test_the_interval_is_drawn_along_the_distance():
    interval = next(
        trace for trace in worth(0.1)["data"] if trace.get("line", {}).get("width") == 9
    )
    assert 50 < interval["x"][0] < 100 < interval["x"][1] < 200
    thick = [trace.get("line", {}).get("width") for trace in worth(0.1, seeds=2)["data"]]
    assert 9 not in thick


def test_beyond_the_largest_set_the_line_ends_there():
    figure = worth(0.6)
    distance = next(trace for trace in figure["data"] if trace.get("line", {}).get("dash") == "dot")
    assert distance["x"] == [50, 400]
    assert text_of(figure) == "worth at least about 350 images"


def test_below_the_smallest_set_the_line_ends_there():
    figure = worth(-0.6)
    assert text_of(figure) == "worse than any size"


def test_sizes_are_drawn_over_the_logarithm_and_named():
    axis = worth(0.1)["layout"]["xaxis"]
    assert (axis["type"], axis["ticktext"]) == ("log", ["50", "100", "200", "400"])
    assert lines_of(worth(0.1)).keys() == {
        "without &lt;b&gt;augmentation&lt;/b&gt;",
        "with &lt;b&gt;augmentation&lt;/b&gt;",
    }


def test_a_curve_that_tells_nothing_is_drawn_without_a_distance():
    flat = {size: {0: 0.9, 1: 0.91, 2: 0.9} for size in SIZES}
    found = worth_in_images(flat, flat, TOTALS)
    assert len(worth_figure(found, PLAIN, CHANGED, "x")["data"]) == 7


def evaluations():
    return {
        "baseline": {0: evaluation((0.8, 0.6)), 1: evaluation((0.7, 0.4))},
        "<b>own</b>": {0: evaluation((0.9, 0.85))},
        "L1": {0: {}},
    }


def test_robustness_has_a_panel_for_each_distortion_and_a_line_for_each_arm():
    figure = check_figure(robustness_figure(evaluations(), STYLES), {})
    rotation = next(
        trace
        for trace in figure["data"]
        if trace.get("name") == "baseline" and trace["xaxis"] == "x"
    )
    assert rotation["x"] == [0, 10, 20]
    assert rotation["y"] == pytest.approx([0.93, 0.75, 0.5])
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["rotation, °", "shift, %"]
    assert figure["layout"]["xaxis2"]["tickvals"] == [0, 5, 10]


def test_the_area_is_the_range_of_the_seeds():
    area = robustness_figure(evaluations(), STYLES)["data"][0]
    assert area["y"] == [0.93, 0.8, 0.6, 0.4, 0.7, 0.93]


def test_the_legend_names_each_arm_once_and_hides_it_everywhere():
    data = robustness_figure(evaluations(), STYLES)["data"]
    named = [trace["name"] for trace in data if trace["showlegend"]]
    assert len(named) == len(set(named))
    assert "&lt;b&gt;own&lt;/b&gt;" in named
    assert all(trace["legendgroup"] in STYLES for trace in data)


def test_reliability_has_the_error_in_the_name_and_dots_by_images():
    bins = ((0.5, 25, 0.55, 0.5), (0.9, 100, 0.95, 0.9))
    found = {"baseline": {0: evaluation(ece=0.051, bins=bins)}, "L1": {0: {}}}
    figure = check_figure(reliability_figure(found, STYLES), {})
    (line,) = figure["data"]
    assert line["name"] == "baseline: ECE 5.1\u00a0%"
    assert (line["x"], line["y"]) == ([0.55, 0.95], [0.5, 0.9])
    assert line["marker"]["size"][1] == 2 * line["marker"]["size"][0]
    diagonal = figure["layout"]["shapes"][0]
    assert (diagonal["x0"], diagonal["y0"], diagonal["x1"], diagonal["y1"]) == (0, 0, 1, 1)


def histories():
    return {
        "baseline": {
            0: history((4, 0.1, 0.2, 0.3), (6, 0.1, 0.8, 0.1)),
            1: history((6, 0.1, 0.4, 0.3), (8, 0.3, 0.6, 0.1)),
        },
        "L1": {0: history((4, 0.5, 0.1, 0.5))},
        "<b>own</b>": {0: OLD_HISTORY, 1: []},
    }


@pytest.mark.parametrize(
    ("draw", "first", "second"),
    [
        (lambda: weights_figure(histories(), STYLES, "conv_1"), [5, 7], [0.1, 0.2]),
        (lambda: memorization_figure(histories(), STYLES), [0.3, 0.7], [0.3, 0.1]),
    ],
)
def test_both_measures_are_drawn_over_the_epochs(draw, first, second):
    figure = check_figure(draw(), {})
    curves = [trace for trace in figure["data"] if trace.get("name") == "baseline"]
    assert [curve["x"] for curve in curves] == [[1, 2], [1, 2]]
    assert curves[0]["y"] == pytest.approx(first)
    assert curves[1]["y"] == pytest.approx(second)
    assert [curve["yaxis"] for curve in curves] == ["y", "y2"]
    assert {trace["legendgroup"] for trace in figure["data"]} == {"baseline", "L1"}


def test_what_was_not_measured_has_no_figure():
    old = {"baseline": {0: OLD_HISTORY}, "L1": {}}
    assert weights_figure(old, STYLES, "conv_1") is None
    assert weights_figure(histories(), STYLES, "no such layer") is None
    assert memorization_figure(old, STYLES) is None
    assert robustness_figure({"baseline": {0: {}}}, STYLES) is None
    assert reliability_figure({"baseline": {0: {}}, "L1": {}}, STYLES) is None


def test_a_run_that_exploded_leaves_a_hole():
    exploded = {
        "L1": {
            0: history((4, 0.1, 0, 0), (math.nan, 0.1, 0, 0)),
            1: history((4, 0.1, 0, 0), (5, 0, 0, 0)),
        }
    }
    figure = check_figure(weights_figure(exploded, STYLES, "conv_1"), {})
    assert lines_of({"data": figure["data"][:2]})["L1"]["y"] == [4, None]


def test_bands_end_where_their_values_do_and_no_two_ticks_of_small_shares_are_alike():
    spread = {"L1": {0: history((0.1, 0, 0, 0)), 1: history((4, 0.01, 0, 0))}}
    figure = check_figure(weights_figure(spread, STYLES, "conv_1"), {})
    bands = [trace for trace in figure["data"] if trace.get("fill") == "toself"]
    assert [min(band["y"]) for band in bands] == [0, 0]
    assert figure["layout"]["yaxis2"]["tickformat"] == ".2~%"  # 0.5% and 1%, not 1% and 1%


def test_long_runs_are_thinned():
    long = {"L1": {seed: history(*[(1, 0, 0.5, 0.5)] * 2000) for seed in (0, 1)}}
    assert points_of(memorization_figure(long, STYLES)) <= 2 * 3 * MOST_POINTS


@given(st.integers(1, 9), st.integers(1, 4))
def test_panels_lie_apart_within_the_figure(panels, columns):
    layout = panel_layout([str(panel) for panel in range(panels)], columns)
    boxes = []
    for panel in range(panels):
        suffix = "" if panel == 0 else str(panel + 1)
        left, right = layout[f"xaxis{suffix}"]["domain"]
        bottom, top = layout[f"yaxis{suffix}"]["domain"]
        assert 0 <= left < right <= 1
        assert 0 <= bottom < top <= 1
        assert all(
            right <= other[0] or other[1] <= left or top <= other[2] or other[3] <= bottom
            for other in boxes
        )
        boxes.append((left, right, bottom, top))
