"""A good model by one press, and a search for the best one, from a dataset's page."""

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.recipes.recipe import RecipeName
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page


@pytest.fixture
def app(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    monkeypatch.setattr("cnnlab.lab.searching.searches.ensure_supervisor", lambda home: None)
    return open_page("data")


def test_one_press_trains_a_good_model(app, dataset):
    app.button(key="good_model").click().run()
    (run,) = lab.list_runs()
    plain = load_config({"dataset": dataset.id})
    assert load_config(run.config) == lab.pick_recipe(RecipeName.GOOD, plain).applied_to(plain)
    assert run.name == f"{dataset.name}, good model"


def test_the_best_of_some_minutes_is_searched(app, dataset):
    app.number_input(key="best_minutes").set_value(30).run()
    assert app.button(key="best_model").label == "Best in 30 minutes"
    app.button(key="best_model").click().run()
    (search,) = lab.list_searches()
    assert (search.dataset, search.minutes, search.trials) == (dataset.id, 30, None)


def test_what_cannot_be_trained_is_said_there(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    for name in ("a", "b"):
        (tmp_path / "two" / name).mkdir(parents=True)
        Image.new("RGB", (20, 20), "red" if name == "a" else "blue").save(
            tmp_path / "two" / name / "1.png"
        )
    lab.import_dataset(tmp_path / "two")
    app = open_page("data")
    for key in ("good_model", "best_model"):
        app.button(key=key).click().run()
        assert len(errors(app)) == 1 and not app.exception
    assert not lab.list_runs() and not lab.list_searches()
