"""The chart of differences: both scopes, the margin, and what lies too far off."""

from dataclasses import replace

import pytest

from cnnlab.domain.study import Arm, Study
from cnnlab.figures.answers.forest import forest_figure, forest_key
from cnnlab.figures.study import arm_styles
from cnnlab.study.scopes import ScopedInterval
from cnnlab.study.verdicts import Verdict
from tests.figures.drawn import check_figure
from tests.study.made_comparisons import made_comparison

HOLLOW = "rgba(0,0,0,0)"


def study_of(*names, **options):
    return Study("s", "s", "d", {}, tuple(Arm(name, {}) for name in names), (0, 1, 2), **options)


def drawn(*found, **options):
    study = study_of("base", *(one.arm for one in found), **options)
    figure = forest_figure({one.arm: one for one in found}, study)
    return check_figure(figure, arm_styles(study))


def ends(trace):
    mean = trace["x"][0]
    return mean - trace["error_x"]["arrayminus"][0], mean + trace["error_x"]["array"][0]


def test_the_interval_of_the_verdict_is_drawn_in_points_above_that_of_the_other_scope():
    found = made_comparison("better", 0.02, these=(0.004, 0.036), new=(-0.006, 0.048))
    these, new = drawn(found)["data"]
    assert these["x"] == new["x"] == pytest.approx([2.0])
    assert ends(these) == pytest.approx((0.4, 3.6))
    assert ends(new) == pytest.approx((-0.6, 4.8))
    assert these["error_x"]["thickness"] > new["error_x"]["thickness"]
    assert these["y"][0] == 0 < new["y"][0]  # the axis points down
    assert (
        "on these validation images +0.40 to +3.60 (95\u00a0% interval)" in these["hovertemplate"]
    )


def test_a_claim_about_new_images_has_its_interval_thick():
    found = made_comparison(
        "better", 0.02, these=(0.004, 0.036), new=(-0.006, 0.048), scope="new_images"
    )
    claimed, other = drawn(found, scope="new_images")["data"]
    assert ends(claimed) == pytest.approx((-0.6, 4.8))
    assert ends(other) == pytest.approx((0.4, 3.6))


def test_no_mark_hides_an_interval_however_short():
    (row,) = drawn(made_comparison("arm", 0.01, these=(0.009, 0.011)))["data"]
    assert row["marker"]["symbol"] == "line-ns"
    assert row["marker"]["line"]["width"] < row["error_x"]["thickness"]
    assert row["error_x"]["width"] == 0


@pytest.mark.parametrize(
    ("primary", "margin", "half"), [("val_accuracy", 0.02, 2), ("val_cross_entropy", 0.1, 0.1)]
)
def test_the_margin_is_a_band_around_zero_within_the_axis(primary, margin, half):
    found = made_comparison("arm", 0.001, these=(0.0005, 0.0015), metric=primary)
    layout = drawn(found, primary=primary, margin=margin)["layout"]
    band, zero = layout["shapes"]
    assert (band["x0"], band["x1"]) == pytest.approx((-half, half))
    assert (zero["x0"], zero["x1"]) == (0, 0)
    low, high = layout["xaxis"]["range"]
    assert low < -half and half < high < 1.5 * half


def test_a_mean_so_far_is_hollow_and_without_a_bar():
    found = made_comparison("arm", 0.05, verdict=Verdict.HELPS)
    (row,) = drawn(replace(found, is_open=True))["data"]
    assert ends(row) == pytest.approx((5, 5))
    assert not row["error_x"]["visible"]  # its caps would cross the mark out
    assert row["marker"]["color"] == HOLLOW


def test_arms_without_a_mean_and_the_reference_have_no_row():
    nothing = made_comparison("nothing", None)
    reference = made_comparison("reference", None, verdict=Verdict.REFERENCE)
    assert drawn(nothing, reference)["data"] == []


def test_arms_whose_long_names_begin_alike_have_rows_of_their_own():
    names = [f"{'the same long beginning ' * 2}{end}" for end in ("one", "two")]
    figure = drawn(*(made_comparison(name, 0.01) for name in names))
    layout = figure["layout"]
    assert [row["y"][0] for row in figure["data"]] == layout["yaxis"]["tickvals"]
    assert [name["text"] for name in layout["annotations"]] == layout["yaxis"]["ticktext"]
    assert {len(label) for label in layout["yaxis"]["ticktext"]} == {40}


def test_an_arm_far_off_the_others_is_an_arrow_at_the_edge_with_its_numbers():
    near = made_comparison("near", 0.02, these=(0.004, 0.036))
    small = made_comparison("small", -0.01, these=(-0.02, 0.001))
    far = made_comparison("far", -0.568, these=(-0.593, -0.544), verdict=Verdict.HURTS)
    figure = drawn(near, small, far)
    low, high = figure["layout"]["xaxis"]["range"]
    assert -5 < low < -2 and 3.6 < high < 5
    *names, arrow = figure["layout"]["annotations"]
    assert arrow["showarrow"] and (arrow["x"], arrow["y"]) == (0, 2)
    assert arrow["text"] == ""
    said = [name["text"] for name in names]
    assert said == ["near", "small", "far: −56.8 points (−59.3 to −54.4)"]
    assert ends(figure["data"][-1]) == pytest.approx((-59.3, -54.4))  # what a table reads


def test_the_key_names_what_is_drawn_and_no_more():
    both = made_comparison("a", 0.02, these=(0.004, 0.036), new=(-0.006, 0.048))
    one = replace(both, new_images=ScopedInterval("new_images", 0.02, None, None, None, "why"))
    none = made_comparison("a", 0.02)
    study = study_of("base", "a")
    said = [forest_key({"a": found}, study) for found in (both, one, none)]
    assert "Thick bar: on these validation images, which the claim is about; thin bar" in said[0]
    assert "thin bar" not in said[1] and "Thick bar" in said[1]
    assert said[2].startswith("Circles: mean differences so far, without a verdict.")
    assert all("up to 2 points" in key for key in said)
    assert not any("may be the wider one" in key for key in said)


def test_a_thick_bar_that_is_the_wider_one_is_explained():
    found = made_comparison("a", 0.02, these=(-0.02, 0.06), new=(-0.006, 0.048))
    study = study_of("base", "a")
    assert "may be the wider one" not in forest_key({"a": found}, study)
    together = replace(found, is_anchored=True)
    assert "A thick bar may be the wider one: all arms" in forest_key({"a": together}, study)
