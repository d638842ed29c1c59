"""From upload to a model that works elsewhere.

All of it below a path and through a proxy, nginx where it is installed: the other files do without.
"""

import json
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect

from cnnlab.datasets.index import ImageIndex
from tests.conftest import draw_zip
from tests.e2e.nginx import PROGRAM

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]  # its parts have limits of their own
PROXIED = True
TRAINS = False  # one run alone: none waits for another
EPOCHS = 30
PREDICT = """
import sys, keras, numpy
model = keras.models.load_model(sys.argv[1])
print(model.predict(numpy.load(sys.argv[2]), verbose=0).tolist())
"""
POINTS = """() => {
  const panel = document.querySelector('.st-key-live_chart .cnnlab-panels > div')
  const trace = panel?.data?.find((trace) => trace.name === 'validation')
  return trace ? Array.from(trace.x) : []
}"""


def import_upload(page, server, path, name, *, images=48):
    page.goto(f"{server.address}/data")
    page.locator(".st-key-dataset_upload input[type=file]").set_input_files(path)
    expect(page.locator(".st-key-dataset_upload")).to_contain_text("is uploaded")
    field = page.locator(".st-key-dataset_name input")
    expect(field).not_to_have_value("")
    field.fill(name)
    field.press("Enter")
    page.locator(".st-key-import_dataset button").click()
    expect(page.get_by_text(re.compile(rf"{name}: {images} images in 2 classes"))).to_be_visible()


def set_number(page, key, value):
    field = page.locator(f".st-key-{key} input")
    field.fill(str(value))
    field.press("Enter")


def begin_plainly(page):
    """Begin the form with the defaults; by itself it begins with what makes a good model."""
    expect(page.locator(".st-key-launch_run button")).to_be_enabled()
    page.locator(".st-key-recipe").get_by_text("Plain baseline").click()
    expect(page.locator(".st-key-train_side")).to_contain_text("20 epochs")
    wait_for_script(page)


def launch(page, server, **numbers):
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    for key, value in numbers.items():
        set_number(page, key, value)
    wait_for_script(page)
    page.locator(".st-key-launch_run button").click()
    page.wait_for_url("**/runs?run=*")
    return page.url.partition("run=")[2]


