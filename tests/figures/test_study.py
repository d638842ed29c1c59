import itertools
import math

import numpy as np
import pytest

from cnnlab.domain.arms import dose_arms, worth_arms
from cnnlab.domain.study import Arm, Kind, Study
from cnnlab.figures.study import (
    ARM_COLORS,
    MOST_SEED_LINES,
    REFERENCE_COLOR,
    arm_styles,
    band_figure,
    gap_figure,
)
from cnnlab.figures.traces import MOST_POINTS, Style, label_of, number
from cnnlab.study.measures.bands import value_of
from tests.figures.drawn import check_figure, lines_of, points_of, words_of

HEIGHT = 360


def styles_of(*names):
    arms = tuple(Arm(name, {}) for name in names)
    return arm_styles(Study("s", "s", "d", {}, arms, (0,)))


def records(*accuracies, **fields):
    return [
        {
            "epoch": epoch,
            "val_accuracy": value,
            "val_cross_entropy": 1.0,
            "clean_accuracy": 0.9,
        }
        | fields
        for epoch, value in enumerate(accuracies)
    ]


def test_the_reference_is_grey_and_every_arm_looks_different():
    styles = styles_of(*(f"arm {number}" for number in range(24)))
    assert styles["arm 0"] == Style(REFERENCE_COLOR, "solid")
    assert len(set(styles.values())) == 24


def lightness(style):
    return sum(int(style.color[start : start + 2], 16) for start in (1, 3, 5))


def test_strengths_are_a_ramp_of_one_hue_the_strongest_the_deepest():
    arms = dose_arms("regularization.dropout", (0.0, 0.2, 0.4, 0.6))
    styles = arm_styles(Study("s", "s", "d", {}, arms, (0,), kind=Kind.DOSE))
    assert styles[arms[0].name].color == REFERENCE_COLOR
    ramp = [styles[arm.name] for arm in arms[1:]]
    assert [lightness(style) for style in ramp] == sorted(map(lightness, ramp), reverse=True)
    assert len(set(ramp)) == 3
    for style in ramp:
        red, green, blue = (int(style.color[start : start + 2], 16) for start in (1, 3, 5))
        assert red < green < blue


def test_arms_are_told_apart_by_hue_and_beyond_six_by_marks_never_by_dashes():
    styles = styles_of("reference", *(f"arm {number}" for number in range(9)))
    assert {style.dash for style in styles.values()} == {"solid"}
    assert [style.mark for style in styles.values()] == [""] * 7 + ["square"] * 3
    histories = {"arm 0": {0: records(0.7, 0.8)}, "arm 8": {0: records(0.6, 0.7)}}
    figure = band_figure(histories, "val_accuracy", styles, height=HEIGHT)
    plain, marked = (trace for trace in figure["data"] if trace.get("name"))
    assert (plain["mode"], marked["mode"]) == ("lines", "lines+markers")
    assert marked["marker"]["symbol"] == "square"


@pytest.mark.parametrize("blind_to", [None, "red", "green"])
def test_six_arms_and_the_reference_are_told_apart_without_seeing_red_or_green(blind_to):
    colors = [REFERENCE_COLOR, *ARM_COLORS[:6]]
    apart = min(seen_apart(*two, blind_to) for two in itertools.combinations(colors, 2))
    assert apart > 15  # in CIELAB, where 2 is just seen side by side


# Of severity 1: G. Machado, M. Oliveira, L. Fernandes (2009), IEEE TVCG 15 (6), 1291-1298.
BLIND = {
    "red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    None: np.eye(3).tolist(),
}


def seen_apart(one, other, blind_to):
    """How far two colours are apart in CIELAB for such eyes."""
    return np.linalg.norm(seen(one, blind_to) - seen(other, blind_to))


