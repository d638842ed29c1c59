"""Home: a finished study to see, one to train, and what happens where that can't be."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def quiet(home, monkeypatch):
    no_supervisor(monkeypatch)


def test_a_finished_study_opens_with_its_verdicts_and_says_that_it_is_recorded(quiet):
    app = open_page("home")
    app.button(key="see_demo").click().run()
    assert not app.exception
    study = lab.list_studies()[0]
    assert app.query_params["study"] == study.id
    said = words(app)
    assert "Recorded on 20" in said
    assert "helps-badge" not in said and "trending_up" in said
    keys = {button.key for button in app.button}
    assert "start_demo" in keys
    assert not {"more_seeds", "resume_study", "prepare_bundle"} & keys


def test_the_demo_is_started_from_home_and_from_the_recorded_study(quiet):
    app = open_page("home")
    app.button(key="start_demo").click().run()
    first = lab.list_studies()[0]
    assert [arm.name for arm in first.arms] == ["baseline", "augmentation"]
    assert app.query_params["study"] == first.id
    app = open_page("study", study=lab.open_recorded())
    app.button(key="start_demo").click().run()
    assert len(lab.list_studies()) == 3
    assert app.query_params["study"] != first.id


def test_a_recorded_run_offers_no_model(quiet):
    study = lab.open_recorded()
    run = lab.study_runs(study)[0].id
    app = open_page("runs", run=run)
    assert not app.exception
    keys = {one.key for one in app.button}
    assert (
        not {"open_models", "open_predict", "open_evaluate", "prepare_model", "all_formats"} & keys
    )
    assert "Where it errs most" in words(app)


@pytest.mark.parametrize("key", ["see_demo", "start_demo"])
def test_why_it_cannot_be_opened_is_said(quiet, monkeypatch, key):
    def fail():
        raise StorageError("The *disk* is full.")

    monkeypatch.setattr(lab, "open_recorded", fail)
    monkeypatch.setattr(lab, "launch_demo", fail)
    app = open_page("home")
    app.button(key=key).click().run()
    assert errors(app) == ["The *disk* is full."]
