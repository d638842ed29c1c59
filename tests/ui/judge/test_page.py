"""The Evaluate page from the first visit to the judgement, with all that can come between."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.run import Status
from cnnlab.files import read_json, write_json
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.jobs.state import JobState, Stage
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import newest_attempt
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.ui.judge.pages import given


@pytest.fixture
def run(dataset, monkeypatch):
    """A run that can be judged."""
    no_supervisor(monkeypatch)
    return made_run(RunConfig(dataset=dataset.id), status=Status.FINISHED, name="a run")


def end(run, status, message, split="validation"):
    """Leave what a worker leaves that couldn't do it."""
    files = evaluation_folder(newest_attempt(run), split)
    write_json(files.result, {"status": status, "message": message})


def keys(app):
    return {button.key for button in app.button}


def headers(app):
    return [one.value for one in app.header]


def test_a_visit_has_the_validation_images_judged_and_shows_how_far_that_is(run):
    app = open_page("evaluate", run=run.id)
    assert lab.evaluation_state(run.id, "validation").stage == "waiting"
    assert "cancel_evaluation" in keys(app)
    assert "Waiting for a worker" in app.get("progress")[0].proto.text
    assert headers(app) == ["Test images"]


def test_it_leads_to_the_look_inside_of_the_same_run(run):
    finish_evaluation(run, "validation")
    app = open_page("evaluate", run=run.id)
    app.button(key="open_explain").click().run()
    assert app.title[0].value == "Look inside a net"
    assert app.selectbox(key="run_select").value == run.id


def test_what_was_judged_is_found_again_by_a_new_visit(run):
    finish_evaluation(run, "validation", right=0.8)
    for _ in range(2):
        app = open_page("evaluate", run=run.id)
        assert not app.error
        assert {metric.label: metric.value for metric in app.metric}["Accuracy"] == "80.0\u00a0%"
        assert headers(app)[:3] == ["How good it is", "What it takes for what", "Class by class"]


def test_after_a_label_was_mended_the_same_is_trained_again_with_the_same_split(run, dataset):
    """Else the form opens with a test share of 0, and the locked test images would train."""
    config = load_config({"dataset": dataset.id, "split": {"test": 0.25, "seed": 4}})
    run = made_run(config, status=Status.FINISHED)
    files, row = finish_evaluation(run, "validation"), int(part_of(run, "validation")[0])
    result = read_json(files.result)
    probabilities = {"probability": 0.97, "own_probability": 0.02}
    result["answer"]["suspects"] = [
        {"position": row, "label": "bright", "suggested": "dark"} | probabilities
    ]
    write_json(files.result, result)
    app = open_page("evaluate", run=run.id)
    app.button(key=f"suspects_fix_{row}").click().run()
    again = app.button(key="suspects_train")
    assert again.label == "Train the same again on version 2"
    again.click().run()
    assert app.selectbox(key="dataset_select").value == lab.newest_version(dataset.id).id
    assert app.slider(key="test_fraction").value == 0.25
    assert app.number_input(key="split_seed").value == 4


def test_training_images_are_judged_on_request_with_the_cost_said(run):
    finish_evaluation(run, "validation")
    app = open_page("evaluate", run=run.id)
    app.segmented_control(key="judge_split").set_value("train").run()
    assert lab.evaluation_state(run.id, "train") is None
    assert "asked about 38 training images once" in words(app)
    assert app.button(key="start_evaluation").label == "Judge on the training images"
    app.button(key="start_evaluation").click().run()
    assert lab.evaluation_state(run.id, "train").stage == "waiting"
    finish_evaluation(run, "train")
    app.run()
    assert "It was trained on these" in words(app)


def test_a_cancelled_evaluation_starts_only_on_request(run):
    app = open_page("evaluate", run=run.id)
    app.button(key="cancel_evaluation").click().run()
    app = open_page("evaluate", run=run.id)
    assert lab.evaluation_state(run.id, "validation").stage == "cancelled"
    assert "was cancelled" in words(app)
    app.button(key="start_evaluation").click().run()
    assert lab.evaluation_state(run.id, "validation").stage == "waiting"


@pytest.mark.parametrize("status", ["failed", "lost"])
def test_why_there_is_no_judgement_is_said_with_the_way_to_try_again(run, status):
    open_page("evaluate", run=run.id)
    end(run, status, "The worker's memory was too small.")
    app = open_page("evaluate", run=run.id)
    assert errors(app) == ["The worker's memory was too small."]
    app.button(key="start_evaluation").click().run()
    assert not errors(app)
    assert lab.evaluation_state(run.id, "validation").stage == "waiting"


def test_lost_predictions_are_said_and_made_again(run):
    files = finish_evaluation(run, "validation")
    files.predictions.unlink()
    app = open_page("evaluate", run=run.id)
    assert "missing or damaged" in errors(app)[0]
    app.button(key="start_evaluation").click().run()
    assert lab.evaluation_state(run.id, "validation").stage == "waiting"


def test_a_run_without_its_training_states_is_said_in_a_sentence(run):
    for file in newest_attempt(run).checkpoints.glob("**/*"):
        if file.is_file():
            file.unlink()
    app = open_page("evaluate", run=run.id)
    assert "training states" in errors(app)[0]
    assert app.selectbox(key="run_select").value == run.id


def test_the_part_stands_in_the_address_and_a_search_is_told_beside_other_parts(run, monkeypatch):
    finish_evaluation(run, "validation")
    finish_evaluation(run, "train")
    app = open_page("evaluate", run=run.id)
    assert "show_crossfit" not in keys(app)
    searching = JobState(Stage.RUNNING, phase="Training model 2 of 5, epoch 3 of 15")
    monkeypatch.setattr(lab, "crossfit_state", lambda run: searching)
    app.run()
    assert "searched for among the training images: Training model 2 of 5" in words(app)
    app.button(key="show_crossfit").click().run()
    assert app.query_params["part"] == "train"
    assert "It was trained on these" in words(app)
    assert "show_crossfit" not in keys(app)
    again = open_page("evaluate", run=run.id, part="train")
    assert again.segmented_control(key="judge_split").value == "train"


def test_links_lead_to_all_sections(run):
    finish_evaluation(run, "validation")
    app = open_page("evaluate", run=run.id)
    jumps = given(app, "jumps")["jumps"]
    assert [jump["title"] for jump in jumps][:3] == ["How good", "Matrix", "Classes"]
    assert len(jumps) == len(headers(app))


def test_a_run_that_was_deleted_meanwhile_is_said_by_the_page_at_the_next_click(run):
    finish_evaluation(run, "validation")
    app = open_page("evaluate", run=run.id)
    lab.delete_run(run.id)
    app.slider(key="threshold").set_value(90).run()
    assert f"no run '{run.id}'" in errors(app)[0]
    assert "It was deleted, perhaps in another tab" in errors(app)[0]
    assert not app.metric
