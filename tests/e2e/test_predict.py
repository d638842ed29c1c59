"""A model is tried in a browser: by file, paste, camera and keyboard, then on many pictures.

By hand (-m exhaustive): in the check keys, paste and a camera are in `test_judging.py` with made
answers, a really trained model is asked in `test_newcomer.py`, and in
`tests/worker/judging/test_predicting.py` to the pixel; the page is in `tests/ui/predict/`, its
routes are in `tests/server/test_predicting.py`, what runs in the browser beside its modules.
"""

import base64
import io
import os
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.axe import findings
from tests.e2e.test_main_job import wait_for_script
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.exhaustive]
TRAINED = True

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PASTE = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))
  const clipboardData = new DataTransfer()
  clipboardData.items.add(new File([bytes], name, { type: "image/png" }))
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }))
}"""
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
  delete document.hidden
}"""


@pytest.fixture(scope="module")
def with_camera(browser):
    """A browser with a camera, which shows a moving green picture."""
    path = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
    with browser.browser_type.launch(executable_path=path, args=FLAGS) as own:
        yield own


@pytest.fixture
def page(with_camera, server):
    """A new visitor's page, who has a camera."""
    with with_camera.new_context(viewport={"width": 1440, "height": 1200}) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        assert not problems


def shade(level):
    """A picture as those of the class: one flat grey would be none that the run knows."""
    pixels = np.random.default_rng(level).normal(level, 20, (16, 16, 3)).clip(0, 255)
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def open_predict(page, server, run):
    page.goto(f"{server.address}/predict?run={run}")
    expect(page.locator(".st-key-camera [data-do=camera]")).to_be_enabled()
    wait_for_script(page)  # what comes below may move the focus


def tab_to_camera(page, field):
    """With the Tab key from the area: beyond the button that pastes and the samples."""
    field.focus()
    samples = page.locator(".st-key-predict_samples .cnnlab-samples button").count()
    for _ in range(2 + samples):
        page.keyboard.press("Tab")
    expect(page.locator(".st-key-camera [data-do=camera]")).to_be_focused()


def says(page):
    return page.locator(".st-key-prediction .cnnlab-best b")


def answers(page):
    return int(page.locator(".st-key-prediction [data-answers]").get_attribute("data-answers"))


def test_a_model_is_tried_by_file_paste_and_camera_with_the_keyboard_alone(page, server, run):
    open_predict(page, server, run)
    area = page.locator(".st-key-predict_upload")
    field = area.locator("input[type=file]")
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": shade(190)})
    expect(says(page)).to_have_text("bright")
    expect(page.locator(".st-key-prediction [data-show=status]")).to_contain_text("Answered in")
    expect(page.locator(".st-key-prediction .cnnlab-shown img")).to_have_attribute("alt", "a.png")
    assert page.locator(".st-key-prediction img:visible").count() == 1, "the picture, once"
    page.evaluate(PASTE, ["b.png", base64.b64encode(shade(55)).decode()])
    expect(says(page)).to_have_text("dark")
    with page.expect_file_chooser() as chooser:
        field.press("Enter")
    chooser.value.set_files({"name": "c.jpg", "mimeType": "image/jpeg", "buffer": b"only words"})
    problem = page.locator(".st-key-prediction [data-show=problem]")
    expect(problem).to_contain_text("'c.jpg' can't be read as a picture")
    expect(says(page)).to_have_count(0)
    tab_to_camera(page, field)
    page.keyboard.press("Enter")
    before = answers(page)
    wait_until(lambda: answers(page) >= before + 5, tick=lambda: page.wait_for_timeout(50))
    expect(problem).to_be_hidden()
    rate = page.locator(".st-key-camera [data-show=rate]")
    expect(rate).to_contain_text("pictures a second")
    page.evaluate(HIDE)
    expect(page.locator(".st-key-camera [role=status]").last).to_contain_text("out of sight")
    assert page.evaluate("document.querySelector('.st-key-camera video').srcObject") is None
    field.set_input_files({"name": "d.png", "mimeType": "image/png", "buffer": shade(190)})
    expect(says(page)).to_have_text("bright")


