"""What a run's page says of MLflow."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.lab import tracking
from cnnlab.lab.workplace import workplace
from cnnlab.tracking import outbox
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
    import streamlit as st  # noqa: PLC0415 - a script of its own

    from cnnlab.ui.run.tracking_line import render_tracking  # noqa: PLC0415

    st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
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
    assert button.label.replace("\\", "") == "Send to MLflow at 127.0.0.1:5000"
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


def test_what_is_on_its_way_is_looked_at_until_it_is_there_and_no_longer(run, monkeypatch):
    fragment, every, box = st.fragment, [], Outbox(workplace().home)

    def watched(lines, *, run_every):
        every.append(run_every)
        for entry in box.entries():  # it is sent between the two looks
            box.done(entry)
        return fragment(lines)

    monkeypatch.setattr(st, "fragment", watched)
    box.note(Sent(run.id, PLACE.address, run="r", experiment="7", status="FINISHED"), PLACE.key)
    box.add(run.id, PLACE.address, PLACE.key)
    page = show(run)
    assert every == [2.0]
    assert "0 epochs, finished." in said(page) and page.session_state["drawn"] == 2


def test_a_page_reads_the_files_of_its_run_alone_and_says_how_many_wait(run, monkeypatch):
    box = Outbox(workplace().home)
    for subject in (run.id, "20260101-000000-aaaa", "20260101-000000-bbbb"):
        box.add(subject, PLACE.address, PLACE.key, is_asked=True)
    box.note_away(PLACE.key, "the server answers 500")
    read, names = outbox.read_json, []
    monkeypatch.setattr(outbox, "read_json", lambda path: names.append(path.name) or read(path))
    assert "3 runs wait for http://127.0.0.1:5000: the server answers 500" in said(show(run))
    assert names and all(name.startswith(run.id) or name == f"{PLACE.key}.json" for name in names)


def test_what_was_refused_or_deleted_there_is_sent_again_by_a_press(run):
    box = Outbox(workplace().home)
    gone = Sent(run.id, PLACE.address, run="r", experiment="7", problem="it was deleted there")
    box.note(gone, PLACE.key)
    page = show(run)
    assert "Not in MLflow at http://127.0.0.1:5000: it was deleted there." in said(page)
    (button,) = page.button
    assert button.label.replace("\\", "") == "Send again to MLflow at 127.0.0.1:5000"
    page = button.click().run()
    (entry,) = box.entries()
    assert (entry.subject, entry.address, entry.is_asked) == (run.id, PLACE.address, True)
    assert "is on its way" in said(page) and not page.button and "deleted" not in said(page)


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
