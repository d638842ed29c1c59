"""A study's report from what is stored; its text is tested with the page."""

import html
import re

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.made_studies import made_study, study_base


@pytest.fixture
def study(dataset):
    arms = ready_arms(["baseline", "dropout", "augmentation"])
    return lab.compare_arms(study_base(dataset.id), arms, seeds=4, name="Which one helps?")


def test_the_report_tells_the_verdicts_of_what_is_stored(study):
    made_study(study, {"baseline": 0.7, "dropout": 0.7, "augmentation": 0.9})
    page = lab.study_report(study.id)
    assert "<h1>Which one helps?</h1>" in page
    assert re.search("<b>augmentation</b> helps by [12]\\d\\.\\d points", page)
    view = lab.view_study(study.id)
    assert view.verdicts["dropout"].words.partition(": ")[2].rstrip(".") in page
    assert "240 validation images, in every run" in page
    assert "48" in page and "Shades" in page
    assert page.count("<td>finished</td>") == 12
    assert "00000003" in page  # the checksum of the last seed's initial weights
    assert "plotly.js v" in page


def test_a_study_without_any_run_has_a_report_too(study):
    made_study(study, {}, seeds_done=0)
    assert "0 of 12 runs count so far" in lab.study_report(study.id)


def test_a_study_that_isnt_there_has_none(home):
    with pytest.raises(NotFoundError):
        lab.study_report("s20261124-061500-a3f9")


def test_a_study_of_strengths_shows_its_response(dataset):
    config = study_base(dataset.id)
    strengths = {0.0: 0.7, 0.2: 0.8, 0.6: 0.5}
    study = lab.compare_doses(config, "regularization.dropout", strengths, seeds=3)
    made_study(study, dict(zip((arm.name for arm in study.arms), strengths.values(), strict=True)))
    page = lab.study_report(study.id)
    assert "<h3>Dose and response</h3>" in page
    assert html.escape(lab.doses_of(lab.view_study(study.id)).words) in page


@pytest.mark.parametrize("kind", ["doses", "sizes"])
def test_while_it_trains_a_study_tells_means_alone(dataset, kind):
    config = study_base(dataset.id)
    if kind == "doses":
        study = lab.compare_doses(config, "regularization.dropout", [0, 0.6], seeds=4)
    else:
        study = lab.compare_sizes(config, [4, 8], seeds=4)
    levels = {"doses": (0.8, 0.5), "sizes": (0.9, 0.95, 0.8, 0.88)}[kind]
    names = [arm.name for arm in study.arms]
    made_study(study, dict(zip(names, levels, strict=True)))
    whole = lab.view_study(study.id)
    run = whole.runs[names[-1]][study.seeds[-1]]
    told = lab.doses_of(whole).too_much if kind == "doses" else lab.worth_of(whole).headline.told
    assert told
    workplace().runs.update(run.id, status=Status.RUNNING)
    view = lab.view_study(study.id)
    assert view.is_open and not whole.is_open
    page = lab.study_report(study.id)
    assert "is told with the last run." in page
    if kind == "doses":
        assert lab.doses_of(view).too_much is None
    else:
        assert not any(worth.told for worth in lab.worth_of(view).found)


def test_a_study_of_sizes_tells_what_the_change_is_worth(dataset):
    study = lab.compare_sizes(study_base(dataset.id), [4, 8, 16], seeds=3)
    levels = zip((arm.name for arm in study.arms), (0.9, 0.95, 0.8, 0.88, 0.7, 0.8), strict=True)
    made_study(study, dict(levels))
    page = lab.study_report(study.id)
    assert "<h3>Worth in images</h3>" in page
    assert "Dose and response" not in page


def test_what_was_measured_of_the_kept_models_is_shown_without_a_claim(study, monkeypatch):
    made_study(study, {"baseline": 0.7, "dropout": 0.7, "augmentation": 0.9})
    rows = [
        {"distortion": kind, "strength": strength, "unit": "px", "accuracy": 0.8 - strength / 20}
        for kind in ("shift", "blur", "noise")
        for strength in (0, 1, 2)
    ]
    report = {"robustness": rows, "robustness_images": 40, "robustness_undistorted": 0.8}
    monkeypatch.setattr("cnnlab.lab.study.effects.run_evaluation", lambda run: report)
    page = lab.study_report(study.id)
    assert "<h3>Robustness against distortions</h3>" in page
    secondary = page.partition('<section id="secondary-metrics">')[2].partition("</section>")[0]
    assert "augmentation goes from 80\u00a0% to" in secondary
    assert "<h3>Calibration</h3>" not in page
