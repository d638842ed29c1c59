"""What a list says of studies, without any training."""

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.lab.study.outcome import NOT_LOOKED, TOO_FEW
from cnnlab.lab.workplace import workplace
from tests.made_runs import no_supervisor
from tests.made_studies import finish_by_arm

ACCURACIES = {"baseline": 0.6, "dropout": 0.75, "L2": 0.601}


@pytest.fixture
def study(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    base = load_config({"dataset": dataset.id, "training": {"epochs": 2, "seed": 5}})
    return lab.launch_study(lab.compare_arms(base, ready_arms(["dropout", "l2"]), seeds=4))


def outcome(study):
    return lab.study_outcome(lab.load_study(study.id), lab.study_runs(study.id))


def looks(study):
    return len(lab.load_study(study.id).looks)


def test_nothing_is_said_while_runs_wait(study):
    assert outcome(study) == ""


def test_what_came_out_is_said_in_a_line_and_counts_as_the_planned_look(study):
    finish_by_arm(study, ACCURACIES)
    assert outcome(study).startswith("dropout helps; ")
    assert "L2" in outcome(study)
    assert looks(study) == 1
    assert lab.load_study(study.id).looks[0].is_planned


def test_a_study_stopped_halfway_is_not_looked_at_by_a_list(study):
    finish_by_arm(study, ACCURACIES, seeds=(5, 6, 7))
    for run in lab.study_runs(study.id):
        if run.status is Status.QUEUED:
            workplace().runs.update(run.id, status=Status.STOPPED)
    assert outcome(study) == NOT_LOOKED
    assert looks(study) == 0
    lab.view_study(study.id)
    assert outcome(study).startswith("dropout helps")
    assert looks(study) == 1


def test_too_few_runs_have_no_outcome(study):
    finish_by_arm(study, ACCURACIES, seeds=(5, 6))
    for run in lab.study_runs(study.id):
        if run.status is Status.QUEUED:
            workplace().runs.update(run.id, status=Status.STOPPED)
    assert outcome(study) == TOO_FEW
