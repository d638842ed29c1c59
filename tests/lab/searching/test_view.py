"""What is known of a search; nothing trains here."""

import math
from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.run import Status
from cnnlab.domain.search import Decisions, Range, SearchStatus, TrialState, gap_penalty
from cnnlab.lab.study.run_records import run_history
from cnnlab.lab.workplace import workplace
from cnnlab.searching.closing import closing_study
from cnnlab.searching.wording import Luck, search_words
from cnnlab.storage.searches import SearchStore
from tests.lab.searching.test_searches import DROPOUT, FIELD, base, new, store
from tests.made_searches import made_search, made_trial_run
from tests.made_studies import made_study

__all__ = ["base", "store"]

TRIALS = [({FIELD: 0.0}, 0.7), ({FIELD: 0.2}, 0.9), ({FIELD: 0.4}, 0.8)]


def test_a_search_without_trials_has_no_best(base):
    view = lab.view_search(lab.launch_search(new(base)).id)
    assert (view.status, view.trials, view.best, view.front) == ("searching", (), None, ())
    assert (view.seconds_used, view.seconds_left) == (0, None)
    assert view.words == (
        "With fewer than 30 trials nothing is promised: random settings would do as well.",
    )


def test_the_best_is_the_one_with_the_highest_value(base):
    view = lab.view_search(made_search(new(base, trials=40), TRIALS, Decisions(seconds=60)).id)
    assert [trial.number for trial in view.trials] == [0, 1, 2]
    assert view.best == view.trials[1]
    assert view.front == (1,)
    assert view.best.values == {FIELD: 0.2}
    assert view.best.value == pytest.approx(0.87, abs=0.03)
    assert len(view.best.curve) == 6
    assert view.seconds_left == pytest.approx(60 / 3 * 37)
    assert view.words == (
        "The best of 3 complete trials is partly luck: the same validation images chose it, so it "
        "is likely to do less well when it trains again.",
    )


def test_a_trial_stands_where_its_runs_do(base):
    search = made_search(
        new(base, seeds=2), TRIALS[:1], Decisions(pruned={1: "worse than the median"})
    )
    values = {FIELD: 0.1}
    stopped, failed = Status.STOPPED, Status.FAILED
    made_trial_run(search, 1, values, 0.4, seed=5, epochs=4, status=stopped)
    made_trial_run(search, 2, values, 0.4, seed=5, epochs=1, status=failed, message="It diverged.")
    made_trial_run(search, 3, values, 0.4, seed=5, epochs=1, status=stopped)
    made_trial_run(search, 4, values, 0.4, seed=5)
    turned = made_trial_run(search, 5, values, 0.4, seed=5)
    workplace().runs.update(turned.id, changed_by_hand=True)
    trials = lab.view_search(search.id).trials
    assert [(trial.state.value, trial.words) for trial in trials] == [
        ("complete", ""),
        ("pruned", "worse than the median"),
        ("failed", "It diverged."),
        ("stopped", "Stopped by hand."),
        ("running", ""),
        ("failed", "Its dials were turned by hand while it trained, so it says nothing of this "
         "setting."),
    ]  # fmt: skip
    assert [len(trial.curve) for trial in trials] == [6, 4, 1, 1, 6, 6]
    assert [trial.value is None for trial in trials] == [False, True, True, True, True, True]


def test_what_ended_before_it_could_be_ended_early_counts(base):
    search = made_search(new(base), TRIALS, Decisions(pruned={1: "worse"}))
    assert lab.view_search(search.id).trials[1].state is TrialState.COMPLETE


def test_two_objectives_have_a_front(base):
    size = Range("architecture.filters", 8, 64)
    search = lab.new_search(base, [size], trials=8, second="parameters")
    name = "architecture.filters"
    trials = [({name: 32}, 0.90), ({name: 64}, 0.92), ({name: 16}, 0.8), ({name: 48}, 0.6)]
    view = lab.view_search(made_search(search, trials).id)
    assert view.front == (2, 0, 1)
    assert view.best.number in (0, 1)
    seconds = [trial.second for trial in view.trials]
    assert sorted(seconds) == [seconds[2], seconds[0], seconds[3], seconds[1]]
    assert "no trial is ended early" in view.words[-1]
    in_time = lab.view_search(
        made_search(replace(search, id="o2", second="milliseconds"), trials).id
    )
    assert 0 < in_time.trials[2].second < in_time.trials[1].second


