"""Searches from their first trial to their closing study, with trainings that take no time."""

import json
import os
from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.domain.search import Decisions, Range, Search, SearchStatus, TrialState
from cnnlab.storage.searches import SearchStore
from tests.runner.place import Place
from tests.runner.searching.stepped import Stepped

FIELD = "regularization.dropout"
DROPOUT = Range(FIELD, 0.0, 0.8)
EPOCHS = 6


@pytest.fixture
def place(home):
    place = Place(home, Stepped())
    yield place
    place.engine.dispose()


@pytest.fixture(autouse=True)
def _no_other_supervisor(user, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no power is lost here
    monkeypatch.setattr("cnnlab.lab.searching.searches.ensure_supervisor", lambda home: None)


@pytest.fixture
def searches(place):
    return SearchStore(place.home)


def launching(searches, dataset):
    """What launches a search with a name of its own, so that its draws are always the same."""

    def launch(*ranges, name="o1", base=None, **options):
        values = {"dataset": dataset.id, "image": {"size": 16}, "training": {"epochs": EPOCHS}}
        config = RunConfig.model_validate({**values, **(base or {})})
        options = {"trials": 12, "seeds": (0,), "confirm_seeds": 3} | options
        search = Search(
            name, name, dataset.id, config.model_dump(mode="json"), ranges or (DROPOUT,), **options
        )
        searches.create(search)
        return search.id

    return launch


@pytest.fixture
def launch(searches, dataset):
    return launching(searches, dataset)


def plan(place, **values):
    (place.home.root / "light-plan.json").write_text(json.dumps(values))


def wait_for(place, searches, search, *statuses):
    place.wait_until(lambda: searches.decisions(search).status in statuses)
    return searches.decisions(search)


def finish(place, searches, search):
    return wait_for(place, searches, search, SearchStatus.FINISHED, SearchStatus.FAILED)


def test_a_search_goes_from_the_start_setting_to_a_verdict(place, searches, launch):
    search = launch()
    decisions = finish(place, searches, search)
    view = lab.view_search(search)
    assert [trial.number for trial in view.trials] == list(range(12))
    assert view.trials[0].values == {FIELD: 0.0}
    states = {trial.state for trial in view.trials}
    assert states == {TrialState.COMPLETE, TrialState.PRUNED}
    assert view.best.number == decisions.winner
    assert abs(view.best.values[FIELD] - 0.3) < 0.1
    runs = lab.study_runs(view.study)
    assert {run.config["training"]["seed"] for run in runs} == {1, 2, 3}
    assert [run.arm for run in runs] == ["start", "winner"] * 3
    assert view.verdict.mean == pytest.approx(view.best.value - view.trials[0].value, abs=0.01)
    assert abs(view.luck.optimism) < 0.01
    assert not place.supervisor.tick()  # nothing is left to do


def test_a_trial_that_is_worse_than_the_median_is_ended_early(place, searches, launch):
    search = launch(trials=8)
    finish(place, searches, search)
    pruned = [one for one in lab.view_search(search).trials if one.state is TrialState.PRUNED]
    assert pruned
    for trial in pruned:
        run = lab.load_run(trial.runs[0])
        assert run.status is Status.STOPPED
        assert 4 <= len(trial.curve) < EPOCHS
        assert trial.words.startswith(f"Ended after epoch {len(trial.curve)}: its best validation")
        asked = json.loads(place.attempt(run.id).request.read_text())
        assert asked == {"writes_model": False, "writes_stopped_model": False}


@pytest.mark.exhaustive
def test_without_pruning_all_trials_are_whole(place, searches, launch):
    search = launch(trials=8, prunes=False)
    finish(place, searches, search)
    assert {len(trial.curve) for trial in lab.view_search(search).trials} == {EPOCHS}


def test_each_setting_is_trained_with_every_seed(place, searches, launch):
    search = launch(trials=3, seeds=(4, 5))
    decisions = finish(place, searches, search)
    trials = lab.view_search(search).trials
    assert [sorted(trial.runs) for trial in trials] == [[4, 5]] * 3
    assert trials[1].value == pytest.approx(sum(
        sum(lab.run_history(lab.load_run(run))[n]["val_accuracy"] for n in (4, 5)) / 4
        for run in trials[1].runs.values()
    ))  # fmt: skip
    assert {run.config["training"]["seed"] for run in lab.study_runs(decisions.study)} == {6, 7, 8}
    names = [run.name for run in lab.search_runs(search)][:3]
    assert names == [
        "start setting, seed 4 · o1",
        "start setting, seed 5 · o1",
        "trial 1, seed 4 · o1",
    ]


def test_where_the_start_setting_wins_nothing_is_confirmed(place, searches, launch):
    search = launch(base={"regularization": {"dropout": 0.3}}, trials=4)
    decisions = finish(place, searches, search)
    assert decisions.message == (
        "Of 4 complete trials the start setting itself is the best: there is nothing to confirm."
    )
    assert (decisions.winner, decisions.study) == (0, None)
    view = lab.view_search(search)
    assert (view.status, view.verdict, view.best.number) == (SearchStatus.FINISHED, None, 0)


def test_several_trials_train_at_once_where_there_is_room(place, searches, launch):
    place.supervisor = place.new_supervisor(study_slots=3)
    plan(place, waits="start")
    search = launch()
    place.wait_until(lambda: len(place.store.list(Status.RUNNING, search=search)) == 3)
    values = [trial.values[FIELD] for trial in lab.view_search(search).trials]
    assert len(set(values)) == 3
    lab.stop_search(search)


def test_a_failed_trial_is_no_end(place, searches, launch):
    plan(place, fails_above=0.4)
    search = launch()
    finish(place, searches, search)
    failed = [one for one in lab.view_search(search).trials if one.state is TrialState.FAILED]
    assert failed
    assert {trial.words for trial in failed} == {"It failed: not_finite."}
    assert all(trial.values[FIELD] > 0.4 for trial in failed)


def test_where_all_trials_fail_the_search_ends_with_a_sentence(place, searches, launch):
    plan(place, fails="memory")
    search = launch(trials=40)
    decisions = finish(place, searches, search)
    assert decisions.status is SearchStatus.FAILED
    assert decisions.message == (
        "5 trials in a row failed, the last one so: It failed: memory. Change the start setting or "
        "the ranges."
    )
    assert len(lab.view_search(search).trials) == 5
    plan(place)
    lab.resume_search(search)
    place.wait_until(lambda: len(lab.view_search(search).trials) > 7)
    assert lab.view_search(search).trials[6].state is TrialState.COMPLETE
    lab.stop_search(search)


def test_minutes_end_a_search_while_its_runs_train(place, searches, launch):
    plan(place, waits_after=3)
    search = launch(trials=None, minutes=1)
    place.wait_until(lambda: place.store.list(Status.RUNNING, search=search))
    place.pass_time(59)
    assert searches.decisions(search).seconds == pytest.approx(50, abs=10)
    place.pass_time(10)
    assert len(lab.view_search(search).trials) == 1
    place.attempt(lab.search_runs(search)[0].id).ask_to_stop()
    decisions = finish(place, searches, search)
    assert decisions.status is SearchStatus.FAILED
    assert decisions.message == "No trial is complete, so there is nothing to confirm."
    assert lab.view_search(search).trials[0].state is TrialState.STOPPED


def test_time_in_which_nothing_trains_costs_nothing(place, searches, launch, monkeypatch):
    monkeypatch.setattr("cnnlab.runner.sharing.workspace.has_room_to_start", lambda home: False)
    search = launch(trials=None, minutes=1)
    place.pass_time(300)
    assert searches.decisions(search) == Decisions()
    assert lab.search_runs(search) == []
    monkeypatch.setattr("cnnlab.runner.sharing.workspace.has_room_to_start", lambda home: True)
    place.wait_until(lambda: lab.search_runs(search))
    lab.stop_search(search)


def test_where_all_settings_are_tried_it_is_over(place, searches, launch):
    rates = Range(FIELD, choices=(0.0, 0.1))
    search = launch(rates, Range("regularization.batch_norm", choices=(False, True)), trials=40)
    decisions = finish(place, searches, search)
    assert decisions.message == "Every possible setting has been tried."
    assert len(lab.view_search(search).trials) == 4
    assert decisions.status is SearchStatus.FINISHED


@pytest.mark.exhaustive
def test_settings_that_cannot_be_built_are_not_tried(place, searches, launch):
    """Six blocks halve 48 px to nothing only where the image is small."""
    ranges = Range("image.size", choices=(16, 64)), Range("architecture.conv_blocks", 3, 6)
    search = launch(*ranges, trials=10)
    finish(place, searches, search)
    trials = lab.view_search(search).trials
    assert all(one.values["image.size"] >= 2 ** (one.values["architecture.conv_blocks"] or 0)
               for one in trials)  # fmt: skip


def test_a_stopped_search_goes_on_without_losing_or_doubling_a_trial(place, searches, launch):
    search = launch()
    place.wait_until(lambda: len(lab.view_search(search).trials) > 4)
    lab.stop_search(search)
    place.wait_until(lambda: all(run.status.is_ended for run in lab.search_runs(search)))
    before = lab.view_search(search).trials
    place.pass_time(20)
    assert lab.view_search(search).trials == before
    lab.resume_search(search)
    finish(place, searches, search)
    after = lab.view_search(search).trials
    assert len(after) == 12
    assert len(lab.search_runs(search)) == 12
    assert [one.values for one in after[: len(before)]] == [one.values for one in before]
    assert all(one.is_ended and one.state is not TrialState.STOPPED for one in after)


def test_a_finished_search_goes_on_as_if_it_had_been_longer(place, searches, launch):
    def tried(search):
        return [(one.number, one.values, one.state) for one in lab.view_search(search).trials]

    search = launch(trials=9)
    finish(place, searches, search)
    whole = tried(search)
    lab.delete_search(search)
    assert launch(trials=6) == search
    finish(place, searches, search)
    assert tried(search) == whole[:6]
    lab.extend_search(search, 3)
    assert finish(place, searches, search).status is SearchStatus.FINISHED
    assert tried(search) == whole
    lab.extend_search(search, 2)  # the supervisor has learnt of it before
    assert finish(place, searches, search).status is SearchStatus.FINISHED
    assert len(tried(search)) == 11


def test_only_another_winner_is_tested_by_another_closing_study(place, searches, launch):
    search = launch(Range(FIELD, choices=(0.0, 0.1, 0.3)), trials=2, name="o2")
    first = finish(place, searches, search)
    assert lab.view_search(search).best.values == {FIELD: 0.1}
    lab.extend_search(search, 1)
    going_on = lab.view_search(search)
    assert (going_on.study, going_on.verdict, going_on.luck) == (None, None, None)
    second = finish(place, searches, search)
    assert lab.view_search(search).best.values == {FIELD: 0.3}
    assert second.study != first.study and second.earlier_studies == (first.study,)
    assert "1 earlier closing study tested other winners." in " ".join(
        lab.view_search(search).words
    )
    lab.extend_search(search, 1)
    third = finish(place, searches, search)
    assert third.message == "Every possible setting has been tried."
    assert (third.study, third.earlier_studies) == (second.study, second.earlier_studies)
    lab.delete_search(search)
    assert lab.list_studies() == [] and lab.list_runs() == []


@pytest.mark.exhaustive
def test_the_closing_study_can_be_stopped_and_gone_on_with(place, searches, launch):
    search = launch(trials=6)
    wait_for(place, searches, search, SearchStatus.CONFIRMING)
    place.wait_until(lambda: lab.view_search(search).study)
    lab.stop_search(search)
    place.wait_until(
        lambda: all(run.status.is_ended for run in lab.study_runs(lab.view_search(search).study))
    )
    assert searches.decisions(search).status is SearchStatus.STOPPED
    lab.resume_search(search)
    assert finish(place, searches, search).status is SearchStatus.FINISHED
    assert len(lab.study_runs(lab.view_search(search).study)) == 6


@pytest.mark.exhaustive
def test_a_deleted_run_is_trained_again(place, searches, launch):
    search = launch(trials=6, seeds=(0, 1))
    place.wait_until(lambda: len(lab.view_search(search).trials) > 2)
    place.supervisor = place.new_supervisor()
    lost = lab.view_search(search).trials[1]
    place.wait_until(lambda: lab.load_run(lost.runs[1]).status.is_ended)
    lab.delete_run(lost.runs[1])
    place.supervisor = place.new_supervisor()
    finish(place, searches, search)
    again = lab.view_search(search).trials[1]
    assert again.runs[0] == lost.runs[0]
    assert again.runs[1] != lost.runs[1]
    assert again.state is TrialState.COMPLETE


def test_no_trial_gets_the_number_of_one_that_was_ended_early(place, searches, launch):
    search = launch()
    searches.decide(search, Decisions(pruned={4: "worse"}))
    place.wait_until(lambda: lab.search_runs(search))
    assert [trial.number for trial in lab.view_search(search).trials] == [5]
    lab.stop_search(search)


def test_a_search_whose_winner_is_gone_says_so(place, searches, launch):
    search = launch()
    decisions = Decisions(SearchStatus.CONFIRMING, winner=3, study="s-not-made")
    searches.decide(search, decisions)
    failed = finish(place, searches, search)
    assert failed == replace(
        decisions,
        status=SearchStatus.FAILED,
        message="The runs of its winner were deleted before they could be confirmed.",
    )


@pytest.mark.exhaustive
def test_a_deleted_search_is_in_nobodys_way(place, searches, launch):
    search = launch()
    place.wait_until(lambda: lab.search_runs(search))
    lab.stop_search(search)
    place.wait_until(lambda: all(run.status.is_ended for run in lab.search_runs(search)))
    lab.delete_search(search)
    other = launch(name="o2", trials=3)
    finish(place, searches, other)
    assert not place.supervisor.tick()


def test_a_search_that_a_user_holds_waits(place, searches, launch):
    search = launch()
    with searches.alone(search):
        for _ in range(3):
            assert place.supervisor.tick()
        assert lab.search_runs(search) == []
    place.supervisor.tick()
    assert len(lab.search_runs(search)) == 1
    lab.stop_search(search)


def test_a_patient_search_ends_where_more_trials_hardly_help(place, searches, launch):
    search = launch(trials=40, patience_trials=4)
    decisions = finish(place, searches, search)
    trials = lab.view_search(search).trials
    assert len(trials) < 40 and trials[-1].number - decisions.winner >= 4
    assert "in a row were no better" in decisions.message
