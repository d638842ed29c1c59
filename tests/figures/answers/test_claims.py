import json

import pytest

from cnnlab.figures.answers.claims import ClaimRow, claims_figure, courses_figure, means_figure
from cnnlab.figures.traces import Style
from cnnlab.study.chance.claims import judge_claim
from tests.made_runs import epoch_record

STYLES = {"baseline": Style("#6b7a90", "solid"), "<b>L2": Style("#2f6fd0", "dash")}


def histories(seeds):
    return {
        name: {seed: [epoch_record(at, cross_entropy=1.0 - at / 10) for at in range(4)]
               for seed in range(seeds)}
        for name in STYLES
    }  # fmt: skip


def rows(*values):
    claim = judge_claim(values, alpha=0.05, matters=0.02, never_far=0.1)
    return [ClaimRow("<b>L2", dict(enumerate(values)), claim, STYLES["<b>L2"])]


def test_seeds_mean_and_interval_are_drawn_in_the_unit_that_is_asked_for():
    figure = claims_figure(rows(0.1, 0.11, 0.12), "points", scale=100, unit="points")
    dots, bar, mean = figure["data"]
    assert dots["x"] == pytest.approx([10, 11, 12])
    assert mean["x"] == [pytest.approx(11)]
    assert bar["x"][0] < 10.5 < 11.5 < bar["x"][1]
    assert figure["layout"]["yaxis"]["ticktext"] == ["&lt;b&gt;L2"]
    assert json.dumps(figure)


def test_without_an_interval_there_are_dots_alone():
    assert len(claims_figure(rows(), "points")["data"]) == 1


def test_every_seed_has_a_curve_and_every_arm_one_name():
    figure = courses_figure(histories(3), STYLES, epochs=4, guessing=1.5)
    assert len(figure["data"]) == 6
    assert [trace["name"] for trace in figure["data"] if trace["showlegend"]] == [
        "baseline", "&lt;b&gt;L2",
    ]  # fmt: skip
    assert figure["layout"]["yaxis"]["range"] == [0, 3.0]
    assert figure["layout"]["shapes"][0]["y0"] == 1.5


@pytest.mark.parametrize(("seeds", "traces"), [(0, 0), (2, 2), (3, 4)])
def test_a_band_needs_three_seeds(seeds, traces):
    found = means_figure(histories(seeds), "cross_entropy", STYLES, "nats", epochs=4)
    assert len(found["data"]) == traces