def wait_for_script(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def status(page):
    return page.locator(".st-key-run_status .cnnlab-pill")


def wait_for_points(page, count):
    page.wait_for_function(
        f"count => ({POINTS})().length >= count", arg=count, polling=100, timeout=120_000
    )
    return page.evaluate(POINTS)


def wait_for_later_epochs(page, count):
    """So many more than now: of a long history not all are drawn, so that counting them ends."""
    newest = wait_for_points(page, 1)[-1] + count
    page.wait_for_function(
        f"newest => ({POINTS})().at(-1) >= newest", arg=newest, polling=100, timeout=120_000
    )


def attempt_of(server, run):
    return server.home / "runs" / run / "attempt-1"


def test_from_upload_to_a_model_that_works_elsewhere(page, server, tmp_path):
    import_upload(page, server, draw_zip(tmp_path / "shades_of_grey.zip"), "Shades")
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    page.locator(".st-key-aug_rotation_degrees_switch button").first.click()
    expect(page.locator(".st-key-train_side")).to_contain_text("Left: the original")
    slider = page.locator(".st-key-reg_dropout input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    for key, value in {"image_size": 16, "epochs": EPOCHS, "reg_l2": 0.001}.items():
        set_number(page, key, value)
    wait_for_script(page)
    page.locator(".st-key-launch_run button").click()
    page.wait_for_url("**/runs?run=*")
    page.evaluate("window.sameVisit = true")
    run = page.url.partition("run=")[2]
    few = wait_for_points(page, 2)
    many = wait_for_points(page, min(len(few) + 3, EPOCHS))  # a slow page may see all at once
    assert many[: len(few)] == few
    expect(status(page)).to_have_attribute("data-status", "finished")
    assert page.evaluate("window.sameVisit")
    assert wait_for_points(page, EPOCHS) == list(range(1, EPOCHS + 1))
    config = json.loads((attempt_of(server, run) / "config.json").read_text())
    assert config["augmentation"]["rotation_degrees"] == 15
    assert config["regularization"]["dropout"] == 0.05
    assert config["regularization"]["l2"] == 0.001
    with page.expect_download() as download:
        page.locator(".st-key-download_model a").click()
    assert download.value.suggested_filename == f"cnnlab-{run}.zip"
    check_model(download.value.path(), server, run, tmp_path)


def check_model(package, server, run, folder):
    """The downloaded model, in plain Keras in another process, against what the run reported."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    result = json.loads((attempt_of(server, run) / "result.json").read_text())
    losses = result["report"]["top_losses"]
    config = json.loads((attempt_of(server, run) / "config.json").read_text())
    index = ImageIndex(server.home / "datasets" / config["dataset"])
    images = [np.asarray(index.open(loss["position"])) for loss in losses]
    np.save(folder / "images.npy", np.stack(images))
    command = [sys.executable, "-I", "-c", PREDICT, folder / "model.keras", folder / "images.npy"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    probabilities = np.array(json.loads(answer.stdout.splitlines()[-1]))
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    classes = json.loads((folder / "classes.json").read_text())
    for loss, row in zip(losses, probabilities, strict=True):
        assert classes[row.argmax()] == loss["predicted"]
        assert row.max() == pytest.approx(loss["probability"], abs=1e-5)
    assert np.mean([loss["predicted"] == loss["true"] for loss in losses]) > 0.8


@pytest.mark.exhaustive
def test_a_dataset_chosen_on_one_page_is_chosen_on_the_next(page, server, tmp_path):
    first = server.import_dataset(draw_zip(tmp_path / "first.zip", each=30), "First")
    server.import_dataset(draw_zip(tmp_path / "second.zip"), "Second")
    page.goto(f"{server.address}/data?dataset={first.id}")
    expect(page.locator(".st-key-dataset_select input")).to_have_value("First – 60 images")
    wait_for_script(page)
    page.get_by_role("link", name="Train", exact=True).first.click()
    expect(page.locator(".st-key-preflight")).to_contain_text("48 training")
    begin_plainly(page)
    set_number(page, "epochs", 77)
    wait_for_script(page)
    page.get_by_role("link", name="Data", exact=True).first.click()
    expect(page.locator(".st-key-dataset_select input")).to_have_value("First – 60 images")
    page.get_by_role("link", name="Train", exact=True).first.click()
    expect(page.locator(".st-key-preflight")).to_contain_text("48 training")
    expect(page.locator(".st-key-epochs input")).to_have_value("77")
    for name in ("Study", "Train"):  # pages that share these fields
        wait_for_script(page)
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        wait_for_script(page)
        expect(page.locator(".st-key-epochs input")).to_have_value("77")
        expect(page.locator(".st-key-image_size input")).to_have_value("48")
        expect(page.locator(".st-key-learning_rate input")).to_have_value("0.001")


@pytest.mark.skipif(not PROGRAM, reason="nginx isn't installed")
def test_a_proxy_that_passes_on_another_name_is_told_what_to_set(page, server):
    careless = f"http://127.0.0.1:{server.proxy.careless}/lab"
    page.goto(server.link(careless))
    said = page.get_by_role("alert").filter(has_text="The proxy before cnnlab")
    expect(said).to_contain_text(f"CNNLAB_PUBLIC_ADDRESS={careless} where")


def test_an_address_without_a_page_says_so(page, server):
    answer = page.goto(f"{server.address}/nopage")
    assert answer.status == 404
    page.get_by_role("link", name="Go to Home").click()
    expect(page.locator(".st-key-see_demo")).to_be_visible()


def test_an_upload_that_is_no_zip_is_refused_in_a_sentence(page, server, tmp_path):
    (tmp_path / "notes.zip").write_text("these are no images")
    page.goto(f"{server.address}/data")
    page.locator(".st-key-dataset_upload input[type=file]").set_input_files(tmp_path / "notes.zip")
    expect(page.locator(".st-key-dataset_upload")).to_contain_text("is uploaded")
    page.locator(".st-key-import_dataset button:enabled").click()
    expect(page.get_by_test_id("stAlert").filter(has_text="notes.zip")).to_be_visible()
