"""A model is judged in a browser: a label is mended, the vault is opened; and it is tried.

Nothing is trained, and what the model says of a picture is made.
"""

import base64
import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import read_json, write_json
from cnnlab.lab.judging.evaluations import part_of
from tests.conftest import draw_zip
from tests.e2e.conftest import Server
from tests.e2e.test_predict import PASTE, answers, open_predict, says, shade, tab_to_camera
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e
SPLIT = {"validation": 0.25, "test": 0.25}
CAMERA = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    const pen = document.createElement("canvas").getContext("2d")
    const draw = () => { pen.fillRect(0, 0, 9, 9); requestAnimationFrame(draw) }
    draw()
    return pen.canvas.captureStream()
  }
}"""
"""A camera that sees a drawing, in place of the browser's own."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app, begun after the runs were made: its supervisor would train what is queued."""
    server = Server(tmp_path_factory.mktemp("app") / "home", trains=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        no_supervisor(patch)
        dataset = lab.import_dataset(draw_zip(tmp_path_factory.mktemp("up") / "shades.zip"))
        server.run, server.suspect = judged_run(dataset)
    server.start_light_supervisor()  # no worker loads the model that is tried
    server.start()
    yield server
    server.end_all()


def judged_run(dataset):
    """A run that was judged on validation and test, and a validation image whose label is wrong."""
    config = load_config({"dataset": dataset.id, "split": SPLIT, "training": {"epochs": 3}})
    run = made_run(config, status=Status.FINISHED, name="Judged")
    finish_evaluation(run, "test")
    finish_evaluation(run, "train", right=0.96)
    files, row = finish_evaluation(run, "validation"), int(part_of(run, "validation")[0])
    result = read_json(files.result)
    probabilities = {"probability": 0.97, "own_probability": 0.02}
    suspect = {"position": row, "label": "bright", "suggested": "dark"} | probabilities
    result["answer"]["suspects"] = [suspect]
    write_json(files.result, result)
    return run, row


def open_run(page, server):
    page.goto(f"{server.address}/evaluate?run={server.run.id}")
    expect(page.get_by_role("heading", name="How good it is")).to_be_visible()


def test_a_suspicious_label_is_mended_in_a_new_version_whose_parts_stay(page, server):
    open_run(page, server)
    card = page.locator(f".st-key-suspects_card_{server.suspect}")
    expect(card).to_contain_text("labelled bright (2 %), rather dark (97 %)")
    button = card.get_by_role("button", name="It is dark")
    button.focus()
    page.keyboard.press("Enter")
    news = page.locator(".st-key-suspects_news")
    expect(news).to_contain_text("version 2: 1 image given the class 'dark'")
    expect(news).to_contain_text("All images stay in the parts they were in")
    expect(card).to_have_count(0)
    news.get_by_role("link", name="See it on the Data page").click()
    expect(page.get_by_role("combobox", name="Dataset")).to_have_value(re.compile("version 2"))
    versions = page.get_by_text(re.compile("Version 2 · .*given the class .dark"))
    expect(versions).to_be_in_viewport()
    page.go_back()
    news.get_by_role("button", name="Train the same again on version 2").click()
    expect(page.get_by_role("combobox", name="Dataset")).to_have_value(re.compile("version 2"))
    share = page.get_by_role("slider", name="Test share")
    expect(share).to_have_attribute("aria-valuetext", "25%")


@pytest.mark.exhaustive
def test_what_is_chosen_is_marked_again_where_its_part_is_shown_again(page, server):
    """Also by the box in the large picture."""
    open_run(page, server)
    worst = page.locator(".st-key-top_losses")
    worst.locator(".cnnlab-picture input").first.check()
    worst.locator(".cnnlab-picture > button").nth(1).click()
    box = worst.get_by_role("dialog").get_by_role("checkbox", name="Selected")
    box.check()
    page.keyboard.press("Escape")
    expect(worst.locator(".st-key-top_losses_relabel button")).to_have_text(re.compile("2 images"))
    matrix = page.locator(".st-key-confusion_grid")
    matrix.get_by_role("gridcell", name="taken for").and_(matrix.locator("td:text('3')")).click()
    expect(page.locator(".st-key-cell .cnnlab-picture")).to_have_count(3)
    # By key: the page may be scrolling to the cell, and a click would miss.
    page.get_by_role("radio", name="Training images").press(" ")
    wrong = matrix.get_by_role("gridcell", name=re.compile("taken for .*: 1 image,"))
    expect(wrong).to_have_text("1")
    expect(matrix.locator("td[aria-selected=true]")).to_have_count(0)
    expect(worst.locator(".cnnlab-picture input:checked")).to_have_count(0)
    page.get_by_role("radio", name="Validation images").press(" ")
    expect(matrix.locator("td[aria-selected=true]")).to_have_text("3")
    expect(page.locator(".st-key-cell .cnnlab-picture")).to_have_count(3)
    expect(worst.locator(".st-key-top_losses_relabel button")).to_have_text(re.compile("2 images"))
    expect(worst.locator(".cnnlab-picture input:checked")).to_have_count(2)


def test_a_chosen_class_is_seen_below_the_finger_that_chose_it(page, server):
    """What a finger has touched counts as pointed at: that colour lay over the mark."""
    page.set_viewport_size({"width": 390, "height": 844})
    open_run(page, server)
    row = page.locator(".st-key-per_class_table tbody tr").first
    row.get_by_role("button").click()
    expect(row).to_have_attribute("data-chosen", "")
    row.hover()
    look = "(row) => [row, row.cells[0]].map((each) => getComputedStyle(each).backgroundColor)"
    chosen, cell = row.evaluate(look)
    assert cell == "rgba(0, 0, 0, 0)" != chosen


def test_the_vault_is_opened_once_by_one_press_and_closed_after_a_reload(page, server):
    open_run(page, server)
    vault = page.locator(".st-key-test_vault")
    expect(vault).to_contain_text("Nobody has looked at the 12 test images yet.")
    parts = page.locator(".st-key-judge_split").get_by_role("radio")
    expect(parts).to_have_text(["Validation images", "Training images"])
    page.locator(".st-key-open_test_split button").click()
    expect(vault).to_contain_text("Look 1 at these 12 test images: 75.0 %")
    expect(vault).to_be_in_viewport()
    expect(page.get_by_role("radio", name="Test images")).to_be_checked()
    expect(vault).to_contain_text("Validation minus test: 0.0 points")
    expect(page.get_by_text("on the 12 test images")).to_be_visible()
    page.reload()
    expect(vault).to_contain_text("1 look at the 12 test images so far, of 1 run")
    expect(vault).to_contain_text("This will be look 2 at these images.")


def test_a_model_is_tried_by_keys_paste_and_camera(page, server):
    """A browser with a model that was really trained does the same by hand, in `test_predict`."""

    def answer(route):
        file = unquote(route.request.headers["x-cnnlab-name"])
        told = "dark" if file == "a.png" else "bright"
        guess = {"class": told, "probability": 0.75, "calibrated": None}
        said = {"run": server.run.id, "run_name": "Judged", "file": file, "familiarity": None}
        said |= {"class": told, "probability": 0.75, "top": [guess]}
        route.fulfill(json={"predictions": [said], "milliseconds": 1.0})

    page.route("**/api/predict?*", answer)
    open_predict(page, server, server.run.id)
    page.evaluate(CAMERA)
    field = page.locator(".st-key-predict_upload input[type=file]")
    with page.expect_file_chooser() as chooser:
        field.press("Enter")
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": shade(55)}
    chooser.value.set_files(picture)
    expect(says(page)).to_have_text("dark")
    page.evaluate(PASTE, ["b.png", base64.b64encode(shade(190)).decode()])
    expect(says(page)).to_have_text("bright")
    shown = page.locator(".st-key-prediction .cnnlab-shown img")
    expect(shown).to_have_attribute("alt", "b.png")
    sample = page.locator(".st-key-predict_samples .cnnlab-samples button").first
    name = sample.get_attribute("title")
    sample.click()
    expect(shown).to_have_attribute("alt", name)
    assert shown.evaluate("image => image.naturalWidth"), "the picture itself, not only its name"
    tab_to_camera(page, field)
    page.keyboard.press("Enter")
    before = answers(page)
    wait_until(lambda: answers(page) >= before + 3, tick=lambda: page.wait_for_timeout(50))
    rate = page.locator(".st-key-camera [data-show=rate]")
    expect(rate).to_contain_text("pictures a second")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-camera [data-do=camera]")).to_have_text("Start the camera")
    chooser.value.set_files(picture)
    expect(says(page)).to_have_text("dark")
