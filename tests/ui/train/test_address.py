"""The form in the address: told, taken, kept over a reload, and wrong ones made by hand."""

import pytest

from cnnlab.ui.train import address
from tests.made_runs import no_supervisor
from tests.ui.apps import open_page, recipe_choice


@pytest.fixture
def told(dataset, monkeypatch):
    """What the browser was given last."""
    no_supervisor(monkeypatch)
    given = {}

    def take(_page, told, dataset):
        given.update(told, dataset=dataset)

    monkeypatch.setattr(address, "render_form_address", take)
    return given


def shown(app):
    return (
        recipe_choice(app).value,
        app.number_input(key="epochs").value,
        app.slider(key="reg_dropout").value,
    )


def warnings(app):
    return [one.value.replace("\\", "") for one in app.warning]


def test_a_first_visit_leaves_the_address_as_it_is(told):
    open_page("train")
    assert (told["recipe"], told["config"]) == ("", "")


def test_what_is_told_fills_the_form_of_another_session(told, dataset):
    app = open_page("train")
    recipe_choice(app).set_value("plain").run()
    assert (told["recipe"], told["config"]) == ("plain", "")
    app.number_input(key="epochs").set_value(7)
    app.slider(key="reg_dropout").set_value(0.3).run()
    assert told["config"] == "regularization.dropout:0.3,training.epochs:7"
    assert (told["recipe"], told["dataset"]) == ("", dataset.id)
    again = open_page("train", config=told["config"])
    again.run()
    assert shown(again) == ("own", 7, 0.3) and not warnings(again)


def test_what_a_recipe_leaves_alone_is_told_beside_it(told):
    app = open_page("train")
    app.number_input(key="seed").set_value(5).run()
    assert (told["recipe"], told["config"]) == ("good", "training.seed:5")
    again = open_page("train", **{name: told[name] for name in ("recipe", "config")})
    assert again.number_input(key="seed").value == 5
    assert shown(again)[0] == "good"


def test_a_recipe_with_changes_of_what_it_sets_is_ones_own(told):
    app = open_page("train", recipe="good", config="training.epochs:3")
    assert shown(app)[:2] == ("own", 3)
    assert app.toggle(key="reg_batch_norm").value


def test_an_address_is_taken_once(told):
    app = open_page("train", config="training.epochs:7")
    app.number_input(key="epochs").set_value(9).run()
    assert shown(app)[1] == 9
    app.run()
    assert shown(app)[1] == 9


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("training.epoch:3,regularization.dropout:.3", "did you mean Epochs?"),
        ("training.epochs:0,regularization.dropout:.3", "Epochs must be a whole number from 1"),
        ("wat", "'wat' isn't a field with its value"),
        ("{", "it begins like JSON and isn't"),
        ("x" * 9000, "more than 8,000"),
    ],
)
def test_a_wrong_address_is_said_in_a_sentence_and_the_rest_is_taken(told, config, said):
    app = open_page("train", config=config)
    assert len(warnings(app)) == 1 and said in warnings(app)[0]
    dropout = 0.3 if ".3" in config else 0
    assert shown(app) == ("own", 20, dropout)
    app.number_input(key="epochs").set_value(4).run()
    assert not warnings(app)


def test_an_unknown_recipe_is_said(told):
    app = open_page("train", recipe="best", config="training.epochs:4")
    assert "There is no recipe 'best'" in warnings(app)[0]
    assert shown(app)[1] == 4
