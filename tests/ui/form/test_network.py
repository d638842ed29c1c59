"""The network of the form: what the browser edits is what is drawn, checked and trained."""

import json

import pytest
import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.presets import PRESET_WORDS
from cnnlab.domain.config.run_config import load_config
from cnnlab.ui.form import network
from cnnlab.ui.form.state import BASE
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, late_clock, open_page, words

CONV = {"kind": "conv", "filters": 8}
DENSE = {"kind": "dense", "units": 16}


class Browser:
    """Stands for the component: keeps what it is given and sends what a user does."""

    def __init__(self):
        self.data, self.waiting, self.edits = None, None, 0

    def render(self, data, *, key, on_edit):
        if self.waiting is not None:
            st.session_state[key] = {"edited": self.waiting}
            self.waiting = None
            on_edit()
        self.data = data

    def send(self, app, layers, frozen_place=-1, pasted=""):
        """One change, and the runs of the page after it."""
        self.edits += 1
        self.waiting = {
            "edit": self.edits,
            "layers": layers,
            "frozen_place": frozen_place,
            "pasted": pasted,
        }
        app.run()
        app.run()


@pytest.fixture
def browser(monkeypatch, dataset, plain_start):
    no_supervisor(monkeypatch)
    browser = Browser()
    monkeypatch.setattr(network, "render_network", browser.render)
    return browser


def test_a_preset_is_drawn_and_made_ones_own(browser):
    app = open_page("train")
    data = browser.data
    assert not data["is_own"]
    assert data["preset"] == "Small CNN" and f"**Small CNN.** {PRESET_WORDS['small_cnn']}" in words(
        app
    )
    assert len(data["blocks"]) == len(data["entries"]) + 2
    browser.send(app, data["entries"][:3])
    assert browser.data["is_own"]
    assert [block["kind"] for block in browser.data["blocks"]][1:-1] == ["conv", "max_pool", "conv"]
    assert "your own list" in words(app)
    assert {number.key for number in app.number_input} & {"conv_blocks", "filters"} == set()


def test_a_preset_that_a_clock_sends_too_late_replaces_no_list(browser):
    app = open_page("train")
    browser.send(app, [CONV, DENSE])
    with late_clock():
        app.selectbox(key="preset").select("tiny_cnn").run()
    assert browser.data["is_own"]
    app.selectbox(key="preset").select("small_cnn").run()
    assert not browser.data["is_own"]


def test_the_net_that_is_drawn_is_the_one_that_trains(browser, dataset):
    app = open_page("train")
    browser.send(app, [CONV, {"kind": "max_pool"}, DENSE], frozen_place=1)
    assert browser.data["frozen_place"] == 1
    app.button(key="launch_run").click().run()
    (run,) = lab.list_runs()
    architecture = load_config(run.config).architecture
    assert [layer.kind for layer in architecture.layers] == ["conv", "max_pool", "dense"]
    assert (architecture.layers[0].filters, architecture.frozen_layers) == (8, 1)


def test_what_ends_in_the_middle_of_a_block_stays_frozen_until_it_has_no_meaning(browser):
    app = open_page("train")
    block = {"kind": "residual_block", "filters": 8}
    base = app.session_state[BASE]
    network = base["architecture"] | {"layers": [CONV, block, DENSE], "frozen_layers": 3}
    app.session_state[BASE] = base | {"architecture": network}
    app.run()
    assert browser.data["frozen_place"] == 0

    def frozen_after(layers, place):
        browser.send(app, layers, frozen_place=place)
        return app.session_state[BASE]["architecture"]["frozen_layers"]

    thin, dense = CONV | {"filters": 4}, DENSE | {"units": 8}
    assert frozen_after([CONV, block, dense], 0) == 3
    assert frozen_after([thin, block | {"filters": 0}, dense], 0) == 1  # wrong for now
    assert frozen_after([thin, {"kind": "max_pool"}, block, dense], 0) == 3
    assert frozen_after([thin, thin, block, dense], 1) == 4
    assert not browser.data["told"]
    assert frozen_after([thin, thin, dense], 1) == 2
    assert "only whole blocks are frozen" in browser.data["told"]
    assert frozen_after([thin, block, dense], 0) == 1
    assert not browser.data["told"]


