"""Studies, searches and checks with real training, seen in a browser: by hand (-m exhaustive).

What guards the same in the check: `tests/cli/test_studies.py` a really trained study and the model
that its run makes, `tests/runner/searching/test_faults.py` a search whose supervisor is killed,
`tests/worker/test_preflight.py` and `tests/lab/before_launch/test_preflight.py` a look before a
run, `tests/worker/taking_along/` each format; the same pages with light workers
`tests/e2e/test_study.py` and `tests/e2e/test_search.py`.
"""

import os
import signal
import zipfile

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.search import SearchStatus, TrialState
from tests.conftest import draw_zip
from tests.e2e.test_main_job import set_number
from tests.e2e.test_search import CONFIRM_SEEDS, TRIALS, launch_search
from tests.e2e.test_study import launch_dropout
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.exhaustive, pytest.mark.timeout(900)]


@pytest.fixture
def at_home(server, monkeypatch):
    """What the application knows of the server's home."""
    monkeypatch.setenv("CNNLAB_HOME", str(server.home))


@pytest.fixture(scope="module")
def finished(server, tmp_path_factory):
    """A study that has finished."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        dataset = lab.import_dataset(draw_zip(tmp_path_factory.mktemp("up") / "shades.zip"))
        study = launch_dropout(dataset, seeds=3, epochs=2)
        wait_until(lambda: lab.view_study(study.id).is_complete, seconds=300)
    return study


def test_all_of_a_finished_study_can_be_looked_at(page, server, finished):
    study = finished
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        starts = lab.shared_starts(lab.view_study(study.id))
    assert [start.same_weights for start in starts] == [["baseline", "dropout"]] * 3
    assert [start.same_order for start in starts] == [["baseline", "dropout"]] * 3
    page.goto(f"{server.address}/study?study={study.id}")
    part = page.locator(".st-key-study_part")
    for name, key in (
        ("Robustness", "study_robustness_figure"),
        ("Calibration", "study_calibration_figure"),
        ("Weights", "study_weights_figure"),
    ):
        part.get_by_text(name, exact=True).click()
        expect(page.locator(f".st-key-{key} svg.main-svg").first).to_be_visible()
    part.get_by_text("Same start", exact=True).click()
    expect(page.get_by_text("Checksums of the weights before the first step")).to_be_visible()


def test_a_run_of_a_study_makes_its_model_when_it_is_wanted(page, server, finished):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        run = lab.study_runs(finished.id)[0]
    page.goto(f"{server.address}/runs?run={run.id}")
    expect(page.locator(".st-key-diagnosis")).to_be_visible()
    page.locator(".st-key-prepare_model button").click()
    expect(page.locator(".st-key-model_progress")).to_be_visible()
    page.reload()  # which finds the work again
    expect(page.locator(".st-key-download_model a")).to_be_visible(timeout=120_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        again = lab.view_run(run.id)
    assert again.run == run


def test_a_model_that_is_prepared_in_another_format_is_found_and_downloaded(page, server, finished):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        run = lab.study_runs(finished.id)[1]
        lab.prepare_model(run.id, "onnx")
    page.goto(f"{server.address}/runs?run={run.id}")
    link = page.locator(".st-key-download_model a")
    expect(link).to_be_visible(timeout=120_000)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == f"cnnlab-{run.id}-onnx.zip"
    with zipfile.ZipFile(download.value.path()) as package:
        assert package.namelist() == [
            "model.onnx",
            "classes.json",
            "model.json",
            "predict.py",
            "USAGE.md",
        ]


def test_a_search_is_found_again_after_a_kill_and_ends_in_a_verdict(
    page, server, at_home, tmp_path
):
    server.import_dataset(draw_zip(tmp_path / "searched.zip", each=30), "Searched")
    search = launch_search(
        page, server, "Validation cross-entropy", learning_rate=1e-06, batch_size=2
    )
    page.evaluate("window.sameVisit = true")
    wait_until(lambda: _complete(search) >= 2, seconds=180)
    os.kill(int((server.home / "supervisor.lock").read_text()), signal.SIGKILL)
    expect(page.locator(".st-key-stop_search")).to_be_visible()
    best = page.locator(".st-key-search_best")
    expect(page.locator(".st-key-open_closing_study")).to_be_visible(timeout=180_000)
    expect(page.locator(".st-key-delete_search")).to_be_visible(timeout=180_000)
    assert page.evaluate("window.sameVisit")
    expect(best).to_contain_text("was 1e-06")
    expect(page.locator(".st-key-search_chart svg.main-svg").first).to_be_visible()
    verdict = page.locator(".st-key-search_verdict")
    expect(verdict).to_contain_text(f"with {CONFIRM_SEEDS} fresh seeds")
    view = lab.view_search(search)
    assert view.status is SearchStatus.FINISHED
    assert view.search.objective == "val_cross_entropy"
    assert [trial.number for trial in view.trials] == list(range(TRIALS))
    assert {trial.state for trial in view.trials} == {TrialState.COMPLETE}
    assert view.luck is not None and view.best.number > 0


def _complete(search):
    return sum(trial.state is TrialState.COMPLETE for trial in lab.view_search(search).trials)


def test_a_check_tells_time_and_memory_before_a_run(page, server, tmp_path):
    server.import_dataset(draw_zip(tmp_path / "check.zip"), "Check")
    page.goto(f"{server.address}/train")
    expect(page.locator(".st-key-launch_run button")).to_be_enabled()
    page.locator(".st-key-start_preflight button").click()
    found = page.locator(".st-key-preflight")
    expect(found).to_contain_text("Fits CPU")
    expect(found).to_contain_text("an epoch")
    expect(found).to_contain_text("steps on one batch")
    set_number(page, "epochs", 3)
    expect(found).to_contain_text("The form has changed since this check")
