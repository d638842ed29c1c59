"""The Lessons page as a script; nothing is trained."""

import shutil
from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.conftest import draw_zip
from tests.lab.lessons.made_lessons import level, take
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def shades(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    return lab.import_dataset(draw_zip(tmp_path / "s.zip", each=60), name="Shades").id


def closing(place, generator, epochs):
    """Runs whose gap is the smaller the later the arm: all together close it."""
    clean, validation = ((0.99, 0.7), (0.97, 0.72), (0.97, 0.72), (0.9, 0.85))[place]
    noise = generator.normal(0, 0.004)
    return level(epochs, clean_accuracy=clean + noise, val_accuracy=validation)


def open_lesson(name="gap", **query):
    return open_page("lessons", lesson=name, **query)


def buttons(app):
    return {button.key: button for button in app.button}


def test_all_lessons_are_listed_with_their_claims(shades):
    app = open_page("lessons")
    shown = words(app)
    for lesson in lab.LESSONS:
        assert lesson.claim in shown
    assert shown.count("Not tried with these images yet") == len(lab.LESSONS)
    app.button(key="open_lesson_gap").click().run()
    assert app.title[0].value == "Regularization closes the gap"


def test_nothing_starts_before_an_expectation_is_said(shades):
    app = open_lesson()
    shown = words(app)
    assert "Goodfellow" in shown
    assert "4 arms × 5 seeds = 20 runs" in shown
    assert "It trains on 96 training images" in shown
    assert app.button(key="start_lesson").disabled
    app.radio(key="lesson_expectation").set_value("smaller").run()
    app.button(key="start_lesson").click().run()
    assert not app.exception
    study = lab.list_studies()[0]
    assert (study.lesson, study.expected) == ("gap", "smaller")
    assert "You expect: *it gets smaller*" in words(app)
    assert "0 of 20 runs" in str(app.get("progress")[0].proto)


def test_a_running_lesson_is_found_again(shades):
    lab.start_lesson("gap", shades, "larger")
    assert "You expect: *it gets larger*" in words(open_lesson())
    assert "running" in words(open_page("lessons"))


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("smaller", "You expected: *it gets smaller*, and so the data say."),
        ("larger", "You expected: *it gets larger*, but the data say: *it gets smaller*."),
        ("unsure", "You expected: *i don't know*, the data say: *it gets smaller*."),
    ],
)
def test_the_expectation_is_answered(shades, expected, said):
    take("gap", shades, closing, expected=expected)
    app = open_lesson()
    assert not app.exception
    assert ":green-badge[:material/check_circle: holds]" in app.header[0].value
    assert said in words(app).replace("\\", "")
    assert "holds]" in words(open_page("lessons"))


def test_the_level_and_the_seeds_of_the_claim_are_said(shades):
    view = take("gap", shades, closing)
    confidence = f"{100 * view.answer.confidence:.3g}"
    shown = words(open_lesson())
    assert f"interval that decides is a {confidence}\u00a0% interval" in shown
    assert "Found over 5 seeds" in shown


def test_the_list_measures_nothing_and_reads_an_answer_once(shades, monkeypatch):
    study = take("redundancy", shades, plain).study.study
    shutil.rmtree(workplace().home.study(study.id) / "units")
    assert "open it to have it measured" in words(open_page("lessons"))
    assert lab.units_state(study.id) is None
    take("gap", shades, closing)
    assert "holds]" in words(open_page("lessons"))
    monkeypatch.setattr("cnnlab.lab.lessons.state.view_study", None)
    assert "holds]" in words(open_page("lessons"))


def plain(place, generator, epochs):
    return level(epochs, val_accuracy=0.8 + generator.normal(0, 0.002))


def test_datasets_have_results_of_their_own(shades, tmp_path):
    take("gap", shades, closing)
    upload = draw_zip(tmp_path / "o.zip", each=60, levels={"black": 30, "white": 220})
    other = lab.import_dataset(upload, name="Others").id
    app = open_lesson(dataset=other)
    assert "start_lesson" in buttons(app)
    assert "Taken before, or with other images" in [found.value for found in app.header]
    assert "Shades" in words(app)


