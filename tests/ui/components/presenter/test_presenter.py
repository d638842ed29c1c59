"""Presenter mode without a browser: what its slides are given."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.arms import ready_arms
from cnnlab.ui.components.presenter.presenter import IMAGES_EACH, presenter_address, presenter_data
from tests.made_studies import VALIDATION_IMAGES, made_study, study_base, with_id

BEST = {"baseline": 0.8, "dropout": 0.9, "L2": 0.8}


@pytest.fixture
def study(dataset):
    found = lab.compare_arms(
        study_base(dataset.id), ready_arms(["baseline", "dropout", "l2"]), seeds=4
    )
    return with_id(found, "s1")


def test_the_slides_of_a_finished_study_hold_its_verdicts_and_curves(study):
    made_study(study, BEST)
    story = presenter_data(lab.view_study(study.id))["story"]
    assert story["verdict"]["title"] == "Dropout helps; no difference for L2"
    assert [len(series["x"]) for series in story["curves"]["arms"]] == [12, 12, 12]
    assert story["data"]["facts"][2]["number"] == str(VALIDATION_IMAGES)
    json.dumps(story, allow_nan=False)


def test_each_class_shows_different_images_of_its_own(study, home):
    made_study(study, BEST, seeds_done=0)
    images = presenter_data(lab.view_study(study.id))["pictures"]["rows"]
    index = ImageIndex(home / "datasets" / study.dataset)
    for name, rows in images.items():
        assert len(set(rows)) == IMAGES_EACH
        assert np.all(index.labels[rows] == index.class_names.index(name))


def test_before_the_first_run_the_split_tells_how_many_images_judge(study):
    made_study(study, BEST, seeds_done=0)
    story = presenter_data(lab.view_study(study.id))["story"]
    counts = lab.count_splits(study.dataset, study.config(study.reference, 0).split)
    assert story["data"]["facts"][2]["number"] == str(counts["validation"])
    assert story["verdict"]["title"] == "So far: we can't tell yet"


def test_a_study_of_strengths_says_where_it_is_too_much(dataset):
    base = study_base(dataset.id)
    found = lab.compare_doses(base, "regularization.dropout", [0, 0.2, 0.8], seeds=4)
    made_study(found, {"Dropout 0": 0.8, "Dropout 0.2": 0.85, "Dropout 0.8": 0.5})
    story = presenter_data(lab.view_study(found.id))["story"]
    assert story["verdict"]["answer"].startswith("Dropout does best at 0.2")
    assert "0.8 is too much" in story["verdict"]["answer"]


def test_a_study_of_sizes_says_what_its_change_is_worth(dataset):
    found = lab.compare_sizes(study_base(dataset.id), [5, 10, 15], seeds=4)
    plain = {"5 a class": 0.6, "10 a class": 0.7, "15 a class": 0.8}
    best = plain | {f"{name} with augmentation": value + 0.05 for name, value in plain.items()}
    made_study(found, best)
    story = presenter_data(lab.view_study(found.id))["story"]
    assert story["question"]["title"] == "What is augmentation worth on “Shades”?"
    assert "worth about" in story["verdict"]["answer"]
    assert story["verdict"]["title"].startswith("Augmentation helps at 15 a class")


def test_the_presenter_is_drawn_once(study):
    made_study(study, BEST, seeds_done=2)
    script = (
        "from cnnlab import lab\n"
        "from cnnlab.ui.components.presenter.presenter import render_presenter\n"
        "render_presenter(lab.view_study('s1'))\n"
    )
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("bidi_component")) == 1


def test_its_address_opens_the_first_slide():
    assert presenter_address("s1") == {"study": "s1", "present": "1", "slide": "1"}
