"""A search from its launch to its verdict with real training, its supervisor killed on the way."""

import os
import signal

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.search import SearchStatus, TrialState
from tests.conftest import draw_zip
from tests.e2e.test_main_job import set_number, wait_for_script
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e
TRIALS, CONFIRM_SEEDS = 4, 2


@pytest.fixture
def at_home(server, monkeypatch):
    """What the application knows of the server's home."""
    monkeypatch.setenv("CNNLAB_HOME", str(server.home))


@pytest.fixture
def dataset(at_home, tmp_path):
    return lab.import_dataset(draw_zip(tmp_path / "shades.zip"), name="Shades")


def launch_search(page, server):
    """From a start setting that learns nothing, beside others with steps enough to learn."""
    page.goto(f"{server.address}/train")
    expect(page.locator(".st-key-launch_run button")).to_be_enabled()
    page.locator(".st-key-recipe").get_by_text("Plain baseline").click()
    expect(page.locator(".st-key-image_size input")).to_have_value("48")
    wait_for_script(page)
    chosen = {"image_size": 16, "epochs": 2, "learning_rate": 1e-06, "batch_size": 2}
    for key, value in chosen.items():
        set_number(page, key, value)
        wait_for_script(page)
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator(".st-key-launch_search button")).to_be_enabled()
    expect(page.locator("body")).to_contain_text("small cnn, 16 px, 2 epochs")
    page.locator(".st-key-search_objective input").fill("Validation cross-entropy")
    page.keyboard.press("Enter")
    wait_for_script(page)
    set_number(page, "search_trials_budget", TRIALS)
    expect(page.locator("body")).to_contain_text("random settings would do as well")
    page.locator(".st-key-train_side summary").first.click()
    set_number(page, "search_confirm_seeds", CONFIRM_SEEDS)
    expect(page.locator("body")).to_contain_text(f"on top: {2 * CONFIRM_SEEDS} runs")
    wait_for_script(page)
    page.locator(".st-key-launch_search button").click()
    page.wait_for_url("**/search?search=*")
    return page.url.rpartition("=")[2]


def test_a_search_is_found_again_after_a_kill_and_ends_in_a_verdict(page, server, dataset):
    search = launch_search(page, server)
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
