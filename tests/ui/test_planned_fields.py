"""Fields that nothing is built for yet are read, and offered nowhere."""

import pytest

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.run import Status
from cnnlab.fields import extra, offered, walk
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import open_page

PLANNED = dict(walk(RunConfig)).keys() - dict(offered(RunConfig)).keys()


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id})


def choices(app):
    """Labels and options of everything that can be set or chosen."""
    widgets = [
        *(*app.number_input, *app.slider, *app.toggle, *app.text_input, *app.checkbox),
        *(*app.selectbox, *app.multiselect),
    ]
    options = [
        str(option) for choice in (*app.selectbox, *app.multiselect) for option in choice.options
    ]
    return [widget.label for widget in widgets], options


def test_these_fields_are_planned():
    assert set() == PLANNED


@pytest.mark.parametrize("page", ["train", "study"])
def test_no_page_offers_them(config, page):
    labels, options = choices(open_page(page))
    assert any("Learning rate" in label for label in labels)
    if page == "study":
        assert any("regularization.dropout" in option for option in options)
    for name in PLANNED:
        assert extra(dict(walk(RunConfig))[name], "label") not in labels
        assert not [option for option in options if name in option]


def test_no_fork_offers_them(config):
    run = made_run(config, status=Status.FINISHED)
    app = open_page("runs", run=run.id)
    app.button(key="fork_run").click().run()
    labels, _ = choices(app)
    assert "L2" in labels
    for name in PLANNED:
        assert extra(dict(walk(RunConfig))[name], "label") not in labels
