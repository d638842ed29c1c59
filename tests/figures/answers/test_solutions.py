"""Figures of units removed and of the loss landscape."""

import pytest

from cnnlab.figures.answers.solutions import line_figure, rise_figure, slices_figure, units_figure
from cnnlab.figures.traces import Style
from tests.study.made_solutions import DISTANCES, SHARES, study_landscape, study_units

STYLES = {"baseline": Style("#6b7a90", "solid"), "<b>dropout</b>": Style("#2f6fd0", "dash")}
DROPOUT = "<b>dropout</b>"
CURVES = {"baseline": [(0.8, 0.2), (0.9, 0.3)], DROPOUT: [(0.8, 0.6), (0.9, 0.7)]}


def curves(figure):
    return [trace for trace in figure["data"] if trace.get("name")]


@pytest.fixture
def landscape():
    return study_landscape(
        {"baseline": [0.2, 0.3], DROPOUT: [0.4, 0.5]}, hills={DROPOUT: [0.5, 0.7]}
    )


def test_each_arm_has_its_curve_and_band_in_a_panel_for_each_choice_of_layers():
    alone = units_figure(study_units(CURVES), STYLES)
    assert len(curves(alone)) == 2 and len(alone["data"]) == 4
    assert curves(alone)[0]["x"] == SHARES
    assert curves(alone)[0]["y"][0] == pytest.approx(0.85)
    both = units_figure(study_units(CURVES, last=CURVES), STYLES)
    assert [trace["xaxis"] for trace in curves(both)] == ["x", "x", "x2", "x2"]
    assert [trace["showlegend"] for trace in curves(both)] == [True, True, False, False]
    titles = [note["text"] for note in both["layout"]["annotations"]]
    assert titles == ["every layer", "last layers"]


def test_guessing_is_a_level_in_every_panel():
    figure = units_figure(study_units(CURVES, last=CURVES), STYLES)
    levels = [(shape["yref"], shape["y0"], shape["y1"]) for shape in figure["layout"]["shapes"]]
    assert levels == [("y", 0.25, 0.25), ("y2", 0.25, 0.25)]


def test_where_nothing_was_measured_nothing_is_drawn():
    empty = study_landscape({})
    assert units_figure(study_units({}), STYLES) is None
    assert rise_figure(empty, STYLES) is line_figure(empty, STYLES, "baseline") is None
    assert slices_figure(empty, STYLES) is None


def test_arms_keep_their_hue_and_names_are_no_markup(landscape):
    for figure in (
        units_figure(study_units(CURVES), STYLES),
        rise_figure(landscape, STYLES),
        line_figure(landscape, STYLES, "baseline"),
    ):
        named = {trace["name"]: trace["line"]["color"] for trace in curves(figure)}
        assert named["&lt;b&gt;dropout&lt;/b&gt;"] == "#2f6fd0"
        assert not [trace for trace in curves(figure) if DROPOUT in trace["hovertemplate"]]
    assert DROPOUT not in str(slices_figure(landscape, STYLES))


def test_the_rise_goes_from_the_solution_to_the_largest_distance(landscape):
    figure = rise_figure(landscape, STYLES)
    assert curves(figure)[0]["x"] == [0.0, *DISTANCES]
    assert figure["layout"]["shapes"][0]["y0"] == 0.5


def test_on_the_line_dashes_mean_validation(landscape):
    figure = line_figure(landscape, STYLES, "baseline")
    drawn = [(trace["xaxis"], trace["line"]["dash"]) for trace in curves(figure)]
    assert drawn == [("x", "solid"), ("x2", "dash")]
    assert figure["layout"]["xaxis"]["ticktext"] == ["baseline", "arm"]


def test_slices_share_their_levels_and_have_the_ramp_of_their_arm(landscape):
    landscape["slices"][1]["cross_entropy"] = [[1, 10, 1], [1, 0.01, None], [1, 1, 1]]
    figure = slices_figure(landscape, STYLES)
    first, first_lines, second, second_lines = figure["data"]
    assert (first["zmin"], first["zmax"]) == (second["zmin"], second["zmax"]) == (-2, 1)
    assert first_lines["contours"] == second_lines["contours"]
    assert first_lines["contours"]["coloring"] == "none"
    assert second_lines["line"]["color"] == "#2f6fd0"
    assert "rgba(47,111,208" in second["colorscale"][0][1]
    assert second["z"][1][2] is None and second["text"][1][2] == "not finite"
    assert second["text"][0][1] == "10 nats"
    assert (first["name"], second["name"]) == ("baseline", "&lt;b&gt;dropout&lt;/b&gt;")
