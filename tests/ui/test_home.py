"""Home: a finished study to see, one to train, and what happens where that can't be."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from cnnlab import lab, ui
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.lab.workplace import workplace
from cnnlab.ui.home.latest import sparkline
from cnnlab.ui.text import escaped
from tests.made_runs import made_run, no_supervisor
from tests.made_studies import made_study
from tests.ui.apps import errors, open_page, words

SVG = "{http://www.w3.org/2000/svg}"
HERO = Path(ui.__path__[0]) / "assets" / "hero.svg"


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
    assert not {"open_models", "open_predict", "open_evaluate", "prepare_model"} & keys
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


def test_the_picture_shows_what_was_recorded(quiet):
    study = lab.load_study(lab.open_recorded())
    runs = lab.study_runs(study.id)

    def mean(arm, metric):
        histories = [lab.view_run(run.id).history for run in runs if run.arm == arm]
        return np.mean([[epoch[metric] for epoch in history] for history in histories], axis=0)

    drawn = [
        [float(point.split(",")[1]) for point in line.get("points").split()]
        for line in ElementTree.parse(HERO).getroot().iter(f"{SVG}polyline")
    ]
    shown = [
        mean("baseline", "clean_accuracy"),
        mean("baseline", "val_accuracy"),
        mean("augmentation", "val_accuracy"),
    ]
    bottom, top = 252, 26
    for heights, accuracies in zip(drawn, shown, strict=True):
        expected = bottom - (bottom - top) * (accuracies - 0.1) / 0.9
        np.testing.assert_allclose(heights, expected, atol=0.06)
    words = "".join(ElementTree.parse(HERO).getroot().itertext())
    for accuracies in shown[1:]:
        assert f"validation {100 * accuracies[-1]:.1f} %" in words
    assert "with augmentation" in words and "without" in words


def rows_and_links(app):
    links = app.get("page_link")
    return [row.value for row in app.header], [link.proto.label for link in links]


def test_the_latest_work_stands_on_cards_that_lead_to_it(quiet, dataset):
    study = lab.load_study(lab.open_recorded())
    config = load_config({"dataset": dataset.id})
    made_run(config)
    run = made_run(config, name="My *own*")
    app = open_page("home")
    rows, links = rows_and_links(app)
    assert rows == ["Where you left off", "From images to a model"]
    assert links[:2] == [f"**{study.name}**", "**My \\*own\\***"]
    assert links[2] == f"**{dataset.name}, small CNN**"
    assert f"{escaped(lab.SAMPLE_NAME)}, 6 arms × 10 seeds" in words(app)
    assert "3 arms help" in words(app) and "48 images, 2 classes" in words(app)
    assert "Validation accuracy 50.0\N{NO-BREAK SPACE}% to 52.0\N{NO-BREAK SPACE}%" in words(app)
    assert "at best" not in words(app)  # the end is it
    workplace().runs.update(run.id, best=run.best | {"val_accuracy": 0.6})
    app = app.run()
    assert "52.0\N{NO-BREAK SPACE}%, at best 60.0\N{NO-BREAK SPACE}%" in words(app)
    assert 'height="12"> baseline</span>, <span' in words(app)


def test_of_a_study_of_sizes_a_card_names_the_largest_and_says_what_paler_curves_are(
    quiet, dataset
):
    base = load_config({"dataset": dataset.id})
    study = lab.compare_sizes(base, [5, 10], seeds=3)
    made_study(study, {arm.name: 0.5 for arm in study.arms})
    for run in lab.study_runs(study.id):
        workplace().runs.update(run.id, sparkline=[0.2, 0.5])
    shown = words(open_page("home"))
    assert '"> 10 a class</span>, <span' in shown
    assert "> 10 a class with" in shown and "paler: fewer images" in shown
    assert "> 5 a class" not in shown


def test_a_home_without_any_work_has_no_empty_rows(quiet):
    rows, links = rows_and_links(open_page("home"))
    assert rows == ["From images to a model"] and len(links) == 4


def test_a_small_curve_goes_from_left_to_right_and_up_with_accuracy():
    drawn = sparkline([0.0, 0.5, 1.0])
    assert 'points="0.0,44.0 100.0,22.0 200.0,0.0"' in drawn
    assert 'points=""' in sparkline([])