def test_freezing_anew_forgets_the_block_that_was_frozen_in_part(browser):
    app = open_page("train")
    base, layers = app.session_state[BASE], [CONV, {"kind": "residual_block", "filters": 8}, DENSE]
    network = base["architecture"] | {"layers": layers, "frozen_layers": 3}
    app.session_state[BASE] = base | {"architecture": network}
    app.run()
    for place, expected in ((-1, 0), (0, 1)):
        browser.send(app, browser.data["entries"], frozen_place=place)
        assert app.session_state[BASE]["architecture"]["frozen_layers"] == expected


@pytest.mark.parametrize(
    ("layers", "place", "said"),
    [
        ([CONV, {"kind": "flatten"}, {"kind": "max_pool"}], 3, "needs an image"),
        (
            [CONV, {"kind": "conv", "filters": 0}],
            2,
            "Filters must be a whole number from 1 to 2,048",
        ),
        ([CONV, {"kind": "dense", "units": None}, CONV], 2, "Units must be a whole number"),
    ],
)
def test_what_is_wrong_is_said_at_its_block_and_blocks_the_start(browser, layers, place, said):
    app = open_page("train")
    browser.send(app, layers)
    problems = {at: block["problem"] for at, block in enumerate(browser.data["blocks"])}
    assert [at for at, problem in problems.items() if problem] == [place]
    assert said in problems[place]
    assert browser.data["blocks"][1]["parameters"] == 224
    assert browser.data["blocks"][place]["parameters"] is None
    assert app.button(key="launch_run").disabled
    start = "doesn't fit: see Network" if "image" in said else said.split(" must")[0]
    assert start in errors(app)[0]
    browser.send(app, [CONV])
    assert not app.button(key="launch_run").disabled


def test_an_empty_list_waits_for_its_first_layer(browser):
    app = open_page("train")
    browser.send(app, [])
    assert [block["kind"] for block in browser.data["blocks"]] == ["image", "classes"]
    assert app.button(key="launch_run").disabled
    browser.send(app, None)
    assert not browser.data["is_own"]


def test_a_pasted_list_is_taken_or_refused_in_a_sentence(browser):
    app = open_page("train")
    browser.send(app, None, pasted=json.dumps([CONV, DENSE]))
    assert browser.data["said"] == {"of": 1, "problem": ""}
    assert [entry["kind"] for entry in browser.data["entries"]] == ["conv", "dense"]
    turn = browser.data["turn"]
    browser.send(app, browser.data["entries"], pasted='[{"kind": "conv", "filters": 1e9}]')
    assert "Filters must be a whole number from 1 to 2,048" in browser.data["said"]["problem"]
    assert len(browser.data["entries"]) == 2  # nothing is lost
    assert browser.data["turn"] == turn
    browser.send(app, browser.data["entries"], pasted="[{kind: conv}]")
    said = "This text can't be read as JSON: it goes wrong at line 1, column 3."
    assert browser.data["said"]["problem"] == said


def test_a_chosen_preset_replaces_an_own_list(browser):
    app = open_page("train")
    browser.send(app, [CONV])
    turn = browser.data["turn"]
    app.selectbox(key="preset").set_value("tiny_cnn").run()
    assert not browser.data["is_own"]
    assert browser.data["turn"] == turn + 1  # so the browser can take it back
    assert len(browser.data["entries"]) == 6


def test_a_dial_that_a_preset_has_not_is_emptied(browser):
    app = open_page("train")
    app.number_input(key="conv_blocks").set_value(2).run()
    app.selectbox(key="preset").set_value("mobilenet_v3_small").run()
    assert not errors(app)


def test_the_drawing_is_there_while_another_field_is_wrong(browser):
    app = open_page("train")
    app.number_input(key="learning_rate").set_value(-1.0).run()
    assert errors(app)
    assert browser.data["blocks"]
    app.number_input(key="image_size").set_value(4).run()
    assert browser.data["blocks"] == []
    assert "Image size" in browser.data["problem"]
