"""A run's star, tags and note on its page."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words


def refuse(*args, **kwargs):
    raise StorageError("The disk is full.")


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED).id


def test_each_change_is_kept_at_once(run):
    app = open_page("runs", run=run)
    app.toggle(key=f"star_run_{run}").set_value(True).run()
    app.text_area(key=f"run_note_{run}").set_value("Ask *Ann*.").run()
    app.multiselect(key=f"model_tags_{run}").set_value(["approved"]).run()
    kept = lab.load_run(run)
    assert (kept.starred, kept.note, kept.tags) == (True, "Ask *Ann*.", ["approved"])
    assert "Ask \\*Ann\\*\\." in words(app) and errors(app) == []
    app.toggle(key=f"star_run_{run}").set_value(False).run()
    assert not lab.load_run(run).starred


def labelled(elements, label):
    return next(one for one in elements if one.label == label)


def test_what_a_browser_still_shows_of_another_run_is_not_written_to_this_one(run):
    """A fragment's clock may tick before the browser has drawn the run that was gone to."""
    lab.note_run(run, "Of the first.")
    lab.tag_run(run, ["approved"])
    lab.star_runs([run], starred=True)
    config = load_config({"dataset": lab.load_run(run).dataset})
    other = made_run(config, status=Status.FINISHED).id
    app = open_page("runs", run=run)
    note = labelled(app.text_area, "Note").set_value("Of the first.")
    labelled(app.toggle, "Star").set_value(True)
    labelled(app.multiselect, "Tags").set_value(["approved"])
    app.query_params["run"] = other
    app.run()
    note.run()  # with all that the first run's page says
    kept = lab.load_run(other)
    assert (kept.starred, kept.note, kept.tags) == (False, "", [])
    assert lab.load_run(run).note == "Of the first."


def test_a_star_that_can_not_be_stored_says_why(run, monkeypatch):
    monkeypatch.setattr(lab, "star_runs", refuse)
    app = open_page("runs", run=run)
    app.toggle(key=f"star_run_{run}").set_value(True).run()
    assert errors(app) == ["The disk is full."]
    assert app.toggle(key=f"star_run_{run}").value is False


def test_a_note_that_is_too_long_is_not_lost_while_it_is_shortened(run):
    app = open_page("runs", run=run)
    app.text_area(key=f"run_note_{run}").set_value("x" * 2001).run()
    assert errors(app) == ["A note has at most 2,000 characters. Received: 2,001."]
    assert app.text_area(key=f"run_note_{run}").value == "x" * 2001
    app.text_area(key=f"run_note_{run}").set_value("x" * 2000).run()
    assert lab.load_run(run).note == "x" * 2000 and errors(app) == []
