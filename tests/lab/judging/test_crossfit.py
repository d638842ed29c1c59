"""Asking for a search for wrong labels among training images, and what it costs."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.jobs.asking import queued_jobs
from cnnlab.jobs.state import Stage
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from tests.made_runs import made_run, no_supervisor

ANSWER = {"suspects": [], "folds": 5, "images": 38, "not_judged": [], "seconds": 1.0}


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)


def finish(run, **result):
    """Leave what a worker leaves."""
    folder = newest_attempt(run).folder / "crossfit"
    (folder / "fold-1-of-5.npz").write_bytes(b"said")
    write_json(folder / "result.json", {"status": "finished", "answer": ANSWER} | result)


def test_it_is_done_once_and_found_again_and_goes_with_its_run(run):
    assert lab.crossfit_state(run.id) is None
    assert not lab.start_crossfit(run.id).is_ended
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith(f"runs/{run.id}/attempt-1/crossfit")
    assert lab.crossfit_state(run.id).stage is Stage.WAITING
    finish(run)
    assert lab.start_crossfit(run.id).answer == lab.crossfit_state(run.id).answer == ANSWER
    lab.delete_run(run.id)
    assert not newest_attempt(run).folder.exists()


def test_what_was_cancelled_goes_on_with_what_it_had(run):
    lab.start_crossfit(run.id)
    lab.cancel_crossfit(run.id)
    assert lab.crossfit_state(run.id).stage is Stage.CANCELLED
    finish(run, status="failed", message="Lost.")
    assert lab.start_crossfit(run.id).stage is Stage.WAITING
    assert (newest_attempt(run).folder / "crossfit" / "fold-1-of-5.npz").exists()


def test_another_number_of_folds_takes_the_place_of_the_last_one(run):
    lab.start_crossfit(run.id, 5)
    assert lab.start_crossfit(run.id, 3).stage is Stage.WAITING  # nobody has begun
    (newest_attempt(run).folder / "crossfit" / "STARTED").touch()
    finish(run)
    assert lab.start_crossfit(run.id, 4).stage is Stage.WAITING
    assert not (newest_attempt(run).folder / "crossfit" / "fold-1-of-5.npz").exists()


@pytest.mark.parametrize("folds", [1, 11, -3])
def test_folds_have_bounds(run, folds):
    for ask in (lab.start_crossfit, lab.crossfit_seconds):
        with pytest.raises(BadInputError, match=f"from 2 to 10. Received: {folds}"):
            ask(run.id, folds)


def test_it_costs_about_what_the_folds_would_have_cost_the_run(run):
    two, five = (lab.crossfit_seconds(run.id, folds) for folds in (2, 5))
    # Three epochs of half a second, and as long to judge each; each model starts.
    assert (five - two) == pytest.approx(3 * (1.5 + 1.5 + 4))
    assert two == pytest.approx(1.5 + 2 * (1.5 + 4))


@pytest.mark.parametrize(("status", "epochs"), [(Status.RUNNING, 3), (Status.FAILED, 0)])
def test_a_run_that_has_not_ended_or_has_no_epoch_is_refused(dataset, monkeypatch, status, epochs):
    no_supervisor(monkeypatch)
    monkeypatch.setattr("cnnlab.lab.runs.as_it_is", lambda run: run)
    run = made_run(load_config({"dataset": dataset.id}), epochs=epochs, status=status)
    with pytest.raises(RunStateError, match="no finished epoch to go by"):
        lab.start_crossfit(run.id)


def test_without_its_dataset_it_is_refused(run, monkeypatch):
    monkeypatch.setattr(type(workplace().datasets), "find", lambda *_: None)
    with pytest.raises(NotFoundError, match="dataset .* of the run .* is gone"):
        lab.start_crossfit(run.id)