def test_a_tried_picture_is_shown_with_where_the_model_looks(page, server, run):
    open_predict(page, server, run)
    field = page.locator(".st-key-predict_upload input[type=file]")
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": shade(190)})
    told = page.locator(".st-key-prediction")
    told.locator("[data-do=look]").focus()
    page.keyboard.press("Space")
    heat = told.locator(".cnnlab-heat")
    expect(heat).to_have_attribute("alt", "Where the network looks for bright")
    seen = told.locator(".cnnlab-look img").first
    expect(seen).to_have_attribute("alt", "As this network sees it: 16 × 16 px")
    usual = heat.get_attribute("src")
    before = answers(page)
    told.locator("[data-do=strength]").press("End")
    expect(heat).to_have_css("opacity", "1")
    assert answers(page) == before, "nothing is computed for another strength"
    told.locator("[data-do=class]").select_option("dark")
    expect(heat).to_have_attribute("alt", "Where the network looks for dark")
    told.locator("[data-do=method]").select_option("occlusion")
    expect(told.locator("[data-show=look]")).to_contain_text("a grey square covers that place")
    wait_until(lambda: heat.get_attribute("src") != usual, tick=lambda: page.wait_for_timeout(50))
    expect(told.locator(".cnnlab-look p")).to_contain_text("when the weights are shuffled")
    assert not findings(page)


def test_a_run_that_is_gone_says_so_beside_those_that_answer(page, server, run):
    top = [{"class": "dark", "probability": 0.75, "calibrated": None}]
    said = {"run": "other", "run_name": "Other", "file": "a.png", "class": "dark", "top": top}
    said |= {"probability": 0.75, "familiarity": None}
    both = {"predictions": [said, said | {"run": run, "run_name": "Mine"}], "milliseconds": 1.0}
    one = {"predictions": [said], "milliseconds": 1.0, "problems": {run: "The run is gone."}}
    answers = [both]
    page.route("**/api/predict?*", lambda route: route.fulfill(json=answers[-1]))
    open_predict(page, server, run)
    field = page.locator(".st-key-predict_upload input[type=file]")
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": shade(190)}
    field.set_input_files(picture)
    mine = page.locator(f"[data-run='{run}']")
    expect(mine).to_contain_text("75.0 %")
    answers.append(one)
    field.set_input_files(picture | {"name": "b.png"})
    expect(mine.get_by_text("The run is gone.")).to_be_visible()
    expect(mine.locator(".cnnlab-best span")).to_have_text("")
    expect(mine.locator("li:visible")).to_have_count(0)
    expect(says(page)).to_have_text(["dark", "No answer"])


def test_many_pictures_become_a_table_that_outlives_a_reload_and_images_of_the_dataset(
    page, server, run, tmp_path
):
    path = tmp_path / "new.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, level in enumerate((60, 185, 195)):
            archive.writestr(f"{number}.png", shade(level))
        archive.writestr("words.png", b"only words")
    open_predict(page, server, run)
    page.locator(".st-key-predict_upload input[type=file]").set_input_files(path)
    table = page.locator(".st-key-many_table")
    expect(table).to_be_visible()
    page.reload()
    for words in ("bright (2)", "dark (1)", "no picture (1)"):
        expect(page.get_by_role("button", name=words)).to_be_visible()
    with page.expect_download() as download:
        page.locator(".st-key-many_csv a").click()
    assert download.value.path().read_text().count("\n") == 5
    page.get_by_role("button", name="dark (1)").click()
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.locator("img")).to_have_js_property("complete", value=True)
    rows.get_by_role("checkbox", name="Select 0.png").check()
    expect(page.get_by_text("1 picture selected")).to_be_visible()
    page.locator(".st-key-add_many button").click()
    label = page.locator(".st-key-add_class input")
    label.fill("dark")
    label.press("Enter")
    page.locator(".st-key-confirm_add button").click()
    expect(page.locator(".st-key-predict_added")).to_contain_text("version 2: 1 image added")
