"""Documents that are made at once: of a run, of a study, for a page and for the command line."""

import re

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError, StorageError
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.workplace import workplace
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor
from tests.made_studies import made_study, study_base


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run with three epochs."""
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id})
    return lambda status=Status.FINISHED, **known: made_run(config, status=status, **known)


def test_the_report_of_a_run_is_made_without_a_worker_and_anew_for_each_download(make):
    run = make(name="a run")
    assert lab.model_state(run.id, "report") is None
    state = lab.prepare_model(run.id, "report")
    assert state.is_ready and not list(queued_jobs(workplace().home))
    assert state == lab.model_state(run.id, "report")
    assert (
        state.answer["bytes"] > 1_000_000 and "nothing to compare" in state.answer["not_verified"]
    )
    assert lab.package_name(run.id, "report", calibrated=True) == f"cnnlab-{run.id}-report.html"
    first = lab.model_package(run.id, "report").read_text(encoding="utf-8")
    finish_evaluation(run, "validation")
    second = lab.model_package(run.id, "report").read_text(encoding="utf-8")
    assert "Not looked for" in first and "Not looked for" not in second
    assert first.count('<figure class="chart">') == 2
    assert second.count('<figure class="chart">') == 3
    lab.delete_run(run.id)
    assert not workplace().home.attempt(run.id, 1).exists()


def test_the_command_writes_the_report_of_a_run_or_a_study(make, dataset, tmp_path):
    run = make()
    told = lab.export_run(run.id, "report", tmp_path)
    assert told["file"] == str(tmp_path / f"{run.id}-report.html")
    assert told["bytes"] == (tmp_path / f"{run.id}-report.html").stat().st_size
    assert told["format"] == "report" and told["top1_agreement"] is None
    study = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "l2"]), seeds=2)
    made_study(study, {"baseline": 0.6, "L2": 0.7})
    lab.export_run(study.id, "report", tmp_path / "study.html")
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    assert re.sub(r"report of [^;]*;", "", page) == re.sub(
        r"report of [^;]*;", "", lab.study_report(study.id)
    )


def test_what_can_not_be_told_is_refused_and_nothing_is_written(make, tmp_path):
    running = make(Status.RUNNING)
    for ask in (lab.prepare_model, lab.model_package):
        with pytest.raises(RunStateError, match="wait until it has ended"):
            ask(running.id, "report")
    assert not (workplace().home.attempt(running.id, 1) / "exports").exists()
    with pytest.raises(RunStateError):
        lab.export_run(running.id, "report", tmp_path / "a.html")
    with pytest.raises(NotFoundError, match="no run 'nothing'"):
        lab.export_run("nothing", "report", tmp_path / "a.html")
    with pytest.raises(BadInputError, match=r"ends? in \.html"):
        lab.export_run(running.id, "report", tmp_path / "a.zip")
    with pytest.raises(StorageError):
        lab.export_run(make().id, "report", tmp_path / "missing" / "a.html")
    assert list(tmp_path.glob("**/*.html")) == []
