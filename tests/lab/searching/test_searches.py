"""What a user can do with searches; nothing trains here."""

import os
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import (
    BadInputError,
    ConfigError,
    DatasetError,
    NotFoundError,
    RunStateError,
)
from cnnlab.domain.run import Status
from cnnlab.domain.search import Decisions, Range, SearchStatus
from cnnlab.lab.workplace import workplace
from cnnlab.storage.index.rebuild import list_what_is_new
from cnnlab.storage.searches import SearchStore
from tests.made_runs import no_supervisor
from tests.made_searches import made_search, made_trial_run

FIELD = "regularization.dropout"
DROPOUT = Range(FIELD, 0.0, 0.6)


@pytest.fixture
def base(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return RunConfig(dataset=dataset.id, training={"epochs": 6, "seed": 5}, image={"size": 16})


@pytest.fixture
def store(base):
    return SearchStore(workplace().home)


def new(base, **options):
    return lab.new_search(base, [DROPOUT], **{"trials": 8} | options)


def test_a_search_is_called_by_its_fields(base):
    assert new(base).name == "Search over Dropout"
    ranges = [*lab.search_ranges().values()][:5]
    assert lab.new_search(base, ranges, minutes=1).name == (
        "Search over Image size, Colour, Fit and 2 more fields"
    )


def test_a_search_that_nobody_named_tells_its_dataset_and_is_told_from_the_others(base, dataset):
    names = [lab.launch_search(new(base, name=name)).name for name in ("", "", "Mine", "Mine")]
    told = f"Search over Dropout · {dataset.name}"
    assert names == [told, f"{told} (2)", "Mine", "Mine"]


def test_seeds_begin_with_that_of_the_base(base):
    assert new(base, seeds=3).seeds == (5, 6, 7)
    assert new(base).prunes
    assert not new(base, second="parameters").prunes
    with pytest.raises(ConfigError, match="seeds must be 1 to 10. Received: 0"):
        new(base, seeds=0)


def test_choices_are_what_runs_have_in_their_configs(base):
    schedule = lab.search_ranges()["optimizer.schedule"]
    [one] = lab.new_search(base, [schedule], trials=8).ranges
    assert [None if choice is None else choice["name"] for choice in one.choices] == [
        None,
        "cosine",
        "one_cycle",
    ]
    search = lab.new_search(base, [schedule], trials=8)
    for choice in one.choices:
        config = search.config({"optimizer.schedule": choice}, 0).model_dump(mode="json")
        assert config["optimizer"]["schedule"] == choice
    [norms] = lab.new_search(
        base, [Range("optimizer.clip_norm", choices=(None, 1))], trials=8
    ).ranges
    assert repr(norms.choices) == "(None, 1.0)"
    both = Range("optimizer.schedule", choices=({"name": "cosine"}, one.choices[1]))
    with pytest.raises(ConfigError, match="names a value twice"):
        lab.launch_search(lab.new_search(base, [both], trials=8))
    with pytest.raises(ConfigError, match="isn't possible"):
        lab.new_search(base, [Range("optimizer.name", choices=("adam", "none"))], trials=8)


def test_a_launched_search_is_listed(base):
    launched = lab.launch_search(new(base))
    assert lab.list_searches() == [launched]
    assert lab.load_search(launched.id) == launched


def test_what_cannot_be_searched_is_not_launched(base):
    with pytest.raises(NotFoundError):
        lab.launch_search(new(base.model_copy(update={"dataset": "nothing"})))
    with pytest.raises(ConfigError, match="dataset is missing"):
        lab.launch_search(new(base.model_copy(update={"dataset": ""})))
    starts = Range("architecture.pretrained", choices=(None, "no-such-weights"))
    with pytest.raises((ConfigError, NotFoundError, BadInputError)):
        lab.launch_search(lab.new_search(base, [starts], trials=3))
    assert lab.list_searches() == []


def test_a_stopped_search_goes_on_where_it_was(base, store):
    search = made_search(new(base), [({FIELD: 0.0}, 0.7)])
    waits = made_trial_run(search, 1, {FIELD: 0.3}, 0.8, seed=5, epochs=0, status=Status.QUEUED)
    lab.stop_search(search.id)
    assert store.decisions(search.id).status is SearchStatus.STOPPED
    assert lab.load_run(waits.id).status is Status.STOPPED
    lab.resume_search(search.id)
    assert store.decisions(search.id) == Decisions(forgiven=2)
    assert lab.load_run(waits.id).status is Status.QUEUED


def test_what_was_ended_early_is_not_resumed(base, store):
    search = made_search(new(base), [({FIELD: 0.0}, 0.7)])
    pruned = made_trial_run(search, 1, {FIELD: 0.3}, 0.4, seed=5, epochs=4, status=Status.STOPPED)
    store.decide(search.id, Decisions(SearchStatus.STOPPED, pruned={1: "worse"}))
    lab.resume_search(search.id)
    assert lab.load_run(pruned.id).status is Status.STOPPED


def test_a_finished_search_does_not_go_on(base, store):
    search = made_search(new(base), [], Decisions(SearchStatus.FINISHED))
    with pytest.raises(RunStateError, match="has finished: launch another one"):
        lab.resume_search(search.id)
    lab.stop_search(search.id)
    assert store.decisions(search.id).status is SearchStatus.FINISHED


def test_a_finished_search_gets_more_trials_whatever_ended_it(base, store):
    ended = Decisions(SearchStatus.FINISHED, winner=1, study="s1", pruned={2: "worse"})
    trials = [({FIELD: 0.0}, 0.7), ({FIELD: 0.3}, 0.8)]
    search = made_search(new(base, trials=None, minutes=1, patience_trials=2), trials, ended)
    wider = lab.extend_search(search.id, 4)
    assert (wider.trials, wider.minutes, wider.patience_trials) == (7, None, None)
    assert lab.load_search(search.id) == wider
    assert store.decisions(search.id) == Decisions(pruned={2: "worse"}, earlier_studies=("s1",))
    with pytest.raises(RunStateError, match="hasn't finished"):
        lab.extend_search(search.id, 1)


def test_a_search_gets_no_more_trials_than_it_may_have(base, store):
    search = made_search(new(base), [({FIELD: 0.0}, 0.7)], Decisions(SearchStatus.FINISHED))
    assert lab.most_further_trials(search.id) == 499
    with pytest.raises(ConfigError, match="trials must be 2 to 500. Received: 501"):
        lab.extend_search(search.id, 500)
    with pytest.raises(ConfigError, match="Add 1 trial or more"):
        lab.extend_search(search.id, 0)
    assert store.decisions(search.id).status is SearchStatus.FINISHED
    assert lab.load_search(search.id) == search


def test_a_new_name_is_taken_over(base):
    search = lab.launch_search(new(base))
    lab.rename_search(search.id, " mine ")
    assert lab.load_search(search.id).name == "mine"
    with pytest.raises(BadInputError, match="1 to 160"):
        lab.rename_search(search.id, " ")


def test_a_search_is_deleted_with_its_runs(base, dataset):
    search = made_search(new(base), [({FIELD: 0.0}, 0.7)])
    with pytest.raises(RunStateError, match="goes on"):
        lab.delete_search(search.id)
    with pytest.raises(DatasetError, match="because of the runs"):
        lab.delete_dataset(dataset.id)
    lab.stop_search(search.id)
    lab.delete_search(search.id)
    assert lab.list_searches() == lab.list_runs() == []


def test_a_dataset_that_a_search_uses_stays(base, dataset):
    search = lab.launch_search(new(base))
    with pytest.raises(DatasetError, match="the search 'Search over Dropout · .*' uses it"):
        lab.delete_dataset(dataset.id)
    lab.stop_search(search.id)
    lab.delete_search(search.id)
    lab.delete_dataset(dataset.id)


def test_a_restored_search_waits_for_its_runs_to_be_listed(base, tmp_path, monkeypatch):
    search = made_search(new(base), [({FIELD: 0.0}, 0.7)])
    kept = lab.back_up(tmp_path / "kept.zip")["file"]
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    store, seen = SearchStore(workplace().home), []

    def listed(home):
        seen.append((store.due(), store.try_alone(search.id)))
        return list_what_is_new(home)

    monkeypatch.setattr("cnnlab.lab.backup.list_what_is_new", listed)
    lab.restore(Path(kept))
    assert seen == [([search.id], None)]
    assert len(lab.search_runs(search.id)) == 1
    lock = store.try_alone(search.id)
    assert lock is not None
    os.close(lock)


def test_runs_of_searches_are_no_runs_of_their_own(base):
    made_search(new(base), [({FIELD: 0.0}, 0.7)])
    assert lab.list_runs(alone=True) == []
    assert [run.trial for run in lab.list_runs()] == [0]
