"""What was found is deleted by a click, and stays deleted until it is asked for again."""

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, SplitFractions
from cnnlab.domain.run import Status
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page


def keys(app):
    return {button.key for button in app.button}


def test_an_evaluation_is_deleted_and_not_begun_again_by_itself(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(RunConfig(dataset=dataset.id), status=Status.FINISHED)
    folder = finish_evaluation(run, "validation").folder
    app = open_page("evaluate", run=run.id)
    app.button(key="delete_evaluation").click().run()
    assert not errors(app)
    assert not folder.exists()
    assert "start_evaluation" in keys(app)
    assert "delete_evaluation" not in keys(app)
    assert lab.evaluation_state(run.id, "validation") is None
    app.button(key="start_evaluation").click().run()
    assert lab.evaluation_state(run.id, "validation").stage == "waiting"


def test_that_of_the_test_images_closes_the_vault_and_keeps_its_looks(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    split = SplitFractions(test=0.25)
    run = made_run(RunConfig(dataset=dataset.id, split=split), status=Status.FINISHED)
    finish_evaluation(run, "validation")
    folder = finish_evaluation(run, "test").folder
    app = open_page("evaluate", run=run.id)
    app.button(key="open_test_split").click().run()
    assert app.segmented_control(key="judge_split").value == "test"
    app.button(key="delete_evaluation").click().run()
    assert not errors(app)
    assert not folder.exists()
    assert app.segmented_control(key="judge_split").value == "validation"
    assert lab.test_looks(dataset.id, split).looks == 1