def seen(color, blind_to):
    shares = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(BLIND[blind_to] @ linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_sizes_are_a_ramp_with_the_change_and_a_grey_one_without():
    arms = worth_arms((10, 20, 40), {10: 4, 20: 2, 40: 1}, {"regularization.dropout": 0.5})
    styles = arm_styles(Study("s", "s", "d", {}, arms, (0,), kind=Kind.WORTH))
    assert styles[arms[0].name].color == REFERENCE_COLOR
    changed = [styles[arm.name] for arm in arms if " with " in arm.name]
    plain = [styles[arm.name] for arm in arms if " with " not in arm.name]
    for ramp in (changed, plain):  # the largest size is the first, and the deepest
        assert [lightness(style) for style in ramp] == sorted(map(lightness, ramp))
    assert len(set(styles.values())) == 6


def test_the_axis_of_an_accuracy_ends_at_all_images():
    histories = {"a": {0: records(0.98, 0.99), 1: records(1.0, 0.95)}}
    figure = band_figure(histories, "val_accuracy", styles_of("a"), height=HEIGHT)
    assert 1 <= figure["layout"]["yaxis"]["range"][1] < 1.02


def test_a_faded_colour_keeps_its_parts():
    assert Style("#2f6fd0", "dash").faded(0.5) == "rgba(47,111,208,0.5)"


def test_the_band_is_drawn_by_hand_numbers():
    histories = {"a": {0: records(0.7, 0.7), 1: records(0.8, 0.8), 2: records(0.9, 0.9)}}
    figure = band_figure(histories, "val_accuracy", styles_of("a", "b"), height=HEIGHT)
    area = next(trace for trace in figure["data"] if trace.get("fill") == "toself")
    line = lines_of(check_figure(figure, styles_of("a", "b")))["a"]
    assert (line["x"], line["y"]) == ([1, 2], [0.8, 0.8])
    assert area["x"] == [1, 2, 2, 1]
    assert area["y"] == pytest.approx([1, 1, 0.551586, 0.551586], abs=1e-6)  # no more than all


def test_each_seed_has_a_dot_at_its_best_epoch():
    histories = {"a": {3: records(0.5, 0.9, 0.8), 5: records(0.6)}}
    dots = band_figure(histories, "val_accuracy", styles_of("a"), height=HEIGHT)["data"][-1]
    assert (dots["x"], dots["y"], dots["customdata"]) == ([2, 1], [0.9, 0.6], [3, 5])


def test_one_seed_has_a_line_and_no_band():
    figure = band_figure({"a": {0: records(0.5)}}, "val_accuracy", styles_of("a"), height=HEIGHT)
    assert [trace["mode"] for trace in figure["data"]] == ["lines+markers", "markers"]


def test_arms_that_have_not_begun_draw_nothing():
    figure = band_figure({"a": {}, "b": {0: []}}, "gap", styles_of("a", "b"), height=HEIGHT)
    check_figure(figure, {})
    assert points_of(figure) == 0


def test_what_is_not_finite_becomes_a_hole_and_no_label():
    histories = {"a": {0: records(0.5, math.nan), 1: records(0.6, None)}, "b": {0: records(0.5)}}
    figure = band_figure(histories, "val_accuracy", styles_of("a", "b"), height=HEIGHT)
    check_figure(figure, styles_of("a", "b"))
    assert lines_of(figure)["a"]["y"] == [0.55, None]
    assert [*map(words_of, figure["layout"]["annotations"])] == ["b"]
    assert [number(value) for value in (math.inf, None, 0.25)] == [None, None, 0.25]


@pytest.mark.parametrize("metric", ["val_accuracy", "val_cross_entropy", "gap"])
def test_the_axis_holds_all_that_is_drawn_and_names_stand_at_their_ends(metric):
    histories = {"a": {0: records(0.0, 0.1), 1: records(0.1, 0.7)}, "b": {0: records(0.5, 0.9)}}
    figure = band_figure(histories, metric, styles_of("a", "b"), height=HEIGHT)
    low, high = figure["layout"]["yaxis"]["range"]
    values = [value for trace in figure["data"] for value in trace["y"] if value is not None]
    assert low < min(values) and max(values) < high
    assert (low <= 0) >= (metric == "val_cross_entropy")
    assert sorted(map(words_of, figure["layout"]["annotations"])) == ["a", "b"]


def test_a_name_does_not_stand_among_curves_that_go_on_beyond_its_own():
    histories = {
        "short": {0: records(0.5)},
        "long": {0: records(0.5, 0.6)},
        "b": {0: records(1, 1)},
    }
    figure = band_figure(histories, "gap", styles_of(*histories), height=HEIGHT)
    assert sorted(map(words_of, figure["layout"]["annotations"])) == ["b", "long"]


def test_hundreds_of_long_runs_keep_the_draw_budget():
    names = [f"arm {number}" for number in range(8)]
    run = records(*(0.5 for _ in range(2000)))
    histories = {name: dict.fromkeys(range(50), run) for name in names}
    figure = band_figure(histories, "val_accuracy", styles_of(*names), height=HEIGHT)
    thin = [trace for trace in figure["data"] if trace.get("line", {}).get("width") == 1]
    assert 0 < len(thin) <= MOST_SEED_LINES
    assert points_of(figure) <= (MOST_SEED_LINES + 3 * len(names)) * MOST_POINTS + 50 * len(names)
    assert set(lines_of(figure)) == set(names)


def test_no_name_is_markup_and_long_ones_are_cut():
    assert label_of('<img src=x onerror="alert(1)">').startswith("&lt;img src=x onerror=&quot;")
    assert label_of("a" * 41) == "a" * 39 + "…"
    name = "<b>bold</b>"
    styles = styles_of("a", name)
    histories = {name: {0: records(0.5), 1: records(0.6)}}
    figure = band_figure(histories, "val_accuracy", styles, height=HEIGHT)
    assert "<b>" not in str(figure)


def test_zoom_outlives_an_update_and_a_new_metric_begins_anew():
    histories = {"a": {0: records(0.5)}}
    first, second, other = (
        band_figure(histories, metric, styles_of("a"), height=HEIGHT)["layout"]
        for metric in ("val_accuracy", "val_accuracy", "val_cross_entropy")
    )
    assert first["uirevision"] == second["uirevision"] != other["uirevision"]
    assert first["yaxis"]["tickformat"] == ".2~%"
    assert "tickformat" not in other["yaxis"]


def test_a_gap_is_drawn_in_points_as_words_say_it():
    histories = {"a": {0: records(0.5, 0.6)}}
    shares = value_of(records(0.5, 0.6)[-1], "gap")
    figure = band_figure(histories, "gap", styles_of("a"), height=HEIGHT)
    curve = lines_of(figure)["a"]
    assert curve["y"][-1] == pytest.approx(100 * shares)
    assert "%{y:+.1f} points" in curve["hovertemplate"]
    assert "tickformat" not in figure["layout"]["yaxis"]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 100 * shares < high


def test_the_gap_lies_between_validation_and_clean_train():
    histories = {0: records(0.6, 0.7), 1: records(0.8, math.nan)}
    figure = check_figure(gap_figure(histories, Style("#2f6fd0", "dot"), 41), {})
    validation, clean = figure["data"]
    assert (validation["y"], clean["y"]) == ([0.7, None], [0.9, 0.9])
    assert (validation["line"]["dash"], clean["fill"]) == ("dash", "tonexty")
    assert figure["layout"]["xaxis"]["range"] == [0.2, 41.8]


def test_one_epoch_has_a_marker_where_a_line_needs_two():
    histories = {"a": {0: records(0.5)}}
    figure = band_figure(histories, "val_accuracy", styles_of("a"), height=HEIGHT)
    assert lines_of(figure)["a"]["mode"] == "lines+markers"
    gap = gap_figure({0: records(0.5)}, Style("#2f6fd0", "solid"), 4)
    assert {trace["mode"] for trace in gap["data"]} == {"lines+markers"}


@pytest.mark.parametrize(
    ("metric", "ends"),
    [("val_accuracy", [0, 1.03]), ("gap", [-10, 50]), ("val_cross_entropy", [0, 2.5])],
)
def test_before_the_first_epoch_the_axes_show_what_can_come(metric, ends):
    layout = band_figure({"a": {}}, metric, styles_of("a"), height=HEIGHT, epochs=2)["layout"]
    assert layout["yaxis"]["range"] == ends
    assert layout["xaxis"]["range"] == [0.98, 2.02]


@pytest.mark.parametrize(("finished", "shown"), [(1, [0.5, 1.5]), (3, [0.96, 3.04])])
def test_the_epochs_begin_with_the_first_and_grow_with_the_curves(finished, shown):
    histories = {"a": {0: records(*[0.5] * finished), 1: records(0.4)}, "b": {}}
    layout = band_figure(histories, "gap", styles_of("a", "b"), height=HEIGHT, epochs=30)["layout"]
    assert layout["xaxis"]["range"] == shown
    assert (layout["xaxis"]["tick0"], layout["xaxis"]["dtick"]) == (1, 1)


@pytest.mark.parametrize(("epochs", "step"), [(1, 1), (10, 1), (40, None)])
def test_few_epochs_have_ticks_at_whole_ones(epochs, step):
    bands = band_figure({"a": {}}, "gap", styles_of("a"), height=HEIGHT, epochs=epochs)
    gap = gap_figure({}, Style("#2f6fd0", "solid"), epochs)
    assert bands["layout"]["xaxis"].get("dtick") == gap["layout"]["xaxis"].get("dtick") == step
