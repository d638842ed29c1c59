"""The figures of a search: what they hold, and what they say of trials that are special."""

from dataclasses import replace

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.search import Range, Search, Trial, TrialState
from cnnlab.figures.searching.marks import START, TRIALS
from cnnlab.figures.searching.parallel import is_any_outside, parallel_figure, parallel_height
from cnnlab.figures.searching.scales import OUTSIDE, Scale
from cnnlab.figures.searching.search import (
    front_figure,
    importance_figure,
    progress_figure,
    slice_figure,
)
from tests.figures.drawn import check_figure, lines_of

RATE, DROPOUT, FLIP = "optimizer.learning_rate", "regularization.dropout", "augmentation.flip"
RANGES = (
    Range(RATE, 1e-4, 1e-2, log=True),
    Range(DROPOUT, 0.1, 0.5),
    Range(FLIP, choices=("none", "horizontal")),
)
SEARCH = Search("o", "s", "d", RunConfig(dataset="d").model_dump(mode="json"), RANGES, trials=9)
STYLES = {"trials": TRIALS, "start": START}


def made(number, value, *, state=TrialState.COMPLETE, second=None, curve=(), **changed):
    values = {RATE: 1e-3, DROPOUT: 0.0, FLIP: "none"} | {
        name.replace("__", "."): set_to for name, set_to in changed.items()
    }
    return Trial(number, values, state, value, second, {0: tuple(curve)}, {0: "r"}, 1.0)


TRIED = (
    made(0, 0.70),
    made(1, 0.60, optimizer__learning_rate=1e-4, regularization__dropout=0.3),
    made(2, None, state=TrialState.PRUNED, curve=(0.3, 0.4)),
    made(3, 0.80, regularization__dropout=0.5, augmentation__flip="horizontal"),
    made(4, None, state=TrialState.FAILED, curve=(float("nan"),)),
    made(5, 0.75, optimizer__learning_rate=1e-2, regularization__dropout=0.2),
)


def test_the_best_so_far_never_falls_and_what_ended_early_stands_at_its_last_epoch():
    figure = check_figure(progress_figure(SEARCH, TRIED), STYLES)
    drawn = lines_of(figure)
    assert drawn["best so far"]["x"] == [0, 1, 3, 5]
    assert drawn["best so far"]["y"] == [0.7, 0.7, 0.8, 0.8]
    assert (drawn["ended early"]["x"], drawn["ended early"]["y"]) == ([2], [0.4])
    assert (drawn["start setting"]["x"], drawn["complete"]["x"]) == ([0], [1, 3, 5])
    assert figure["layout"]["xaxis"]["rangemode"] == "normal"  # else its dot is cut in half


def test_where_all_are_equal_the_axis_stays_around_them():
    figure = progress_figure(SEARCH, [made(0, 0.5), made(1, 0.5)])
    assert figure["layout"]["yaxis"]["range"] == pytest.approx([0.45, 0.55])
    assert "range" not in progress_figure(SEARCH, TRIED)["layout"]["yaxis"]


def test_of_cross_entropies_the_lowest_is_best():
    lower = replace(SEARCH, objective="val_cross_entropy")
    drawn = lines_of(progress_figure(lower, TRIED))
    assert drawn["best so far"]["y"] == [0.7, 0.6, 0.6, 0.6]
    parallel = parallel_figure(lower, TRIED, best=1)
    assert parallel is not None
    assert lines_of(parallel)["best"]["x"][-2] == 0  # the objective's own row keeps its direction


def test_a_search_without_a_trial_has_an_empty_figure_and_no_parallel_coordinates():
    assert check_figure(progress_figure(SEARCH, ()), STYLES)["data"] == []
    assert parallel_figure(SEARCH, TRIED[:1], best=0) is None
    assert parallel_figure(SEARCH, [made(0, 0.5), made(1, 0.5)], best=0) is None


