"""Where it looks, on the Evaluate page: the choices, the button, the pictures with their maps."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.workplace import workplace
from tests.made_evaluations import finish_evaluation
from tests.made_explanations import finish_explanations
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.ui.judge.pages import given, open_section


@pytest.fixture
def app(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    finish_evaluation(run, "validation")
    return open_page("evaluate", run=run.id)


def asked_key(app):
    [job] = [job for job in queued_jobs(workplace().home) if job.kind.name == "explain"]
    return job.files.folder.name


def test_pressed_once_all_wrong_pictures_get_their_maps(app):
    run = app.query_params["run"]
    app.button(key="looks_start").click().run()
    key = asked_key(app)
    assert app.button(key="cancel_looks")
    finish_explanations(run, key)
    app.run()
    shown = given(app, "looks")
    pictures = lab.explanations_state(run, key).answer["pictures"]
    assert len(shown["pictures"]) == len(pictures) > 0
    assert all(one["heat"].startswith("data:image/png") for one in shown["pictures"])
    said = words(app).replace("\\", "")
    assert "yes (rank correlation 0.08, without signs 0.21" in said
    assert "layer conv, 8 × 8; 2 convolutions follow" in said
    app.selectbox(key="looks_method").select("occlusion").run()
    assert app.button(key="looks_start"), "another way has to be asked for"
    app.selectbox(key="looks_method").select("hirescam").run()
    assert given(app, "looks"), "what is known is there at once"


def test_the_class_can_be_chosen(app):
    app.selectbox(key="looks_class").select(-1).run()
    app.button(key="looks_start").click().run()
    request = workplace().home.runs / app.query_params["run"]
    [file] = request.glob("attempt-1/explanations/*/request.json")
    assert '"about": "true"' in file.read_text()


def test_what_went_wrong_is_said_with_the_way_to_try_again(app, monkeypatch):
    from cnnlab.domain.errors import RunStateError  # noqa: PLC0415

    def refuse(*_):
        raise RunStateError("The training states are gone.")

    monkeypatch.setattr(lab, "start_explanations", refuse)
    app.button(key="looks_start").click().run()
    assert any("training states are gone" in one for one in errors(app))
    assert app.button(key="looks_start")


def test_where_nothing_is_wrong_there_is_nothing_to_look_at(home):
    app = open_section("pictures.looks", "render_looks", skill=50)
    assert "no mistake to look at" in words(app)
