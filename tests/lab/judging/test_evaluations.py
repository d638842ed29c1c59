"""Evaluations of runs: asked for once, found again, started again where something was lost."""

import shutil

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import (
    BadInputError,
    DamagedError,
    DatasetError,
    NotFoundError,
    RunStateError,
)
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run that has ended after three epochs, with a test part."""
    no_supervisor(monkeypatch)

    def make(status=Status.FINISHED, *, epochs=3, test=0.25):
        config = load_config({"dataset": dataset.id, "split": {"test": test}})
        return made_run(config, status=status, epochs=epochs)

    return make


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_an_evaluation_is_asked_for_once_and_found_again(make, split):
    run = make()
    assert lab.evaluation_state(run.id, split) is None
    assert not lab.start_evaluation(run.id, split).is_ended
    lab.start_evaluation(run.id, split)
    (queued,) = queued_jobs(workplace().home)
    assert queued.name == f"runs/{run.id}/attempt-1/evaluations/{split}"
    files = finish_evaluation(run, split)
    assert lab.start_evaluation(run.id, split).answer["images"] > 0
    assert lab.evaluation_state(run.id, split).answer["split"] == split
    said = lab.evaluated_predictions(run.id, split)
    assert said is lab.evaluated_predictions(run.id, split)
    assert len(said.positions) == lab.evaluation_state(run.id, split).answer["images"]
    lab.delete_run(run.id)
    assert not files.folder.exists()


def test_an_evaluation_that_was_read_is_read_again_only_once_it_is_another(make):
    run = make()
    lab.start_evaluation(run.id, "validation")
    finish_evaluation(run, "validation", right=0.5)
    first = lab.evaluation_state(run.id, "validation")
    assert lab.evaluation_state(run.id, "validation") is first
    finish_evaluation(run, "validation", right=1)
    assert lab.evaluation_state(run.id, "validation").answer["measures"]["accuracy"]["value"] == 1


def test_the_parts_of_an_evaluation_are_those_of_the_run(make, dataset):
    run = make()
    for split in ("validation", "test"):
        finish_evaluation(run, split)
    said = [lab.evaluated_predictions(run.id, split).positions for split in ("validation", "test")]
    assert not np.intersect1d(*said).size
    counts = lab.count_splits(dataset.id, load_config(run.config).split)
    assert [len(positions) for positions in said] == [counts["validation"], counts["test"]]


def test_an_evaluation_is_cancelled_asked_for_again_and_deleted(make):
    run = make()
    lab.start_evaluation(run.id, "validation")
    with pytest.raises(RunStateError, match="cancel it before you delete it"):
        lab.delete_evaluation(run.id, "validation")
    lab.cancel_evaluation(run.id, "validation")
    assert lab.evaluation_state(run.id, "validation").problem == "Cancelled: nothing was stored."
    assert not lab.start_evaluation(run.id, "validation").is_ended
    finish_evaluation(run, "validation")
    lab.delete_evaluation(run.id, "validation")
    lab.delete_evaluation(run.id, "validation")
    assert lab.evaluation_state(run.id, "validation") is None


def test_one_that_failed_says_why_and_is_started_again(make):
    run = make()
    lab.start_evaluation(run.id, "validation")
    files = finish_evaluation(run, "validation")
    write_json(files.result, {"status": "failed", "cause": "disk", "message": "The disk is full."})
    with pytest.raises(RunStateError, match="hasn't been evaluated .* The disk is full"):
        lab.evaluated_predictions(run.id, "validation")
    assert not lab.start_evaluation(run.id, "validation").is_ended


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-40]),
        lambda path: np.savez(path, positions=np.arange(3), labels=np.arange(3)),
        lambda path: np.savez(
            path, positions=np.arange(3), labels=np.arange(2), probabilities=np.ones((3, 2))
        ),
    ],
    ids=["gone", "empty", "cut", "incomplete", "uneven"],
)
def test_predictions_that_are_lost_are_named_and_made_again(make, spoil):
    run = make()
    lab.start_evaluation(run.id, "validation")
    spoil(finish_evaluation(run, "validation").predictions)
    with pytest.raises(DamagedError, match=r"predictions\.npz: start this evaluation again"):
        lab.evaluated_predictions(run.id, "validation")
    assert not lab.start_evaluation(run.id, "validation").is_ended
    finish_evaluation(run, "validation")
    assert len(lab.evaluated_predictions(run.id, "validation").positions)


@pytest.mark.parametrize(
    ("status", "epochs", "words"),
    [
        (Status.RUNNING, 3, "is running and has no model to judge: wait until it has ended"),
        (Status.FAILED, 0, "is failed and has no model to judge: start it again"),
    ],
)
def test_a_run_without_a_model_is_refused(make, status, epochs, words):
    with pytest.raises(RunStateError, match=words):
        lab.start_evaluation(make(status, epochs=epochs).id, "validation")


def test_what_cannot_be_judged_is_refused_before_anything_is_queued(make, dataset):
    run, without_test = make(), make(test=0)
    with pytest.raises(BadInputError, match="must be one of train, validation, test"):
        lab.start_evaluation(run.id, "../validation")
    with pytest.raises(NotFoundError):
        lab.start_evaluation("nobody", "validation")
    with pytest.raises(DatasetError, match=r"split\.test above 0, or .* in a folder called test"):
        lab.start_evaluation(without_test.id, "test")
    shutil.rmtree(newest_attempt(run).checkpoints)
    with pytest.raises(RunStateError, match="training states .* are gone"):
        lab.start_evaluation(run.id, "validation")
    workplace().datasets.delete(dataset.id)
    with pytest.raises(NotFoundError, match="dataset .* is gone"):
        lab.start_evaluation(run.id, "validation")
    assert list(queued_jobs(workplace().home)) == []


def test_a_config_of_another_version_is_named(make):
    run = make()
    workplace().runs.update(run.id, config=run.config | {"unheard_of": 1})
    with pytest.raises(RunStateError, match="configuration of another version"):
        lab.start_evaluation(run.id, "validation")


def test_a_resumed_run_has_no_evaluation_of_its_new_model_yet(make):
    run = make(Status.STOPPED)
    finish_evaluation(run, "validation")
    again = lab.resume_run(run.id)
    with pytest.raises(RunStateError, match="is queued"):
        lab.start_evaluation(run.id, "validation")
    newest = type(newest_attempt(again))(workplace().home.attempt(run.id, again.attempt))
    newest.create(run.config)
    assert lab.evaluation_state(run.id, "validation") is None
