"""The choice of a run on the pages that need one, and the address beside it."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def runs(dataset, monkeypatch):
    """An older and a newer run that can be judged."""
    no_supervisor(monkeypatch)
    config = RunConfig(dataset=dataset.id)
    return [made_run(config, status=Status.FINISHED, name=name) for name in ("older", "newer")]


def test_the_newest_run_is_meant_and_the_address_stays(runs):
    app = open_page("evaluate")
    choice = app.selectbox(key="run_select")
    assert choice.value == runs[1].id
    assert choice.options[0].startswith("newer · Shades · 52.0\u00a0% · ")
    assert dict(app.query_params) == {}


def test_the_address_names_the_run_and_follows_the_choice(runs):
    older, newer = runs
    app = open_page("evaluate", run=older.id)
    choice = app.selectbox(key="run_select")
    assert choice.value == older.id
    choice.set_value(newer.id).run()
    assert app.query_params["run"] == newer.id
    assert app.selectbox(key="run_select").value == newer.id


def test_a_run_of_the_address_that_is_not_there_is_said_and_none_is_taken_for_it(runs):
    app = open_page("evaluate", run="nobody")
    assert "no run 'nobody'" in errors(app)[0]
    choice = app.selectbox(key="run_select")
    assert choice.value is None
    choice.set_value(runs[0].id).run()
    assert errors(app) == []


def test_a_run_that_has_not_ended_is_told_with_the_way_to_it(runs, dataset):
    waiting = lab.launch_run(RunConfig(dataset=dataset.id), name="waiting")
    app = open_page("evaluate", run=waiting.id)
    assert "The run 'waiting' has no model yet: it is queued" in words(app)
    assert app.selectbox(key="run_select").value is None
    app.button(key="open_run").click().run()
    assert app.title[0].value == "waiting"


def test_the_page_of_an_ended_run_leads_to_its_judging(runs, dataset):
    app = open_page("runs", run=runs[0].id)
    app.button(key="open_evaluate").click().run()
    assert app.title[0].value == "Judge a model"
    assert app.selectbox(key="run_select").value == runs[0].id
    running = lab.launch_run(RunConfig(dataset=dataset.id))
    keys = {button.key for button in open_page("runs", run=running.id).button}
    assert "open_evaluate" not in keys


def test_an_imported_run_is_taken_along_though_it_cannot_be_judged(runs, monkeypatch):
    monkeypatch.setattr(lab, "imported_from", lambda run: "Imported from a bundle.")
    keys = {button.key for button in open_page("runs", run=runs[0].id).button}
    assert "open_models" in keys and not keys & {"open_evaluate", "open_predict"}
