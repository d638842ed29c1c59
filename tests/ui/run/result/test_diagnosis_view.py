"""The buttons of a diagnosis: each leads to a form that trains otherwise."""

import re

import pytest

from cnnlab import lab
from cnnlab.diagnosis.diagnosis import diagnose, remedied
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.diagnosis.made_curves import FAMILIES
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import go_to, open_page


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


def all_remedies(config):
    """One diagnosis for each field that any remedy of any kind changes."""
    found = {}
    for maker in FAMILIES.values():
        made = maker(1)
        for diagnosis in diagnose(made.history, remedied(config, made.config), made.facts):
            for name in diagnosis.remedy:
                found.setdefault(name, diagnosis)
    return list(found.values())


def test_every_button_fills_the_form_with_what_it_says(home, dataset, monkeypatch):
    config = load_config({"dataset": dataset.id, "optimizer": {"learning_rate": 0.02}})
    run = made_run(config, status=Status.FINISHED)
    shown = all_remedies(config)
    assert len(shown) > 5
    monkeypatch.setattr(lab, "diagnose_run", lambda view: shown)
    for number, diagnosis in enumerate(shown):
        app = open_page("runs", run=run.id)
        assert not app.button(key=f"remedy_{number}").label.endswith(".")
        app.button(key=f"remedy_{number}").click().run()
        assert not app.exception
        assert [title.value for title in app.title] == ["Train"]
        go_to(app, "train")  # the script of a test stays where it was, its session doesn't
        app.button(key="launch_run").click().run()
        newest = lab.list_runs()[0]
        wanted = remedied(config, diagnosis.remedy).model_dump(mode="json")
        assert newest.config == wanted, diagnosis.remedy
        assert newest.config != run.config


def test_the_title_is_not_said_again(home, dataset):
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    app = open_page("runs", run=run.id)
    told = [one.value for one in app.markdown if "**Underfits**" in one.value]
    assert len(told) == 1
    assert len(re.findall("underfits", told[0], re.IGNORECASE)) == 1
    assert "50.0\u00a0%" in told[0].replace("\\", "")