@pytest.mark.parametrize("objective", ["val_accuracy", "val_cross_entropy", "gap_penalised"])
def test_the_closing_study_says_how_lucky_the_winner_was(base, objective):
    search = made_search(new(base, objective=objective), TRIALS)
    store = SearchStore(workplace().home)
    winner = lab.view_search(search.id).best
    study = closing_study(search, winner, "s1", "2026")
    assert (study.seeds, study.reference.name) == ((6, 7, 8, 9, 10), "start")
    store.decide(search.id, Decisions(SearchStatus.CONFIRMING, winner=1, study="s1"))
    assert lab.view_search(search.id).study is None
    made_study(study, {"start": 0.7, "winner": 0.8}, seeds_done=4)
    halfway = lab.view_search(search.id)
    assert (halfway.study, halfway.luck, halfway.best.number) == ("s1", None, 1)
    for run in lab.study_runs("s1"):
        lab.delete_run(run.id)
    lab.delete_study("s1")
    made_study(study, {"start": 0.7, "winner": 0.8})
    store.decide(search.id, Decisions(SearchStatus.FINISHED, winner=1, study="s1"))
    view = lab.view_search(search.id)
    assert view.verdict.verdict == "helps"
    low, high = (0.05, 0.25) if objective == "val_cross_entropy" else (0.05, 0.13)
    assert low < view.luck.optimism < high
    said = view.words[-1]
    assert said.startswith("In the search the winner had ")
    assert "; with 5 fresh seeds, on the validation images that chose it, " in said
    assert ("nats" if objective == "val_cross_entropy" else "points") in said.rpartition(": ")[2]
    assert "of it were luck of its seeds. How much those images flatter it only the test" in said


def test_a_start_that_stays_best_is_said(base):
    search = made_search(new(base), [({FIELD: 0.0}, 0.95), *TRIALS[1:]])
    assert "So far nothing beats the start setting." in lab.view_search(search.id).words


def test_a_search_with_another_range_reads_its_own_field(base):
    assert lab.view_search(made_search(new(base), TRIALS).id).search.ranges == (DROPOUT,)


@pytest.mark.parametrize(
    ("luck", "said"),
    [
        (Luck(0.03, 0.005, 4), "3.0 points of it were luck of its seeds."),
        (Luck(0.009, 0.005, 4), "that difference can't be told from 0."),
        (Luck(-0.009, 0.005, 4), "that difference can't be told from 0."),
        (Luck(-0.03, 0.005, 4), "its seeds were 3.0 points unlucky."),
    ],
)
def test_luck_is_claimed_only_beyond_the_error_of_the_seeds_that_counted(base, luck, said):
    search = new(base)
    winner = lab.view_search(made_search(search, TRIALS).id).best
    words = search_words(search, Decisions(), [winner], winner, luck)[-1]
    assert "with 4 fresh seeds" in words and said in words
    assert words.endswith("only the test images tell.")


def test_a_gap_below_0_earns_nothing(base, monkeypatch):
    search = made_search(new(base, objective="gap_penalised", seeds=2), TRIALS[:1])
    first = lab.search_runs(search.id)[0].id

    def with_gap(run):
        clean = 0.6 if run.id == first else 0.9
        return [one | {"clean_accuracy": clean, "val_accuracy": 0.8} for one in run_history(run)]

    monkeypatch.setattr("cnnlab.lab.searching.view.run_history", with_gap)
    [trial] = lab.view_search(search.id).trials
    assert trial.value == pytest.approx((0.8 + 0.75) / 2)
    assert [curve[0] for curve in trial.curves.values()] == pytest.approx([0.8, 0.75])
    assert math.isnan(gap_penalty(math.nan))


def test_what_ended_is_read_once_however_many_runs_there_are(base, monkeypatch):
    search = made_search(new(base), TRIALS)
    read = []
    monkeypatch.setattr(
        "cnnlab.lab.searching.view.run_history", lambda run: read.append(run.id) or run_history(run)
    )
    before = lab.view_search(search.id)
    assert len(read) == 3
    SearchStore(workplace().home).decide(search.id, Decisions(SearchStatus.STOPPED))
    assert lab.view_search(search.id).trials == before.trials
    assert len(read) == 3
    made_trial_run(search, 3, {FIELD: 0.1}, 0.8)
    assert len(lab.view_search(search.id).trials) == 4
    assert len(read) == 4


def test_the_list_of_searches_spends_no_look_and_judges_nothing(base, monkeypatch):
    search = made_search(new(base), TRIALS)
    winner = lab.view_search(search.id).best
    study = closing_study(search, winner, "s1", "2026")
    made_study(study, {"start": 0.7, "winner": 0.8})
    decisions = Decisions(SearchStatus.FINISHED, winner=1, study="s1", pruned={2: "worse"})
    SearchStore(workplace().home).decide(search.id, decisions)
    [found] = lab.list_search_summaries()
    assert (found.search, found.status) == (search, SearchStatus.FINISHED)
    assert (found.ended, found.pruned, found.winner) == (3, 1, winner.value)
    assert (found.closing_finished, found.closing_runs) == (10, 10)
    assert lab.load_study("s1").looks == ()
