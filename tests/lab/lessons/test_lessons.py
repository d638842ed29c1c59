"""All lessons alike: what they are made of, whom they suit, how they are found again."""

import json
import re
import shutil

import pytest

from cnnlab import lab
from cnnlab.domain.arms import DOSES, READY_ARMS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import BadInputError, DatasetError, NotFoundError
from cnnlab.domain.study import Kind
from cnnlab.fields import walk
from cnnlab.lab.lessons.lesson import UNSURE
from cnnlab.lab.lessons.setting import lesson_seconds
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.study.chance.claims import Outcome
from tests.conftest import draw_zip
from tests.lab.lessons.made_lessons import break_run, level, measured, take
from tests.made_runs import no_supervisor

NAMES = [lesson.name for lesson in lab.LESSONS]


@pytest.fixture
def shades(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    return lab.import_dataset(draw_zip(tmp_path / "s.zip", each=60), name="Shades").id


def flat(place, generator, epochs):
    """Nothing that differs by arm but for noise."""
    noise = generator.normal(0, 0.003)
    row = {"layer": "dense", "norm": 5 + noise, "near_zero": 0.1}
    return level(
        epochs, val_accuracy=0.7 + noise, clean_accuracy=0.9 + noise, cross_entropy=0.5,
        loss=0.5, clean_cross_entropy=0.5, weights=[row],
    )  # fmt: skip


def test_fields_lead_to_the_lesson_that_shows_what_they_do():
    paths = [path for path, _ in walk(RunConfig)]
    for lesson in lab.LESSONS:
        for name in lesson.fields:
            shown = [path for path in paths if path == name or path.startswith(f"{name}.")]
            assert shown and all(lab.lesson_of_field(path) is lesson for path in shown)
    assert lab.lesson_of_field("regularization.dropout").name == "redundancy"
    assert lab.lesson_of_field("regularization.l2_") is None
    assert lab.lesson_of_field("training.seed") is None


@pytest.mark.parametrize("lesson", lab.LESSONS, ids=NAMES)
def test_a_lesson_says_all_that_a_novice_needs(lesson):
    assert lesson.claim.endswith(".") and lesson.source and lesson.background.endswith(".")
    assert lesson.question.endswith("?")
    assert UNSURE in lesson.expectations and len(lesson.expectations) >= 3
    assert lesson.next_steps
    for step in lesson.next_steps:
        assert step.lesson in ("", *NAMES) and step.lesson != lesson.name
        assert set(step.fields.get("arms", [])) <= READY_ARMS.keys()
        assert (step.kind is Kind.DOSE) == ("dose_field" in step.fields)
        assert step.fields.get("dose_field", next(iter(DOSES))) in DOSES


@pytest.mark.parametrize("lesson", lab.LESSONS, ids=NAMES)
def test_a_lesson_tells_of_runs_that_all_do_alike(lesson, shades):
    view = take(lesson.name, shades, flat, expected=UNSURE)
    if lesson.measurement:
        assert view.answer is None and view.measuring.stage == "waiting"
        view = measured(view, lambda place, seed: 0.3 + 0.001 * ((place + seed) % 3))
    assert view.answer is not None and view.answer.words
    assert view.answer.bears_out in ("", *lesson.expectations)
    assert view.answer.outcome is not Outcome.HOLDS
    assert (view.answer.outcome is Outcome.CANNOT_TELL) == (view.answer.bears_out == "")
    assert view.was_right is None
    for chart in view.answer.charts:
        assert chart.figure["data"] and json.dumps(chart.figure)


@pytest.mark.parametrize("lesson", lab.LESSONS, ids=NAMES)
def test_a_lesson_says_before_what_it_takes(lesson, shades):
    plan = lab.plan_lesson(lesson.name, shades)
    assert 5 <= len(plan.study.seeds) <= 10
    assert 0 < plan.seconds < 600
    training = lesson_seconds(plan.study, plan.setting)
    assert (plan.seconds > training) == (lesson.measurement is not None)
    assert plan.setting.words.startswith("It trains on 96 training images (48 of each of the 2")


@pytest.mark.parametrize("lesson", lab.LESSONS, ids=NAMES)
def test_large_sets_are_made_smaller_and_it_is_said(lesson, home, tmp_path):
    upload = draw_zip(tmp_path / "s.zip", each=420, size=8)
    plan = lab.plan_lesson(lesson.name, lab.import_dataset(upload, name="Many").id)
    assert "It trains on 480 of its 672 training images (240 of each" in plan.setting.words
    assert plan.study.config(plan.study.reference, 0).image.size == 8


@pytest.mark.parametrize("lesson", lab.LESSONS, ids=NAMES)
def test_too_few_images_are_told_with_the_number_needed(lesson, home, tmp_path):
    upload = draw_zip(tmp_path / "s.zip", each=4)
    dataset = lab.import_dataset(upload, name="Few").id
    with pytest.raises(DatasetError, match=f"at least {lesson.fewest_images} training images"):
        lab.plan_lesson(lesson.name, dataset)


def test_only_what_can_not_be_taken_is_refused_and_in_the_words_of_its_plan(home, tmp_path):
    few = lab.import_dataset(draw_zip(tmp_path / "few.zip", each=9), name="Few").id
    refused = lab.lesson_refusals(few)
    assert list(refused) == NAMES
    for name, words in refused.items():
        with pytest.raises(DatasetError, match=re.escape(words)):
            lab.plan_lesson(name, few)
    enough = lab.import_dataset(draw_zip(tmp_path / "many.zip", each=60), name="Enough").id
    assert lab.lesson_refusals(enough) == {}


def test_few_validation_images_are_told(home, tmp_path):
    dataset = lab.import_dataset(draw_zip(tmp_path / "s.zip", each=24), name="Few").id
    with pytest.raises(DatasetError, match="at least 20 validation images"):
        lab.plan_lesson("gap", dataset)


def test_one_class_is_nothing_to_tell_apart(home, tmp_path):
    upload = draw_zip(tmp_path / "s.zip", levels={"dark": 60})
    dataset = lab.import_dataset(upload, name="One", labelling=Labelling(class_name="dark")).id
    with pytest.raises(DatasetError, match="only one class"):
        lab.plan_lesson("gap", dataset)


def test_lesson_and_expectation_are_kept_with_the_study_even_where_the_index_is_lost(shades):
    study = lab.start_lesson("gap", shades, "smaller")
    workplace().home.database.unlink()
    lab.rebuild_index()
    assert [found.id for found in lab.lesson_studies("gap")] == [study.id]
    assert lab.view_lesson(study.id).expected == "It gets smaller"


def test_an_expectation_is_asked_for_first(shades):
    with pytest.raises(BadInputError, match="Say first what you expect"):
        lab.start_lesson("gap", shades, "")
    assert lab.list_studies() == []


def test_a_lesson_that_there_is_not_is_said(home):
    with pytest.raises(NotFoundError, match="no lesson 'nobody'"):
        lab.load_lesson("nobody")


def test_nothing_is_told_while_runs_are_missing(shades):
    study = lab.start_lesson("gap", shades, "smaller")
    assert lab.view_lesson(study.id).answer is None
    runs = lab.study_runs(study.id)
    break_run(runs[0], "The disk is full.")
    lab.stop_study(study.id)
    view = lab.view_lesson(study.id)
    assert view.answer.outcome is Outcome.CANNOT_TELL
    assert "20 of 20 runs aren't there" in view.answer.words
    assert "The disk is full" in view.failed


def test_what_is_measured_can_be_stopped_and_gone_on_with(shades):
    view = take("redundancy", shades, flat)
    study = view.study.study.id
    lab.stop_lesson(study)
    view = lab.view_lesson(study)
    assert view.answer.outcome is Outcome.CANNOT_TELL and view.can_go_on
    assert "weren't measured" in view.answer.words
    lab.resume_lesson(study)
    assert lab.view_lesson(study).answer is None


def test_models_whose_states_are_gone_are_told(shades):
    study = take("redundancy", shades, flat).study.study.id
    shutil.rmtree(workplace().home.study(study) / "units")
    for run in lab.study_runs(study):
        shutil.rmtree(newest_attempt(run).checkpoints)
    view = lab.view_lesson(study)
    assert view.answer.outcome is Outcome.CANNOT_TELL
    assert "training states of this study's runs are gone" in view.failed


def test_an_imported_study_is_nobodys_lesson_here(shades, monkeypatch):
    lab.start_lesson("gap", shades, "smaller")
    monkeypatch.setattr("cnnlab.lab.lessons.taking.imported_from", lambda _: "Imported.")
    assert lab.lesson_studies("gap") == []
