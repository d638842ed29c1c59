"""A network built in the browser: by mouse, by keys alone, with a mistake that is taken back.

And the form around it: what is typed stays, a switch is for fingers and for who doesn't see it.
"""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.conftest import draw_zip
from tests.e2e.axe import SCRIPT, findings
from tests.e2e.test_main_job import begin_plainly, set_number, wait_for_script

pytestmark = pytest.mark.e2e
TRAINS = False


@pytest.fixture(scope="module")
def _dataset(server, tmp_path_factory):
    server.import_dataset(draw_zip(tmp_path_factory.mktemp("network") / "a.zip"), "Shades")


@pytest.fixture
def editor(page, server, _dataset):
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    editor = page.locator(".st-key-layers_editor .cnnlab-network")
    expect(editor.locator(".cnnlab-net-card")).to_have_count(10)  # small_cnn
    wait_for_script(page)
    return editor


def kinds(editor):
    """The list that is edited, as the editor gives it away."""
    editor.locator(".cnnlab-net-bar [data-do=json]").click()
    layers = json.loads(editor.locator("textarea").input_value())
    editor.locator(".cnnlab-net-bar [data-do=json]").click()
    return [layer["kind"] for layer in layers]


def add(editor, kind):
    editor.locator("[data-do=add]").click()
    editor.locator(f".cnnlab-net-palette [data-kind={kind}]").click()


@pytest.mark.exhaustive
def test_what_is_typed_before_the_page_has_answered_stays(page, server, _dataset):
    """A browser that is slow to draw: the recipe that it still shows doesn't come back."""
    held, is_held = [], False

    def to_browser(socket, message):
        if is_held:
            held.append((socket, message))
        else:
            socket.send(message)

    def connect(socket):
        socket.connect_to_server().on_message(lambda message: to_browser(socket, message))

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    is_held = True
    set_number(page, "epochs", 33)
    while not any(b"33 epochs" in message for _, message in held):  # the page has been run
        page.wait_for_timeout(100)
    set_number(page, "image_size", 24)
    page.locator(".st-key-batch_size input").fill("8")  # and not entered yet
    is_held = False
    for socket, message in held:
        socket.send(message)
    expect(page.locator(".st-key-train_side")).to_contain_text("33 epochs")
    wait_for_script(page)
    for key, value in (("epochs", "33"), ("image_size", "24"), ("batch_size", "8")):
        expect(page.locator(f".st-key-{key} input")).to_have_value(value)
    expect(page.locator(".st-key-batch_size input")).to_be_focused()


def test_a_switch_is_for_a_finger_and_for_who_does_not_see_it(page, server, _dataset):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    row = page.locator(".st-key-row_aug_rotation_degrees")
    strength = row.locator(".st-key-aug_rotation_degrees")
    expect(strength).to_be_hidden()
    row.get_by_role("button", name="Rotation off").click()
    switch = row.get_by_role("button", name="Rotation on")
    expect(switch).to_be_visible()
    expect(switch).to_be_focused()
    expect(strength).to_be_visible()
    assert switch.bounding_box()["height"] >= 44


def test_a_change_is_told_all_over_the_page_and_taken_back(page, server, _dataset):
    page.goto(f"{server.address}/train")
    begin_plainly(page)
    epochs, side = page.locator(".st-key-epochs input"), page.locator(".st-key-train_side")
    before = epochs.input_value()
    set_number(page, "image_size", 24)
    expect(page.locator(".st-key-reset_main_choices")).to_contain_text("Reset 1 change")
    wait_for_script(page)
    set_number(page, "epochs", 33)
    expect(page.locator(".st-key-reset_main_choices")).to_contain_text("Reset 2 changes")
    expect(side).to_contain_text("33 epochs")
    expect(page).to_have_url(re.compile("epochs"))
    wait_for_script(page)
    page.locator(".st-key-learning_rate_higher button").click()
    expect(page.locator(".st-key-reset_all")).to_contain_text("Reset all 3 changes")
    expect(page.locator(".st-key-learning_rate input")).to_have_value("0.002")
    wait_for_script(page)
    page.locator(".st-key-reset_main_choices button").first.click()
    expect(page.locator(".st-key-reset_main_choices")).to_have_count(0)
    expect(epochs).to_have_value(before)
    expect(side).not_to_contain_text("33 epochs")


@pytest.mark.exhaustive
def test_the_palette_is_opened_at_once_and_stays_while_the_page_runs(page, server, _dataset):
    page.goto(f"{server.address}/train")
    page.locator(".st-key-layers_editor [data-do=add]").click()
    palette = page.locator(".st-key-layers_editor .cnnlab-net-palette")
    expect(palette).to_be_visible()
    wait_for_script(page)
    page.locator(".st-key-image_size input").fill("32")
    page.locator(".st-key-image_size input").press("Enter")
    expect(page.locator(".st-key-layers_editor .cnnlab-net-card").nth(1)).to_contain_text("32 × 32")
    expect(palette).to_be_visible()


