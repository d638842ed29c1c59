"""A study from its launch to its verdicts and its report, by workers that train without Keras.

A really trained one answers the command line in `tests/cli/test_studies.py`.
"""

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.config.training import Training
from tests.conftest import draw_zip
from tests.e2e.test_main_job import set_number, wait_for_script
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e
LIGHT = {"epoch_seconds": 0.1}
EPOCHS = 8
LONG = 2000  # of so many epochs nobody sees the last
LAST_EPOCHS = """() => [...document.querySelectorAll('.st-key-study_chart .js-plotly-plot')]
  .flatMap((plot) => plot.data.filter((trace) => trace.mode === 'lines' && trace.name))
  .map((trace) => trace.x.at(-1))"""
DRAWN = """() => [...document.querySelectorAll('.cnnlab-p-line')]
  .map((line) => line.getAttribute('d')).join()"""
BANDS = """() => [...document.querySelectorAll('.st-key-study_chart .js-plotly-plot')]
  .flatMap((plot) => plot.data.filter((trace) => trace.fill === 'toself')).length"""


@pytest.fixture(scope="module")
def dataset(server, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        return lab.import_dataset(draw_zip(tmp_path_factory.mktemp("up") / "shades.zip"))


def launch_dropout(dataset, *, seeds, epochs):
    """A study of dropout alone, launched without the browser."""
    base = load_config({"dataset": dataset.id, "image": {"size": 16}})
    base = base.model_copy(update={"training": Training(epochs=epochs)})
    return lab.launch_study(lab.compare_arms(base, ready_arms(["dropout"]), seeds=seeds))


def launch_study(page, server, dataset, *, seeds):
    """A study of dropout alone, launched as a user does it."""
    page.goto(f"{server.address}/study")
    expect(page.locator(".st-key-launch_study button")).to_be_enabled()
    wait_for_script(page)
    page.locator(".st-key-dataset_select input").fill(dataset.name)
    page.keyboard.press("Enter")
    wait_for_script(page)
    arms = page.locator(".st-key-arms")
    arms.locator("input").click()
    for _ in range(4):
        page.keyboard.press("Backspace")
    wait_for_script(page)
    arms.locator("input").fill("dropout")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    # What was set before is drawn: a number typed into a panel that is about to be drawn is lost.
    expect(page.locator(".st-key-train_side")).to_contain_text("2 arms × ")
    wait_for_script(page)
    set_number(page, "seeds", seeds)
    set_number(page, "epochs", EPOCHS)
    set_number(page, "image_size", 16)
    expect(page.locator(".st-key-train_side")).to_contain_text(f"2 arms × {seeds} seeds")
    wait_for_script(page)
    page.locator(".st-key-launch_study button").click()
    page.wait_for_url("**/study?study=*")


def test_a_study_ends_in_verdicts_and_a_report(page, server, dataset, browser, tmp_path):
    launch_study(page, server, dataset, seeds=3)
    page.evaluate("window.sameVisit = true")
    expect(page.get_by_role("heading", name="Verdicts", exact=True)).to_be_visible(timeout=180_000)
    assert page.evaluate("window.sameVisit")
    wait_for_script(page)  # meanwhile they stand on the page twice: where they were, and above
    verdicts = page.locator(".st-key-study_verdicts")
    expect(verdicts).to_contain_text("reference")
    expect(verdicts).not_to_contain_text("Can't tell yet")
    all_there = f"(epochs) => ({LAST_EPOCHS})().join() === epochs"
    page.wait_for_function(all_there, arg=f"{EPOCHS},{EPOCHS}", polling=100)
    assert page.evaluate(BANDS) == 2
    with page.expect_download() as download:
        page.locator(".st-key-study_menu button").click()
        page.locator(".st-key-study_report a").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    context = browser.new_context()
    context.set_offline(True)
    offline = context.new_page()
    offline.goto(report.as_uri())
    offline.locator("figure.chart svg.main-svg").first.wait_for()
    expect(offline.locator("body")).to_contain_text("dropout")
    context.close()


def test_chart_and_slides_move_until_the_study_is_stopped(page, server, dataset):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        study = launch_dropout(dataset, seeds=2, epochs=LONG)
    page.goto(f"{server.address}/study?study={study.id}")
    first = wait_for_epochs(page, 10)  # of all lines: each has more than one
    reader = page.context.new_page()
    reader.goto(f"{server.address}/study?study={study.id}&present=read&slide=curves")
    reader.wait_for_function(f"() => ({DRAWN})().includes('L')", polling=100)
    drawn = reader.evaluate(DRAWN)
    reader.evaluate("window.sameVisit = true")
    wait_for_epochs(page, first)
    reader.wait_for_function(f"(drawn) => ({DRAWN})() !== drawn", arg=drawn, polling=100)
    live = reader.locator(".cnnlab-p-live")
    expect(live).to_contain_text("0 of 4 runs finished")
    page.locator(".st-key-stop_study button").click()
    expect(page.locator(".st-key-resume_study")).to_be_visible()
    wait_until(lambda: first < sum(page.evaluate(LAST_EPOCHS)) < 2 * LONG)  # it is drawn anew
    expect(live).to_have_text("So far: we can't tell yet")
    assert reader.evaluate("window.sameVisit")
    assert reader.url.endswith("slide=curves")


def wait_for_epochs(page, more_than):
    """Wait for the sum of the last epochs that the chart shows."""
    total = f"({LAST_EPOCHS})().reduce((sum, epoch) => sum + epoch, 0)"
    page.wait_for_function(f"(sum) => {total} > sum", arg=more_than, polling=100, timeout=90_000)
    return page.evaluate(total)


@pytest.mark.exhaustive
def test_a_finished_study_is_seen_with_one_click_and_trained_with_another(page, server):
    page.goto(server.address)
    expect(page.locator(".st-key-start_demo button")).to_be_visible()
    page.locator(".st-key-see_demo button").click()
    page.wait_for_url("**/study?study=*")
    verdicts = page.locator(".st-key-study_verdicts")
    expect(verdicts).to_contain_text("Helps by")
    expect(verdicts).to_contain_text("Hurts by")
    expect(page.locator(".st-key-study_chart svg.main-svg").first).to_be_visible()
    expect(page.get_by_text("Recorded on 20")).to_be_visible()
    recorded = page.url
    page.locator(".st-key-start_demo button").click()
    page.wait_for_url(lambda address: "study?study=" in address and address != recorded)
    expect(page.locator(".st-key-study_chart svg.main-svg").first).to_be_visible()
    page.locator(".st-key-stop_study button").click()
    expect(page.locator(".st-key-resume_study button")).to_be_visible()
    expect(page.locator(".st-key-study_verdicts")).to_contain_text("Can't tell yet")
