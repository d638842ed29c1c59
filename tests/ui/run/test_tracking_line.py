"""What a run's page says of MLflow."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.lab import tracking
from cnnlab.lab.workplace import workplace
from cnnlab.tracking.destination import Destination
from cnnlab.tracking.outbox import Outbox, Sent
from tests.made_runs import made_run, no_supervisor

PLACE = Destination("http://127.0.0.1:5000")


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    monkeypatch.setattr(tracking, "ensure_supervisor", lambda home: None)
    monkeypatch.setattr(tracking, "missing_client", lambda: "")
    monkeypatch.setattr(tracking, "require_client", lambda: None)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return made_run(RunConfig(dataset=dataset.id), status=Status.FINISHED)


def show(run):
    return AppTest.from_function(_page, kwargs={"run": run}, default_timeout=30).run()


def _page(run):
    from cnnlab.ui.run.tracking_line import render_tracking  # noqa: PLC0415 - a script of its own

    render_tracking(run)


def said(page):
    return " ".join(
        caption.value.replace("\\", "").replace("\u2060", "") for caption in page.caption
    )


def test_nothing_is_said_where_no_server_is_named(run):
    page = show(run)
    assert not page.caption and not page.button


def test_a_press_has_the_run_sent_and_what_keeps_it_waiting_is_said(run, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:5000")
    page = show(run)
    (button,) = page.button
    assert button.label == "Send to MLflow at 127.0.0.1:5000"
    page = button.click().run()
    (entry,) = Outbox(workplace().home).entries()
    assert (entry.subject, entry.address, entry.is_asked) == (run.id, PLACE.address, True)
    assert "is on its way to http://127.0.0.1:5000" in said(page) and not page.button
    Outbox(workplace().home).note_away(PLACE.key, "the server answers 500")
    assert "1 run waits for http://127.0.0.1:5000: the server answers 500" in said(show(run))


def test_what_is_there_is_linked(run):
    sent = Sent(run.id, PLACE.address, run="r", experiment="7", epochs=3, status="FINISHED")
    Outbox(workplace().home).note(sent, PLACE.key)
    page = show(run)
    assert "(http://127.0.0.1:5000/#/experiments/7/runs/r): 3 epochs, finished." in said(page)
    assert not page.button


def test_a_missing_package_is_named_with_its_line(run, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", PLACE.address)
    monkeypatch.setattr(tracking, "missing_client", lambda: "pip install mlflow-skinny")
    page = show(run)
    assert page.code[0].value == "pip install mlflow-skinny" and not page.button


def test_an_address_that_is_no_servers_is_said_not_to_be_used(run, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///secret.db")
    page = show(run)
    assert "MLFLOW_TRACKING_URI isn't used." in said(page) and "secret" not in said(page)
    assert not page.button
