"""Every page for everybody: axe-core finds nothing grave, and a phone shows all of its width."""

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from tests.conftest import draw_zip
from tests.e2e.axe import SCRIPT, findings
from tests.e2e.test_main_job import wait_for_script
from tests.made_evaluations import finish_evaluation
from tests.made_exports import finish
from tests.made_insides import finish_inside
from tests.made_pairs import judged_run
from tests.made_runs import no_supervisor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not SCRIPT.exists(), reason="axe-core isn't there: Node installs it"),
]
TRAINS = False

PAGES = {
    "home": ("/", ".st-key-start_demo"),
    "data": ("/data", ".st-key-class_counts"),
    "train": ("/train", ".st-key-launch_run"),
    "runs": ("/runs", ".st-key-runs_table"),
    "run": ("/runs?run={run}", ".st-key-run_status"),
    "study": ("/study", ".st-key-launch_study"),
    "search": ("/search", ".st-key-launch_search"),
    "models": ("/models?run={run}", ".st-key-formats_table tbody tr"),
    "lessons": ("/lessons", ".st-key-lesson_list"),
    "lesson": ("/lessons?lesson=gap", ".st-key-start_lesson, [data-testid=stAlert]"),
    "evaluate": ("/evaluate?run={run}", ".st-key-top_losses"),
    "explain": ("/explain?run={run}", ".st-key-section_units .cnnlab-tiles"),
    "compare": ("/compare?runs={run},{other}", ".st-key-confusion_difference .main-svg"),
    "predict": ("/predict?run={run}", ".st-key-predict_upload"),
    "run of nobody": ("/runs?run=nobody", "[data-testid=stAlert]"),
    "study of nobody": ("/study?study=nobody", "[data-testid=stAlert]"),
}
"""Address, and what is on the page when it is whole, of every page that is free of hurdles."""

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FITS = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  return innerWidth === 390 && main.scrollWidth <= main.clientWidth
}"""


@pytest.fixture(scope="module")
def runs(server, tmp_path_factory):
    """Two runs that have ended, the first judged on its validation images."""
    dataset = server.import_dataset(draw_zip(tmp_path_factory.mktemp("axe") / "a.zip"), "Shades")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        no_supervisor(patch)
        config = load_config({"dataset": dataset.id})
        run, other = judged_run(config, wrong=[0]), judged_run(config, wrong=[1, 2])
        lab.start_evaluation(run.id, "validation")
        finish_evaluation(run, "validation")
        finish(run, "onnx", "model.onnx")
        finish_inside(run)
    return run.id, other.id


def test_no_page_has_hurdles_or_scrolls_sideways_on_a_phone(page, server, runs):
    """All pages in one visit: what the browser has loaded once serves the next."""
    found = {}
    for name, (address, part) in PAGES.items():
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(DESK)
        page.goto(server.address + address.format(run=runs[0], other=runs[1]))
        expect(page.locator(part).first).to_be_visible()
        wait_for_script(page)
        found[name] = findings(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", "dark")
        found[f"{name}, dark"] = findings(page, "color-contrast")
        found[f"{name}, phone"] = wrong_on_a_phone(page)
    assert {name: some for name, some in found.items() if some} == {}


def wrong_on_a_phone(page):
    """What a phone shows of a page that it shouldn't; it is never wider than the phone."""
    page.set_viewport_size(PHONE)
    page.wait_for_function(FITS)
    text = page.locator("body").inner_text()
    return [words for words in ("Traceback", "Something unexpected") if words in text]
