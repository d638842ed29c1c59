"""Presenter mode without a browser: what its slides are given."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.ui.components.presenter.presenter import (
    presenter_address,
    presenter_data,
    reading_address,
)
from tests.made_studies import VALIDATION_IMAGES, made_study, study_base, with_id

BEST = {"baseline": 0.8, "dropout": 0.9, "L2": 0.8}


@pytest.fixture
def study(dataset):
    found = lab.compare_arms(
        study_base(dataset.id), ready_arms(["baseline", "dropout", "l2"]), seeds=4
    )
    return with_id(found, "s1")


def story_of(study):
    return presenter_data(study)["news"]["story"]


def test_the_slides_of_a_finished_study_hold_its_verdicts_and_curves(study):
    made_study(study, BEST)
    story = story_of(study.id)
    assert story["verdict"]["title"] == "Dropout helps; no difference for L2"
    assert [len(series["x"]) for series in story["curves"]["arms"]] == [12, 12, 12]
    assert story["data"]["facts"][2]["number"] == str(VALIDATION_IMAGES)
    json.dumps(story, allow_nan=False)


def test_before_the_first_run_the_split_tells_how_many_images_judge(study):
    made_study(study, BEST, seeds_done=0)
    story = story_of(study.id)
    counts = lab.count_splits(study.dataset, study.config(study.reference, 0).split)
    assert story["data"]["facts"][2]["number"] == str(counts["validation"])
    assert story["verdict"]["title"] == "So far: we can't tell yet"


def test_a_study_of_strengths_says_where_it_is_too_much(dataset):
    base = study_base(dataset.id)
    found = lab.compare_doses(base, "regularization.dropout", [0, 0.2, 0.8], seeds=4)
    made_study(found, {"Dropout 0": 0.8, "Dropout 0.2": 0.85, "Dropout 0.8": 0.5})
    story = story_of(found.id)
    (answer,) = story["dose"]["words"]
    assert answer.startswith("Dropout does best at 0.2")
    assert "0.8 is too much" in answer
    assert "worth" not in story


def test_a_study_of_sizes_says_what_its_change_is_worth(dataset):
    found = lab.compare_sizes(study_base(dataset.id), [5, 10, 15], seeds=4)
    plain = {"5 a class": 0.6, "10 a class": 0.7, "15 a class": 0.8}
    best = plain | {f"{name} with augmentation": value + 0.05 for name, value in plain.items()}
    made_study(found, best)
    story = story_of(found.id)
    assert story["question"]["title"] == "What is augmentation worth on 'Shades'?"
    assert "worth about" in story["worth"]["words"][0]
    assert "dose" not in story
    assert story["verdict"]["title"].startswith("Augmentation helps at 15 a class")


SCRIPT = """
import streamlit as st
from cnnlab.ui.components.presenter.presenter import render_presenter

render_presenter(st.query_params["study"])
"""


def drawn(address):
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    (component,) = app.get("bidi_component")
    return component


def test_who_only_reads_is_given_no_note_nothing_hidden_and_no_way_to_change_it(study):
    made_study(study, BEST)
    lab.save_deck("s1", [{"slide": "gap", "note": "secret"}, {"slide": "data", "is_hidden": True}])
    reading = presenter_data("s1", is_read=True)
    assert "secret" not in json.dumps(reading)
    assert (reading["token"], reading["deck"]) == ("", "")
    assert "data" not in reading["news"]["story"]
    presenting = presenter_data("s1")
    assert "secret" in json.dumps(presenting)
    assert presenting["token"] and presenting["deck"].endswith("/studies/s1/deck")
    assert "secret" not in str(drawn(reading_address("s1")).proto)
    assert "secret" in str(drawn(presenter_address("s1")).proto)


def test_its_addresses_open_the_first_slide():
    assert presenter_address("s1") == {"study": "s1", "present": "1"}
    assert reading_address("s1") == {"study": "s1", "present": "read"}
