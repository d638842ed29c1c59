"""The data page in a browser: uploads on a slow or broken line, the camera, what is in sight."""

import os
import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.conftest import draw_zip
from tests.e2e.test_main_job import import_upload, wait_for_script

pytestmark = pytest.mark.e2e

BYTES_PER_SECOND = 1e6
HAS_ENOUGH_DATA = 4  # of a media element
WATCH_BAR = """() => {
  const bar = document.querySelector('.cnnlab-upload .cnnlab-bar > span')
  window.widths = []
  new MutationObserver(() => window.widths.push(parseFloat(bar.style.width)))
    .observe(bar, { attributes: true })
}"""


def test_the_result_of_an_import_and_its_findings_are_in_sight_on_a_phone(page, server, tmp_path):
    page.set_viewport_size({"width": 390, "height": 844})
    import_upload(page, server, draw_zip(tmp_path / "few.zip", each=6), "Few", images=12)
    expect(page.locator(".st-key-train_on_it button")).to_be_in_viewport(ratio=1)
    page.locator(".st-key-look_at_import button").click()
    expect(page.locator(".st-key-finding_few_images").get_by_text("fewer than")).to_be_in_viewport()
    page.locator(".st-key-gallery_few_images button").click()
    expect(page.locator(".st-key-gallery .cnnlab-gallery button").first).to_be_in_viewport()


def test_the_bar_moves_while_a_chunk_is_on_its_way(page, server, tmp_path):
    path = draw_zip(tmp_path / "large.zip", each=30, size=128)
    page.goto(f"{server.address}/data")
    area = page.locator(".st-key-dataset_upload")
    expect(area).to_contain_text("Drop a zip")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1,
         "uploadThroughput": BYTES_PER_SECOND},
    )  # fmt: skip
    page.evaluate(WATCH_BAR)
    area.locator("input[type=file]").set_input_files(path)
    expect(area).to_contain_text("is uploaded")
    widths = [width for width in page.evaluate("window.widths") if width]
    assert widths == sorted(widths)
    assert len(set(widths)) >= 5


def test_an_upload_goes_on_after_a_broken_connection(page, server, tmp_path):
    broken = []

    def break_second(route):
        broken.append(route)
        route.abort() if len(broken) == 2 else route.continue_()

    page.route(re.compile(r"/api/uploads/\w+\?offset"), break_second)
    path = draw_zip(tmp_path / "large.zip", each=24, size=128)
    import_upload(page, server, path, "Broken line")
    assert len(broken) > 2


def test_pictures_are_taken_with_the_camera(browser, server):
    flags = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream",
             "--use-fake-device-for-media-stream"]  # fmt: skip
    executable = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
    with browser.browser_type.launch(executable_path=executable, args=flags) as own:
        page = own.new_page()
        page.goto(f"{server.address}/data")
        page.get_by_text("Make a dataset with the camera").click()
        page.locator(".st-key-camera_class input").fill("cup")
        page.locator(".st-key-camera_class input").press("Enter")
        wait_for_script(page)
        page.locator(".st-key-camera_on label").first.click()
        expect(page.locator("video")).to_have_js_property("readyState", HAS_ENOUGH_DATA)
        page.get_by_test_id("stCameraInputButton").click()
        expect(page.get_by_text("cup · 1")).to_be_visible(timeout=20_000)