@pytest.mark.exhaustive
def test_a_net_is_built_from_nothing_by_mouse(page, editor):
    editor.locator("[data-do=empty]").click()
    train = page.locator(".st-key-launch_run button")
    expect(editor.locator(".cnnlab-net-sum")).to_contain_text("add the first one")
    expect(train).to_be_disabled()
    for kind in ("conv", "max_pool", "dense"):
        add(editor, kind)
    editor.locator(".cnnlab-net-card").nth(1).click()
    editor.locator("[data-field=filters]").fill("5")
    expect(editor.locator(".cnnlab-net-card").nth(1)).to_contain_text("48 × 48 × 5")
    editor.locator(".cnnlab-net-actions [data-do=freeze]").click()
    expect(editor.locator("[data-frozen]")).to_have_count(1)
    editor.locator(".cnnlab-net-block").nth(1).drag_to(editor.locator(".cnnlab-net-block").nth(2))
    expect(editor.locator(".cnnlab-net-card").nth(2)).to_contain_text("24 × 24 × 5")
    expect(train).to_be_enabled()
    assert kinds(editor) == ["max_pool", "conv", "dense"]
    name = page.locator(".st-key-run_name input")
    given = "Run name: Shades, own network, frozen layers 1"
    expect(name).to_have_attribute("placeholder", given)


def test_a_net_is_built_by_keys_alone_and_a_mistake_is_taken_back(page, editor):
    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    cards = editor.locator(".cnnlab-net-card")
    editor.locator("[data-do=empty]").focus()
    press("Enter")
    expect(editor.locator("[data-do=add]")).to_be_focused()
    press("Enter", "Enter")  # the first kind: a convolution
    expect(cards.nth(1)).to_be_focused()
    press("Control+d", "Insert", *["ArrowDown"] * 6, "Enter")
    expect(cards.nth(3)).to_contain_text("Max pooling")
    press("Alt+ArrowLeft", "Enter")  # one place earlier, then to its field
    expect(editor.locator("[data-field=pool_size]")).to_be_focused()
    press("Control+a", *"16", "Alt+ArrowLeft", "Control+d")  # nothing to a field, nor to the page
    expect(cards.nth(2)).to_contain_text("3 × 3 × 32")
    expect(cards).to_have_count(5)
    press("Escape")
    expect(cards.nth(2)).to_be_focused()
    press("Control+d")
    wrong = editor.locator("[data-wrong] .cnnlab-net-wrong")
    expect(wrong).to_contain_text("takes 16 px at a time, but the layers before it leave 3 px")
    expect(page.locator(".st-key-launch_run button")).to_be_disabled()
    press("Control+z")
    expect(wrong).to_have_count(0)
    expect(editor.locator(".cnnlab-net-live")).to_have_text("Taken back.")
    expect(page.locator(".st-key-launch_run button")).to_be_enabled()
    expect(cards.nth(2)).to_be_focused()  # what was chosen then
    press("ArrowRight", "Delete")
    expect(cards).to_have_count(4)
    assert kinds(editor) == ["conv", "max_pool"]


@pytest.mark.exhaustive
def test_paths_are_edited_and_a_wrong_paste_loses_nothing(page, editor):
    add(editor, "branch_block")
    editor.locator("[aria-label='+ layer at the end of path 2']").click()
    editor.locator(".cnnlab-net-palette [data-kind=batch_norm]").click()
    chip = editor.locator(".cnnlab-net-chip", has_text="Batch norm")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_contain_text("48 × 48 × 16")
    editor.locator(".cnnlab-net-bar [data-do=json]").click()
    editor.locator("textarea").fill('[{"kind": "conv", "filters": 1000000000}]')
    editor.locator(".cnnlab-net-json [data-do=paste]").click()
    expect(editor.locator("[data-said]")).to_contain_text("Filters must be a whole number from 1")
    expect(editor.locator(".cnnlab-net-card")).to_have_count(11)


@pytest.mark.skipif(not SCRIPT.exists(), reason="axe-core isn't there: Node installs it")
def test_axe_finds_nothing_in_the_editor(page, editor):
    add(editor, "branch_block")
    expect(editor.locator(".cnnlab-net-chip").first).to_be_visible()
    found = {"branches": findings(page)}
    editor.locator("[data-do=add]").click()
    found["palette"] = findings(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", "dark")
    expect(page.locator(".cnnlab-network[data-narrow]")).to_be_visible()
    found["phone"] = findings(page)
    assert {name: some for name, some in found.items() if some} == {}
