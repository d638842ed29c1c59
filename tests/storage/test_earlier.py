"""Homes of earlier versions, brought up to date."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.run_file import load_run_file
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def wanted(dataset, monkeypatch):
    """Makes a run whose model was wanted after its first attempt had ended in some way."""
    no_supervisor(monkeypatch)

    def make(first, second):
        run = made_run(load_config({"dataset": dataset.id}), status=second)
        home = workplace().home
        write_json(newest_attempt(run).result, {"status": first, "message": None})
        (home.runs / run.id / "model-wanted").touch()
        if second is Status.FAILED:
            again = Attempt(home.attempt(run.id, 2))
            again.create(run.config)
            write_json(again.result, {"status": "failed", "message": "no space"})
        workplace().runs.update(run.id, attempt=2, message="no space")
        return run

    return make


@pytest.mark.parametrize("second", [Status.QUEUED, Status.INTERRUPTED, Status.FAILED])
def test_a_run_that_was_queued_for_its_model_has_finished(wanted, second):
    run = wanted("finished", second)
    lab.bring_home_up_to_date()
    row = lab.load_run(run.id)
    assert (row.status, row.attempt, row.message) == (Status.FINISHED, 1, None)
    assert row.ended_at
    assert not lab.prepare_model(run.id).is_ended
    lab.bring_home_up_to_date()
    assert lab.load_run(run.id) == row


@pytest.mark.parametrize(
    ("first", "second"),
    [("finished", Status.RUNNING), ("stopped", Status.FAILED), ("stopped", Status.QUEUED)],
)
def test_other_runs_stay_as_they_are(wanted, first, second):
    run = wanted(first, second)
    row = lab.load_run(run.id)
    lab.bring_home_up_to_date()
    assert lab.load_run(run.id) == row


def test_names_that_an_earlier_version_made_up_are_put_into_words_once(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    phases = {"architecture": {"phases": [{"epochs": 3}]}}
    eleven = {"architecture": {"layers": [{"kind": "batch_norm"}] * 10 + [{"kind": "flatten"}]}}
    made_up = [
        ({}, "Defaults", "{}, small CNN"),
        ({"regularization": {"dropout": 0.3}}, "Dropout 0.3", "{}, small CNN, dropout 0.3"),
        (phases, "1 phases", "{}, small CNN, 1 phase"),
        (eleven, "11 own layers", "{}, own network"),
        ({"regularization": {"dropout": 0.3}}, "Defaults", "Defaults"),
        ({}, "my run", "my run"),
    ]
    told = {}
    for changes, before, after in made_up:
        config = load_config({"dataset": dataset.id, **changes})
        told[lab.launch_run(config, name=before).id] = after.format(dataset.name)
    workplace().home.names_mark.unlink()
    lab.bring_home_up_to_date()
    assert {run: lab.load_run(run).name for run in told} == told
    files = {run: load_run_file(workplace().home.runs / run)["name"] for run in told}
    assert files == told
    first = next(iter(told))
    lab.rename_run(first, "Defaults")
    lab.bring_home_up_to_date()
    assert lab.load_run(first).name == "Defaults"


def test_in_a_new_home_a_name_that_looks_made_up_is_somebodys_own(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = lab.launch_run(load_config({"dataset": dataset.id}), name="Defaults")
    lab.bring_home_up_to_date()
    assert lab.load_run(run.id).name == "Defaults"


def test_folders_of_earlier_checks_are_removed(home):
    left = workplace().home.root / "preflights" / "key"
    left.mkdir(parents=True)
    lab.bring_home_up_to_date()
    assert not left.parent.exists()
