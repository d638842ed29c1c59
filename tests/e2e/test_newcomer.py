"""A newcomer's walk: photos of three things, trained, tried and taken along, in 12 clicks."""

import base64

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from cnnlab import lab
from tests.conftest import draw_zip
from tests.e2e.layout_shift import moved, watch
from tests.e2e.test_main_job import wait_for_script

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

MOST_CLICKS = 12
EACH = 6
DROP = """(card, files) => {
  const dataTransfer = new DataTransfer()
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
    dataTransfer.items.add(new File([bytes], name, { type: 'image/png' }))
  }
  card.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
}"""
THINGS = {"cup": "red", "pen": "green", "box": "blue"}


def photo(path, color, number):
    """A thing of one colour somewhere in a small picture."""
    image = Image.new("RGB", (24, 24), (200 + 4 * number, 215, 225))
    ImageDraw.Draw(image).ellipse([number, 2, number + 15, 18], fill=color)
    image.save(path)
    return path


def drop(card, paths):
    """Drop photos on a card, as a hand does: none of the clicks."""
    files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths]
    card.evaluate(DROP, files)


class Hand:
    """Clicks, and counts its clicks."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, place):
        place.click()
        self.clicks += 1


@pytest.mark.exhaustive
def test_the_place_for_photos_holds_still_while_it_comes(page, server, tmp_path):
    server.import_dataset(draw_zip(tmp_path / "sample.zip"), lab.SAMPLE_NAME)  # so it is open
    watch(page)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{server.address}/data")
        expect(page.locator(".cnnlab-card")).to_have_count(3)
        expect(page.locator(".st-key-dataset_upload .cnnlab-upload")).to_be_attached()
        wait_for_script(page)
        assert moved(page) == [], width


def test_photos_of_three_things_become_a_model_that_is_tried_and_taken_along(
    page, server, tmp_path
):
    hand = Hand(page)
    page.goto(server.address)
    hand.click(page.get_by_role("link", name="Data", exact=True).first)
    cards = page.locator(".cnnlab-card")
    expect(cards).to_have_count(3)  # two classes, and the place of another one
    hand.click(page.get_by_role("button", name="Add a class"))
    for number, (name, color) in enumerate(THINGS.items()):
        card = cards.nth(number)
        drop(card, [photo(tmp_path / f"{name}{n}.png", color, n) for n in range(EACH)])
        field = card.locator("input[type=text]")
        hand.click(field)
        page.keyboard.type(name)  # in place of what stood there, which is selected
        expect(card).to_contain_text(f"{EACH} pictures")
    hand.click(page.get_by_role("button", name="Make the dataset"))
    expect(page.get_by_text("18 images in 3 classes")).to_be_visible()
    hand.click(page.locator(".st-key-train_on_dataset button"))
    hand.click(page.locator(".st-key-launch_run button:enabled"))
    page.wait_for_url("**/runs?run=*")
    pill = page.locator(".st-key-run_status .cnnlab-pill")
    expect(pill).to_have_attribute("data-status", "finished", timeout=300_000)
    if not page.locator(".st-key-predict_upload").is_visible():
        hand.click(page.locator(".st-key-try_panel summary"))
    other = photo(tmp_path / "new.png", THINGS["pen"], 7)
    page.locator(".st-key-predict_upload input[type=file]").set_input_files(other)
    expect(page.locator(".st-key-prediction")).to_contain_text("pen")
    with page.expect_download() as download:
        hand.click(page.locator(".st-key-download_model a"))
    assert download.value.suggested_filename.endswith(".zip")
    assert hand.clicks <= MOST_CLICKS