def test_each_trial_is_a_line_through_all_rows_and_the_better_the_stronger():
    figure = parallel_figure(SEARCH, TRIED, best=3)
    assert figure is not None
    check_figure(figure, STYLES)
    named = lines_of(figure)
    assert named["best"]["x"] == [0.5, 1.0, 1.0, 1.0, None]
    assert named["best"]["y"] == [0, -1, -2, -3, None]
    assert named["start setting"]["x"] == [0.5, OUTSIDE, 0.0, pytest.approx(0.5), None]
    assert is_any_outside(SEARCH, TRIED) and not is_any_outside(SEARCH, TRIED[3:4])
    faint = [trace["line"]["color"] for trace in figure["data"] if "name" not in trace]
    assert len(faint) == 4
    opacities = [float(color.rpartition(",")[2][:-1]) for color in faint]
    assert opacities == sorted(opacities) and 0.35 <= opacities[0] < opacities[-1]
    assert figure["layout"]["yaxis"]["ticktext"][:2] == ["Learning rate", "Dropout"]
    texts = [each["text"] for each in figure["layout"]["annotations"]]
    assert {"60.0\u00a0%", "80.0\u00a0%", "horizontal"} <= set(texts)
    assert parallel_height(SEARCH) > 4 * 50


def test_an_importance_is_a_bar_with_its_interval_the_largest_at_the_top():
    figure = importance_figure(
        {
            "trials": 30,
            "fields": {
                RATE: {"share": 0.6, "low": 0.4, "high": 0.7},
                DROPOUT: {"share": 0.1, "low": 0.0, "high": 0.3},
            },
        }
    )
    [bars] = check_figure(figure, STYLES)["data"]
    assert bars["y"] == ["Dropout", "Learning rate"]  # Plotly begins at the bottom
    assert bars["x"] == [0.1, 0.6]
    assert bars["error_x"]["array"] == pytest.approx([0.2, 0.1])
    assert bars["error_x"]["arrayminus"] == pytest.approx([0.1, 0.2])


def test_a_slice_has_the_complete_trials_at_their_values():
    drawn = lines_of(check_figure(slice_figure(SEARCH, TRIED, RATE), STYLES))
    assert drawn["complete"]["x"] == [0.0, 0.5, 1.0]
    assert drawn["complete"]["y"] == [0.6, 0.8, 0.75]
    assert "Dropout: 0.3" in drawn["complete"]["customdata"][0]


def test_with_a_second_objective_those_that_none_beats_are_joined():
    assert front_figure(SEARCH, TRIED, (3,)) is None
    small = replace(SEARCH, second="parameters")
    tried = [made(0, 0.7, second=1000), made(1, 0.6, second=2000), made(2, 0.8, second=5000)]
    figure = front_figure(small, tried, (0, 2))
    assert figure is not None
    drawn = lines_of(check_figure(figure, STYLES))
    assert (drawn["beaten by none"]["x"], drawn["beaten by none"]["y"]) == (
        [1000, 5000],
        [0.7, 0.8],
    )
    assert drawn["beaten by another"]["x"] == [2000]


@pytest.mark.parametrize(
    ("searched", "value", "place"),
    [
        (RANGES[0], 1e-3, 0.5),
        (RANGES[0], 0.0, OUTSIDE),
        (RANGES[1], 0.2, 0.25),
        (RANGES[1], 0.0, OUTSIDE),
        (RANGES[1], 0.9, 1 - OUTSIDE),
        (RANGES[2], "horizontal", 1.0),
        (RANGES[2], "both", OUTSIDE),
        (Range(FLIP, choices=(None, {"name": "cosine"})), {"name": "cosine"}, 1.0),
        (Range("optimizer.clip_norm", 0.1, 1.0), None, OUTSIDE),
    ],
)
def test_a_value_has_its_place_on_the_scale_of_its_range(searched, value, place):
    assert Scale(searched).place(value) == pytest.approx(place)


@pytest.mark.parametrize(
    ("searched", "said"),
    [
        (RANGES[0], ["0.0001", "0.0003", "0.001", "0.003", "0.01"]),
        (RANGES[2], ["none", "horizontal"]),
        (Range("architecture.conv_blocks", 2, 4), ["2", "3", "4"]),
        (Range("image.size", choices=(16, 24, 32, 48, 64, 96)), ["16 px", "96 px"]),
        (Range("regularization.batch_norm", choices=(False, True)), ["off", "on"]),
    ],
)
def test_the_ends_and_what_lies_between_are_said(searched, said):
    assert [text for _, text in Scale(searched).ticks] == said


def test_a_share_without_any_trial_is_shown_from_none_to_all():
    axis = progress_figure(SEARCH, [])["layout"]
    assert axis["yaxis"]["range"] == [0, 1]
    assert axis["xaxis"]["dtick"] == 1
