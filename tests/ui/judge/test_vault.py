"""The test vault on the page: one press is one look, and a press that fails is none."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, tables, words

PARTS_WHEN_CLOSED = ["Validation images", "Training images"]


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch):
    no_supervisor(monkeypatch)


FEW_SHARED = 3
"""A seed whose test images are hardly those of the usual one."""


def ended_run(dataset, *, test=0.25, name="first", seed=0):
    split = {"validation": 0.25, "test": test, "seed": seed}
    config = load_config({"dataset": dataset.id, "split": split, "training": {"epochs": 3}})
    return made_run(config, status=Status.FINISHED, name=name)


def looks_at(run):
    return lab.test_looks(run.dataset, load_config(run.config).split)


def open_vault(run):
    return open_page("evaluate", run=run.id)


def test_a_press_is_one_look_however_often_the_page_is_drawn(dataset):
    run = ended_run(dataset)
    finish_evaluation(run, "test")
    app = open_vault(run)
    assert "Nobody has looked at the 12 test images yet." in words(app).replace("\\", "")
    assert looks_at(run).looks == 0
    app.button(key="open_test_split").click().run()
    assert app.segmented_control(key="judge_split").value == "test"
    assert "on the 12 test images" in words(app)
    app.run()
    assert looks_at(run).looks == 1
    told = words(app).replace("\\", "")
    assert "Look 1 at these 12 test images: 75.0\u00a0% (46.8 to 91.1\u00a0%) right." in told
    reloaded = open_vault(run)
    assert reloaded.segmented_control(key="judge_split").options == PARTS_WHEN_CLOSED
    assert "This will be look 2 at these images. This run was looked at before" in words(reloaded)


def test_a_resumed_run_closes_the_vault_again(dataset):
    run = ended_run(dataset)
    finish_evaluation(run, "test")
    app = open_vault(run)
    app.button(key="open_test_split").click().run()
    workplace().runs.update(run.id, attempt=2)
    Attempt(workplace().home.attempt(run.id, 2)).create(run.config)
    for split in ("validation", "test"):
        finish_evaluation(lab.load_run(run.id), split, right=1.0)
    app.run()
    assert app.segmented_control(key="judge_split").options == PARTS_WHEN_CLOSED
    assert looks_at(run).looks == 1
    app.button(key="open_test_split").click().run()
    assert "Look 2 at these 12 test images: 100.0\u00a0%" in words(app).replace("\\", "")


def test_nothing_is_counted_before_the_numbers_are_there(dataset):
    run = ended_run(dataset)
    app = open_vault(run)
    app.button(key="open_test_split").click().run()
    assert lab.evaluation_state(run.id, "test") is not None
    assert app.button(key="cancel_test")
    assert app.segmented_control(key="judge_split").options == PARTS_WHEN_CLOSED
    assert looks_at(run).looks == 0
    finish_evaluation(run, "test")
    app.run()
    assert "on the 12 test images" in words(app)
    assert looks_at(run).looks == 1


def test_what_is_computed_meanwhile_counts_once_its_own_page_shows_it(dataset):
    run, other = ended_run(dataset), ended_run(dataset, name="second")
    app = open_vault(run)
    app.button(key="open_test_split").click().run()
    finish_evaluation(run, "test")
    app.query_params["run"] = other.id
    app.run()
    assert app.button(key="open_test_split")
    assert looks_at(run).looks == 0
    app.query_params["run"] = run.id
    app.run()
    assert "on the 12 test images" in words(app)
    assert [one.run for one in looks_at(run).recorded] == [run.id]


def test_a_press_that_comes_to_nothing_is_no_look(dataset):
    run = ended_run(dataset)
    app = open_vault(run)
    app.button(key="open_test_split").click().run()
    files = finish_evaluation(run, "test")
    write_json(files.result, {"status": "failed", "cause": "disk", "message": "The disk is full."})
    app.run()
    assert errors(app) == ["The disk is full. Nothing was shown."]
    app.button(key="open_test_split").click().run()
    lab.cancel_evaluation(run.id, "test")
    app.run()
    assert errors(app) == []
    assert app.button(key="open_test_split")
    assert looks_at(run).looks == 0


def test_a_second_run_is_warned_of_and_compared_with_validation(dataset):
    first, second = ended_run(dataset), ended_run(dataset, name="second")
    for run in (first, second):
        finish_evaluation(run, "test", right=0.5)
        finish_evaluation(run, "validation", right=1.0)
    for run in (first, second):
        app = open_vault(run)
        app.button(key="open_test_split").click().run()
    told = words(app).replace("\\", "") + app.warning[0].value.replace("\\", "")
    assert "2 runs were looked at on these images: 'first' and 'second'" in told
    assert "Validation minus test: +50.0 points" in told


def test_looks_that_share_few_images_are_no_looks_at_these(dataset):
    """Of one of another split: it counts for the images that it shares, and accuses nobody."""
    other = ended_run(dataset, name="other", test=0.1, seed=FEW_SHARED)
    run = ended_run(dataset)
    for each in (other, run):
        finish_evaluation(each, "test")
    lab.look_at_test(other.id)
    app = open_vault(run)
    told = words(app)
    assert "Nobody has looked at the 12 test images yet; 1 look, at other test images" in told
    assert told.index("This will be look 1 at these images.") > told.index("Nobody has looked")
    assert app.button(key="open_test_split").proto.type != "primary"
    app.button(key="open_test_split").click().run()
    told = words(app).replace("\\", "")
    assert "Look 1 at these 12 test images: 75.0\u00a0%" in told
    assert not [one for one in app.warning if "runs were looked at" in one.value]
    told = tables(app)["Whose numbers were looked at, and when"]
    assert [row["Of these"] for row in told] == ["12 of 12", "2 of 12"]
    assert looks_at(run).looks == 2


def test_what_a_run_was_trained_on_is_told_on_its_pages_for_good(dataset):
    first = ended_run(dataset)
    finish_evaluation(first, "test")
    lab.look_at_test(first.id)
    flattered = ended_run(dataset, name="second", test=0.0)
    for page in ("evaluate", "runs"):
        for run, is_told in ((flattered, True), (first, False)):
            warnings = [one.value for one in open_page(page, run=run.id).warning]
            assert any("flattered for it" in one for one in warnings) is is_told


def test_records_that_cannot_be_read_hide_no_run(dataset):
    run = ended_run(dataset)
    finish_evaluation(run, "test")
    lab.look_at_test(run.id)
    looks = next(path for path in workplace().home.vault.glob("*/*") if path.suffix == ".jsonl")
    looks.unlink()
    looks.mkdir()
    app = open_page("runs", run=run.id)
    told = [one.value.replace("\\", "") for one in app.warning]
    assert any("Whether looked-at test images train it can't be told" in one for one in told)
    assert not app.error and not app.exception


def test_a_run_without_test_images_says_how_to_get_some(dataset):
    app = open_vault(ended_run(dataset, test=0.0))
    assert "This run has no test images" in words(app)
    assert "open_test_split" not in {button.key for button in app.button}
