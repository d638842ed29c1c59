"""Measurements of a study's solutions: asked for, found again, and what they are of."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.files import read_json, write_json
from cnnlab.jobs.asking import queued_jobs
from cnnlab.jobs.state import Stage
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from tests.made_measurements import finish, folder, measurable_study
from tests.made_runs import no_supervisor

BOTH = pytest.mark.parametrize("name", ["units", "landscape"])
ASK = {
    "units": (lab.start_units, lab.units_state, lab.cancel_units, lab.study_units),
    "landscape": (
        lab.start_landscape,
        lab.landscape_state,
        lab.cancel_landscape,
        lab.study_landscape,
    ),
}


@pytest.fixture
def study(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return measurable_study(dataset.id)


@BOTH
def test_it_is_asked_for_once_and_found_again_and_goes_with_its_study(study, name):
    start, state, _, result = ASK[name]
    assert state(study.id) is None and result(lab.view_study(study.id)) is None
    assert start(study.id).stage is Stage.WAITING
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith(f"studies/{study.id}/{name}")
    asked = read_json(folder(study, name) / "request.json")["runs"]
    assert [(run["arm"], run["seed"]) for run in asked] == [
        (arm.name, seed) for arm, seed in study.pairs
    ]
    found = finish(study, name)
    assert start(study.id).answer == state(study.id).answer == found
    assert result(lab.view_study(study.id)) == found
    lab.delete_study(study.id)
    assert not folder(study, name).exists()


@BOTH
def test_what_was_cancelled_or_lost_is_asked_for_again_and_what_was_measured_stays(study, name):
    start, state, cancel, result = ASK[name]
    start(study.id)
    cancel(study.id)
    assert state(study.id).stage is Stage.CANCELLED
    finish(study, name, status="failed", message="Lost.")
    (folder(study, name) / "run-a.json").write_text("{}")
    assert start(study.id).stage is Stage.WAITING
    assert (folder(study, name) / "run-a.json").exists()
    assert result(lab.view_study(study.id)) is not None  # shown meanwhile


@BOTH
def test_runs_that_come_later_are_counted_and_asked_for_on_top(study, name):
    start, _, _, result = ASK[name]
    start(study.id)
    found = finish(study, name)
    tried = found["runs"] if name == "units" else found["widths"]
    view = lab.view_study(study.id)
    assert lab.unmeasured(view, tried) == 0
    assert lab.unmeasured(view, tried[:-2]) == 2
    asked = read_json(folder(study, name) / "request.json")
    write_json(folder(study, name) / "request.json", asked | {"runs": asked["runs"][:2]})
    assert start(study.id).stage is Stage.WAITING
    assert len(read_json(folder(study, name) / "request.json")["runs"]) == 6
    assert result(view) == found


@BOTH
def test_what_was_measured_of_a_deleted_run_is_not_shown_any_more(study, name):
    start, _, _, result = ASK[name]
    start(study.id)
    found = finish(study, name)
    gone = next(run for run in lab.study_runs(study.id) if run.arm == "dropout")
    lab.delete_run(gone.id)
    shown = result(lab.view_study(study.id))
    key = "runs" if name == "units" else "widths"
    assert len(shown[key]) == len(found[key]) - 1
    assert gone.id not in str(shown)


@BOTH
def test_a_damaged_result_is_as_if_nobody_had_asked(study, name):
    start, _, _, result = ASK[name]
    start(study.id)
    (folder(study, name) / f"{name}.json").write_text("{")
    assert result(lab.view_study(study.id)) is None


@BOTH
def test_without_training_states_it_is_refused_and_said_why(study, name):
    for run in lab.study_runs(study.id):
        (newest_attempt(run).checkpoints / "manifest.json").unlink()
    with pytest.raises(RunStateError, match="training states of this study's runs are gone"):
        ASK[name][0](study.id)
    assert not folder(study, name).exists()


@BOTH
def test_an_imported_study_says_that_bundles_hold_no_states(study, name, monkeypatch):
    for run in lab.study_runs(study.id):
        (newest_attempt(run).checkpoints / "manifest.json").unlink()
    where = "Imported on 2026-11-24 from an evidence bundle: no training states."
    monkeypatch.setattr("cnnlab.lab.study.measuring.imported_from", lambda study: where)
    with pytest.raises(RunStateError, match="Imported on .* no training states"):
        ASK[name][0](study.id)


@BOTH
def test_a_study_that_runs_or_of_which_nothing_finished_is_refused(study, name):
    runs = lab.study_runs(study.id)
    workplace().runs.update(runs[0].id, status=Status.QUEUED)
    with pytest.raises(RunStateError, match="haven't ended: wait"):
        ASK[name][0](study.id)
    for run in runs:
        workplace().runs.update(run.id, status=Status.FAILED)
    with pytest.raises(RunStateError, match="No run of this study has finished"):
        ASK[name][0](study.id)


@BOTH
def test_a_study_that_is_not_there_is_not_found(study, name):
    with pytest.raises(NotFoundError):
        ASK[name][0]("s1")
