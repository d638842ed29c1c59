"""The data page in a browser: uploads on a slow or broken line, the camera, what is in sight."""

import os
import re
import shutil
import zipfile

import pytest
from playwright.sync_api import expect

from tests.conftest import draw_zip
from tests.datasets.uploads import jpeg
from tests.e2e.test_main_job import import_upload, wait_for_script

pytestmark = pytest.mark.e2e
TRAINS = False

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


def test_pictures_are_added_to_a_class_in_the_gallery(page, server, tmp_path):
    dataset = server.import_dataset(draw_zip(tmp_path / "grows.zip", each=9), "Grows")
    files = [tmp_path / "one.jpg", tmp_path / "two.jpg", tmp_path / "three.png"]
    for number, file in enumerate(files):
        file.write_bytes(jpeg(number))
    files[2].write_bytes(b"no picture")
    page.goto(f"{server.address}/data?dataset={dataset.id}")
    page.get_by_role("radio", name="Gallery").click()
    page.get_by_text("Add pictures to a class").click()
    area = page.locator(".st-key-add_images_upload")
    area.locator("input[type=file]").set_input_files(files)
    expect(area).to_contain_text("3 files")
    page.locator(".st-key-add_images button").click()
    expect(page.get_by_text("'three.png' can't be added")).to_be_visible()
    area.locator("input[type=file]").set_input_files(files[:2])
    expect(area).to_contain_text("2 files")
    wait_for_script(page)
    page.locator(".st-key-add_images button").click()
    expect(page.get_by_text("Version 2: 2 images added as class 'bright'").first).to_be_visible()
    expect(page.locator(".st-key-add_images button")).to_be_disabled()


def test_what_can_be_done_with_selected_images_is_at_hand_on_a_phone(page, server, tmp_path):
    page.set_viewport_size({"width": 390, "height": 844})
    import_upload(page, server, draw_zip(tmp_path / "many.zip", each=30), "Many", images=60)
    page.get_by_role("radio", name="Gallery").click()
    wait_for_script(page)
    tiles = page.locator(".st-key-gallery .cnnlab-gallery button")
    tiles.first.scroll_into_view_if_needed()
    exclude = page.locator(".st-key-fix_exclude button")
    expect(exclude).not_to_be_in_viewport()
    before = tiles.first.bounding_box()
    tiles.first.click()
    expect(page.locator(".st-key-gallery_actions")).to_contain_text("1 image selected")
    for name in ("Exclude", "Give this class", "Move to this split"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(tiles.first).to_be_in_viewport(ratio=0.99)  # scrolling stops at whole pixels
    assert tiles.first.bounding_box() == before
    exclude.click()
    expect(page.get_by_text("Version 2: 1 image excluded").first).to_be_visible()


def test_the_bar_moves_while_a_chunk_is_on_its_way(page, server, tmp_path):
    path = draw_zip(tmp_path / "large.zip", each=30, size=128)
    page.goto(f"{server.address}/data")
    area = page.locator(".st-key-dataset_upload")
    expect(area).to_contain_text("Drop a zip")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
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


def test_a_folder_and_several_files_are_imported_as_they_are(page, server, tmp_path):
    with zipfile.ZipFile(draw_zip(tmp_path / "a.zip", each=12)) as archive:
        archive.extractall(tmp_path / "pets" / "Größe S")
    content = (tmp_path / "a.zip").read_bytes()
    for number, part in enumerate((content[:5000], content[5000:]), start=1):
        (tmp_path / f"shapes.zip.{number:03}").write_bytes(part)
    page.goto(f"{server.address}/data")
    area = page.locator(".st-key-dataset_upload")
    with page.expect_file_chooser() as chooser:
        area.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(tmp_path / "pets")
    expect(area).to_contain_text("24 files")
    expect(area).to_contain_text("are uploaded")
    expect(page.locator(".st-key-dataset_name input")).to_have_value("pets")
    page.locator(".st-key-import_dataset button").click()
    expect(page.get_by_text("pets: 24 images in 2 classes")).to_be_visible()
    parts = area.locator("input[type=file]")
    parts.set_input_files(tmp_path / "shapes.zip.002")
    expect(area).to_contain_text("is uploaded")
    page.locator(".st-key-import_dataset button").click()
    expect(page.get_by_text("is one part of several: part 001 is missing")).to_be_visible()
    parts.set_input_files([tmp_path / f"shapes.zip.{number:03}" for number in (1, 2)])
    expect(area).to_contain_text("2 files")
    expect(page.locator(".st-key-dataset_name input")).to_have_value("shapes")
    page.locator(".st-key-import_dataset button").click()
    expect(page.get_by_text("shapes: 24 images in 2 classes")).to_be_visible()


def test_a_dataset_is_made_with_the_camera_picture_after_picture(browser, server):
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
    ]
    executable = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
    with browser.browser_type.launch(executable_path=executable, args=flags) as own:
        page = own.new_page()
        page.goto(f"{server.address}/data")
        page.get_by_text("Make a dataset with the camera").click()
        page.locator(".st-key-camera_on label").first.click()
        video, shutter = page.locator("video"), page.get_by_role("button", name="Take picture")
        expect(video).to_have_js_property("readyState", HAS_ENOUGH_DATA)
        stream = video.evaluate("video => video.srcObject.id")
        for label in ("cup", "pen"):
            page.locator(".st-key-camera_class input").fill(label)
            page.locator(".st-key-camera_class input").press("Enter")
            wait_for_script(page)
            for count in (1, 2):
                shutter.click()
                expect(page.get_by_text(f"{label} · {count}")).to_be_visible()
                expect(page.locator(".st-key-camera_last img")).to_have_count(count)
        page.locator(".st-key-camera_undo button").click()
        expect(page.get_by_text("pen · 1")).to_be_visible()
        expect(page.locator(".st-key-import_pictures button")).to_be_disabled()
        shutter.click()
        expect(page.get_by_text("pen · 2")).to_be_visible()
        assert video.evaluate("video => video.srcObject.id") == stream  # it has never been off
        page.locator(".st-key-camera_name input").fill("Desk")
        page.locator(".st-key-import_pictures button").click()
        expect(page.get_by_text("Desk: 4 images in 2 classes")).to_be_visible()
