"""How long a run is, as the Train page says it: for a handful of images, hundreds and thousands."""

from dataclasses import replace
from pathlib import Path

import pytest

import cnnlab.ui
from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.recipes.good_model import good_recipe
from cnnlab.domain.recipes.recipe import SetFacts
from cnnlab.ui.train.foot import START_ANCHOR, foot_html
from cnnlab.ui.train.pace import foot_lines, pace_words, too_few_words
from cnnlab.ui.train.reading import Reading

SIZES = {"36": (30, 6), "600": (480, 120), "10,000": (8000, 2000)}


@pytest.fixture(autouse=True)
def half_a_minute(monkeypatch):
    monkeypatch.setattr(lab, "expected_seconds", lambda *_, **__: 30.0)


def _reading(size):
    train, validation = SIZES[size]
    return Reading(splits={"train": train, "validation": validation, "test": 0}, classes=3)


def _good(size):
    train, validation = SIZES[size]
    facts = SetFacts((train // 3,) * 3, validation, side_px=96, has_gpu=True)
    return good_recipe(facts).applied_to(RunConfig())


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (
            "36",
            "**400 steps** in **100 epochs**: estimated at about **30\u00a0s**, less once",
        ),
        ("600", "**450 steps** in **30 epochs**: estimated at about"),
        ("10,000", "**7,500 steps** in **30 epochs**: estimated at about"),
    ],
)
def test_a_good_model_takes_steps_and_time(size, told):
    assert pace_words(_good(size), _reading(size)).startswith(told)
    assert too_few_words(_good(size), _reading(size)) == ""


@pytest.mark.parametrize(("size", "is_told"), [("36", True), ("600", False), ("10,000", False)])
def test_the_defaults_are_too_short_for_a_handful_and_it_says_what_to_do(size, is_told):
    said = too_few_words(RunConfig(), _reading(size))
    assert bool(said) == is_told
    if is_told:
        assert said.startswith("20 steps are few") and "Set 300 epochs" in said


def test_an_estimate_does_not_look_measured(monkeypatch):
    monkeypatch.setattr(lab, "expected_seconds", lambda *_, **__: 127.4)
    assert ": estimated at about **2\u00a0min**" in pace_words(RunConfig(), _reading("600"))


def test_what_is_not_known_yet_is_not_told(monkeypatch):
    monkeypatch.setattr(lab, "expected_seconds", lambda *_, **__: None)
    config = RunConfig(training={"batch_size": "auto"})
    assert pace_words(config, _reading("36")) == "**20 epochs**, batch size found at the start."
    assert too_few_words(config, _reading("36")) == ""


def _read(config):
    return replace(_reading("600"), config=config)


def test_beside_a_phones_button_stand_epochs_and_time_or_epochs_alone(monkeypatch):
    assert foot_lines(_read(_good("600"))) == ["30 epochs", "about 30\u00a0s"]
    monkeypatch.setattr(lab, "expected_seconds", lambda *_, **__: None)
    assert foot_lines(_read(_good("600"))) == ["30 epochs"]
    assert foot_html(["30 epochs", "about 30\u00a0s"]).startswith("30 epochs<br>about 30\u00a0s<a ")


def test_beside_a_phones_button_stands_that_nothing_can_start_and_the_way_to_the_reason():
    said = foot_html(foot_lines(_read(None)))
    assert said.startswith("Can't start<br>") and f'href="#{START_ANCHOR}"' in said


def test_the_style_leads_to_the_same_place_as_the_words():
    assert f"#{START_ANCHOR} {{" in (Path(cnnlab.ui.__file__).parent / "assets/app.css").read_text()
