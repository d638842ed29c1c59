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
    page.locator(".st-key-look_at_import button").click()
    expect(page.locator(".st-key-finding_few_images").get_by_text("fewer than")).to_be_in_viewport()
    page.locator(".st-key-gallery_few_images button").click()
    expect(page.locator(".st-key-gallery .cnnlab-gallery button").first).to_be_in_viewport()


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
def test_what_can_be_done_with_selected_images_is_at_hand_on_a_phone(page, server, tmp_path):
    page.set_viewport_size({"width": 390, "height": 844})
    dataset = server.import_dataset(draw_zip(tmp_path / "many.zip", each=30), "Many")
    page.goto(f"{server.address}/data?dataset={dataset.id}")
    page.get_by_role("radio", name="Gallery").click()
    wait_for_script(page)
    tiles = page.locator(".st-key-gallery .cnnlab-gallery button")
    tiles.first.scroll_into_view_if_needed()
    exclude = page.locator(".st-key-fix_exclude button")
    expect(exclude).not_to_be_in_viewport()
    before = tiles.first.bounding_box()
    boxes = page.locator(".st-key-gallery .cnnlab-gallery input")
    boxes.first.click()
    expect(page.locator(".st-key-gallery_actions")).to_contain_text("1 image selected")
    for name in ("Exclude", "Give this class", "Move to this split"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(tiles.first).to_be_in_viewport(ratio=0.99)  # scrolling stops at whole pixels
    assert tiles.first.bounding_box() == before
    tiles.nth(1).click()
    viewer = page.locator(".st-key-gallery .cnnlab-viewer")
    expect(viewer).to_contain_text("2 of 60")
    page.keyboard.press("ArrowLeft")
    expect(viewer.get_by_label("Selected")).to_be_checked()
    page.keyboard.press("Escape")
    expect(tiles.nth(1)).to_be_focused()
    exclude.click()
    expect(page.get_by_text("Version 2: 1 image excluded").first).to_be_visible()


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
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
    open_fold(page)
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


def test_photos_of_classes_survive_a_reload_and_the_camera_adds_more_while_held(
    browser, server, tmp_path
):
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
    ]
    photos = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, photo in enumerate(photos):
        photo.write_bytes(jpeg(number))
    (tmp_path / "notes.txt").write_text("no picture")
    executable = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
    with browser.browser_type.launch(executable_path=executable, args=flags) as own:
        page = own.new_page()
        page.goto(f"{server.address}/data")
        open_fold(page)
        card = page.locator(".cnnlab-card").first
        card.locator("input[type=text]").fill("cup")
        card.locator("input[type=file]").set_input_files([*photos, tmp_path / "notes.txt"])
        expect(card).to_contain_text("3 pictures")
        expect(card).to_contain_text("1 file is no picture")
        expect(page.get_by_text("needed; 20 of each")).to_be_visible()  # all have arrived
        page.reload()
        open_fold(page)
        cup, pen = (page.locator(".cnnlab-card").nth(number) for number in range(2))
        expect(cup.locator("input[type=text]")).to_have_value("cup")
        expect(cup.locator("li")).to_have_count(3)
        enlarge_and_take_out(page, cup)
        pen.locator("input[type=text]").fill("pen")
        pen.get_by_role("button", name="Camera").click()
        expect(pen.locator("video")).to_have_js_property("readyState", HAS_ENOUGH_DATA)
        hold = pen.get_by_role("button", name="Hold to record")
        expect(hold).to_be_focused()
        page.route("**/drafts/*/*/*", lambda route: None)
        page.keyboard.down("Space")
        expect(pen.locator("li").nth(3)).to_be_attached()  # without another press
        page.keyboard.up("Space")
        expect(page.locator(".cnnlab-card-foot")).to_contain_text("on the way")
        page.get_by_role("button", name="Make the dataset").click()  # waits for the pictures
        page.unroute("**/drafts/*/*/*")  # which lets those go on that are held
        expect(page.get_by_text(re.compile("cup and pen: .* images in 2 classes"))).to_be_visible()
        expect(page.locator(".st-key-train_on_dataset button")).to_be_in_viewport(ratio=1)
        open_fold(page)
        expect(page.locator(".cnnlab-card li")).to_have_count(0)


def open_fold(page):
    """Have the cards in sight: they are folded away where there is a dataset of one's own."""
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning"
    )
    fold = page.locator(".st-key-new_images details").first
    expect(page.locator(".cnnlab-cards[data-state=ready]")).to_be_attached()
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()
    expect(page.locator(".cnnlab-card").first).to_be_visible()


def enlarge_and_take_out(page, card):
    """Look at pictures large by keys, and take one out."""
    first = card.locator("li button").first
    first.click()
    viewer = page.locator(".cnnlab-cards .cnnlab-viewer")
    expect(viewer).to_contain_text("1 of 3")
    page.keyboard.press("ArrowLeft")
    expect(viewer).to_contain_text("3 of 3")
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    page.keyboard.press("Delete")
    expect(card.locator("li")).to_have_count(2)
    expect(card).to_contain_text("2 pictures")
