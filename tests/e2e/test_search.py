"""A search from its launch to its verdict, by workers that train without Keras.

A dropout of 0.3 is the best for them. What a killed supervisor does to a search is played in
`tests/runner/searching/test_faults.py`, with real training in `test_real_training.py`.
"""

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.search import SearchStatus, TrialState
from tests.conftest import draw_zip
from tests.e2e.test_main_job import begin_plainly, set_number, wait_for_script

pytestmark = pytest.mark.e2e
LIGHT = {}
TRIALS, CONFIRM_SEEDS = 4, 2


@pytest.fixture
def at_home(server, monkeypatch):
    """What the application knows of the server's home."""
    monkeypatch.setenv("CNNLAB_HOME", str(server.home))


@pytest.fixture
def dataset(at_home, tmp_path):
    return lab.import_dataset(draw_zip(tmp_path / "shades.zip"), name="Shades")


def launch_search(page, server, objective="", **start):
    """From a start setting, beside others; the objective, if not the usual one, by its name."""
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    for key, value in {"image_size": 16, "epochs": 2, **start}.items():
        set_number(page, key, value)
        wait_for_script(page)
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator(".st-key-launch_search button")).to_be_enabled()
    expect(page.locator("body")).to_contain_text("Small CNN, 16 px, 2 epochs")
    if objective:
        page.locator(".st-key-search_objective input").fill(objective)
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


def test_a_search_that_a_user_launches_ends_in_a_verdict(page, server, dataset):
    search = launch_search(page, server)
    page.evaluate("window.sameVisit = true")
    best = page.locator(".st-key-search_best")
    expect(page.locator(".st-key-open_closing_study")).to_be_visible()
    expect(page.locator(".st-key-delete_search")).to_be_visible()
    assert page.evaluate("window.sameVisit")
    expect(best).to_contain_text("was 0")
    expect(page.locator(".st-key-search_chart svg.main-svg").first).to_be_visible()
    verdict = page.locator(".st-key-search_verdict")
    expect(verdict).to_contain_text(f"with {CONFIRM_SEEDS} fresh seeds")
    view = lab.view_search(search)
    assert view.status is SearchStatus.FINISHED
    assert [trial.number for trial in view.trials] == list(range(TRIALS))
    assert {trial.state for trial in view.trials} == {TrialState.COMPLETE}
    assert view.luck is not None and view.best.number > 0