def test_a_lesson_can_be_taken_again(shades):
    take("gap", shades, closing, expected="smaller")
    app = open_lesson()
    app.button(key="again_lesson").click().run()
    app.radio(key="lesson_expectation").set_value("same").run()
    app.button(key="start_lesson").click().run()
    assert "You expect: *it stays about the same" in words(app)
    assert len(lab.lesson_studies("gap")) == 2


def test_an_error_about_the_images_is_one_sentence(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    lab.import_dataset(draw_zip(tmp_path / "few.zip", each=4), name="Few")
    app = open_lesson()
    assert "needs at least 5 training images of each class" in app.warning[0].value
    assert "start_lesson" not in buttons(app)


def test_where_images_are_unfit_others_are_offered_or_else_the_sample(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    few = lab.import_dataset(draw_zip(tmp_path / "few.zip", each=4), name="Few").id
    app = open_lesson(dataset=few)
    buttons(app)["lesson_sample"].click().run()
    assert not app.exception and not app.warning
    (sample,) = (one for one in lab.list_datasets() if one.id != few)
    assert sample.name == lab.SAMPLE_NAME
    assert app.selectbox(key="dataset_select").value == sample.id
    assert "start_lesson" in buttons(app)
    app = open_lesson(dataset=few)
    assert "lesson_sample" not in buttons(app)
    buttons(app)[f"lesson_with_{sample.id}"].click().run()
    assert app.selectbox(key="dataset_select").value == sample.id


def test_that_no_lesson_is_possible_is_said_once_above_their_list(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    lab.import_dataset(draw_zip(tmp_path / "few.zip", each=9), name="Few")
    app = open_page("lessons")
    (said,) = app.warning
    assert said.value.startswith("None of the lessons can be taken with these images")
    assert "validation images" in said.value  # the reason of most
    assert words(app).count("Not possible with these images") == len(lab.LESSONS)


def test_a_single_lesson_that_needs_more_images_says_so_in_its_card(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    lessons = [replace(lab.LESSONS[0], fewest_images=1000), *lab.LESSONS[1:]]
    monkeypatch.setattr("cnnlab.lab.lessons.table.LESSONS", lessons)
    lab.import_dataset(draw_zip(tmp_path / "s.zip", each=60), name="Shades")
    app = open_page("lessons")
    assert not app.warning
    assert words(app).count("Not possible with these images") == 1


def test_a_failed_run_is_said_and_can_be_gone_on_with(shades):
    view = take("gap", shades, closing)
    run = view.study.all_runs[0]
    workplace().runs.update(run.id, status=Status.FAILED, message="The disk is full.")
    app = open_lesson()
    assert "The disk is full" in errors(app)[0]
    assert "1 of 20 runs isn't there" in words(app).replace("\\", "")
    app.button(key="resume_lesson").click().run()
    assert lab.load_run(run.id).status is Status.QUEUED


def test_a_deleted_study_leaves_the_lesson_to_be_taken_again(shades):
    study = lab.start_lesson("gap", shades, "smaller")
    app = open_lesson()
    lab.stop_study(study.id)
    lab.delete_study(study.id)
    app.run()
    assert not app.exception
    assert "start_lesson" in buttons(app)


def test_what_to_try_next_fills_the_study_form(shades):
    take("gap", shades, closing)
    app = open_lesson()
    app.button(key="next_1").click().run()
    assert not app.exception
    assert app.segmented_control(key="study_kind").value == "dose"
    assert app.selectbox(key="dose_field").value == "regularization.dropout"
    assert app.number_input(key="image_size").value == 16
    assert app.selectbox(key="dataset_select").value == shades


def test_what_to_try_next_opens_another_lesson(shades):
    take("gap", shades, closing)
    app = open_lesson()
    app.button(key="next_0").click().run()
    assert app.title[0].value == "Augmentation is worth images"
