"""From a study to two of its runs on the same pictures."""

from cnnlab import lab
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.ui.apps import open_page, words


def _part(study):
    app = open_page("study", study=study.id)
    app.segmented_control(key="study_part").set_value("Same pictures").run()
    assert not app.exception
    return app


def test_an_arm_and_a_seed_lead_to_its_run_beside_the_references(study):
    app = _part(study)
    assert app.selectbox(key="pictures_arm").options == ["dropout", "L2"]
    assert len(app.selectbox(key="pictures_seed").options) == 4
    app.selectbox(key="pictures_arm").set_value("L2").run()
    seed = app.selectbox(key="pictures_seed").value
    app.button(key="open_explain").click().run()
    runs = {
        run.arm: run.id
        for run in lab.study_runs(study.id)
        if run.config["training"]["seed"] == seed
    }
    assert app.query_params["run"] == runs["baseline"]
    assert app.query_params["beside"] == runs["L2"]


def test_before_a_pair_has_finished_it_says_what_it_waits_for(study):
    for run in lab.study_runs(study.id):
        if run.arm == "baseline":
            workplace().runs.update(run.id, status=Status.RUNNING)
    app = _part(study)
    assert "as soon as an arm and the reference have finished" in words(app)
    assert "open_explain" not in {button.key for button in app.button}
