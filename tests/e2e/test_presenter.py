"""Presenter mode in a browser: a recorded study told slide by slide, nothing trained.

That it follows a study that trains is seen in `test_study.py`.
"""

import numpy as np
import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.predictions import Predictions
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.attempts.predictions import PredictionWriter
from tests.e2e.axe import SCRIPT, findings
from tests.made_studies import dropout_helps
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e
TRAINS = False
MOVES = True

LINE = """() => document.querySelector('.cnnlab-p-line[data-arm=dropout]')
  .getAttribute('d').split('L').length"""


@pytest.fixture(scope="module")
def study(server, tmp_path_factory):
    """A finished study in the server's home: dropout helps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        made = dropout_helps(tmp_path_factory.mktemp("up"))
        for run in lab.study_runs(made.id):
            keep_predictions(run)
        return made


def keep_predictions(run):
    """What each run says of two pictures: dropout is right about both, baseline about none."""
    labels = np.array([0, 1])
    named = labels if run.arm == "dropout" else 1 - labels
    said = np.eye(2, dtype=np.float32)[named] * 0.9 + 0.05
    writer = PredictionWriter(newest_attempt(run).predictions, run.last["epoch"] + 1)
    for epoch in range(run.last["epoch"] + 1):
        writer.append(epoch, Predictions(np.array([3, 30]), labels, said))
    writer.close()


SLIDES = ["question", "data", "expect", "curves", "gap", "verdict", "mistakes", "limits"]


def present(page, server, study, slide="question", *, mode="1"):
    page.goto(f"{server.address}/study?study={study.id}&present={mode}&slide={slide}")
    expect(page.locator(".cnnlab-presenter nav button").first).to_be_visible()


def shown(page):
    return page.locator(".cnnlab-presenter section:not([hidden])").get_attribute("data-slide")


def slide(page, name):
    return page.locator(f".cnnlab-presenter [data-slide={name}]")


def test_a_study_is_told_from_question_to_verdict(page, server, study):
    present(page, server, study)
    expect(slide(page, "question")).to_contain_text("Does dropout help on 'shades'?")
    page.evaluate("window.sameVisit = true")
    page.keyboard.press("ArrowRight")
    images = slide(page, "data").locator("img")
    expect(images).to_have_count(6)
    wait_until(lambda: images.evaluate_all("(all) => all.every((one) => one.naturalWidth > 0)"))
    page.keyboard.press("ArrowRight")
    slide(page, "expect").get_by_text("hurts", exact=True).click()
    page.keyboard.press("ArrowRight")
    expect(slide(page, "curves")).to_contain_text("Epoch 1 of 12")
    page.keyboard.press("Space")
    wait_until(lambda: page.evaluate(LINE) > 4)
    page.keyboard.press("Space")
    expect(slide(page, "curves").locator(".cnnlab-p-play")).to_contain_text("Play")
    page.keyboard.press("ArrowRight")
    expect(slide(page, "gap").locator("[data-arm=dropout]")).to_contain_text("points apart")
    page.keyboard.press("ArrowRight")
    verdict = slide(page, "verdict")
    expect(verdict.locator("h1")).to_have_text("Dropout helps")
    expect(verdict).to_contain_text("You expected: hurts. The data say: helps.")
    assert page.url.endswith("slide=verdict")
    assert page.evaluate("window.sameVisit")
    page.keyboard.press("ArrowRight")
    picture = slide(page, "mistakes").locator("img").first
    expect(slide(page, "mistakes")).to_contain_text("0 of 4 right")
    wait_until(lambda: picture.evaluate("(one) => one.naturalWidth > 0"))


@pytest.mark.exhaustive
def test_a_reload_keeps_the_slide_and_what_was_expected(page, server, study):
    present(page, server, study, slide=3)  # as an earlier version called it
    slide(page, "expect").get_by_text("helps", exact=True).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.reload()
    chosen = slide(page, "expect").locator("[aria-pressed=true]")
    expect(chosen).to_have_text("helps")
    page.get_by_role("button", name="6: The verdict").click()
    expect(slide(page, "verdict")).to_contain_text("You expected: helps. The data say so too.")


@pytest.mark.exhaustive
def test_arms_and_speed_are_chosen_with_the_mouse(page, server, study):
    present(page, server, study, slide="curves")
    curves = slide(page, "curves")
    curves.get_by_role("button", name="4×").click()
    curves.locator(".cnnlab-p-start").click()
    expect(curves).to_contain_text("Epoch 12 of 12")
    expect(curves.locator(".cnnlab-p-head")).to_have_text(["baseline", "dropout"])
    expect(curves.locator(".cnnlab-p-play")).to_contain_text("Again")
    curves.get_by_role("button", name="baseline").click()
    expect(curves.locator(".cnnlab-p-line[data-arm=baseline]")).to_be_hidden()
    expect(curves.locator(".cnnlab-p-line[data-arm=dropout]")).to_be_visible()


@pytest.mark.exhaustive
def test_without_motion_the_whole_curves_are_there_at_once(page, server, study):
    page.emulate_media(reduced_motion="reduce")
    present(page, server, study, slide="curves")
    expect(slide(page, "curves")).to_contain_text("Epoch 12 of 12")
    assert page.evaluate(LINE) == 12


@pytest.mark.exhaustive
def test_the_slides_cover_the_page_until_escape(page, server, study):
    present(page, server, study, slide="data")
    box = page.locator(".cnnlab-presenter").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1440, "height": 900}
    for x, y in ((5, 5), (1435, 895), (720, 20)):
        inside = "([x, y]) => !!document.elementFromPoint(x, y).closest('.cnnlab-presenter')"
        assert page.evaluate(inside, [x, y])
    page.keyboard.press("Escape")
    expect(page.locator(".cnnlab-presenter")).to_have_count(0)
    page.wait_for_url(f"**/study?study={study.id}")


def test_nothing_is_cut_off_on_a_phone(page, server, study):
    page.set_viewport_size({"width": 390, "height": 844})
    present(page, server, study)
    over = """() => {
      const now = document.querySelector('.cnnlab-presenter section:not([hidden])')
      return [now.scrollWidth - now.clientWidth, now.scrollHeight - now.clientHeight]
    }"""
    for name in SLIDES:
        assert shown(page) == name
        assert page.evaluate(over) == [0, 0], name
        page.keyboard.press("ArrowRight")


@pytest.fixture
def usual_deck(server, study):
    """Slides as nobody has arranged them, before and after."""
    path = server.home / "studies" / study.id / "deck.json"
    path.unlink(missing_ok=True)
    yield
    path.unlink(missing_ok=True)


def test_slides_are_moved_hidden_and_noted_and_who_only_reads_sees_no_note(
    page, server, study, usual_deck
):
    present(page, server, study, slide="gap")
    page.keyboard.press("e")
    page.keyboard.type("Say this slowly.")
    page.keyboard.press("Alt+ArrowDown")
    editor = page.locator(".cnnlab-p-editor")
    editor.get_by_role("button", name="Hide The data").click()
    grip = editor.locator("[data-choice=limits] .cnnlab-p-grip")
    grip.hover()
    page.mouse.down()
    editor.locator("[data-choice=mistakes] .cnnlab-p-grip").hover()
    above = editor.locator("[data-choice=mistakes]").bounding_box()
    page.mouse.move(above["x"] + 10, above["y"] + 2)
    page.mouse.up()
    expect(editor.locator(".cnnlab-p-saved")).to_have_text("Saved")
    order = ["question", "expect", "curves", "verdict", "gap", "limits", "mistakes"]
    page.keyboard.press("Escape")
    notes = page.locator(".cnnlab-p-notes")
    expect(notes).to_be_hidden()
    page.reload()
    expect(page.locator(".cnnlab-presenter nav button")).to_have_count(len(order))
    assert shown(page) == "gap"
    page.keyboard.press("n")
    expect(notes).to_have_text("Say this slowly.")
    reader = page.context.new_page()
    present(reader, server, study, mode="read")
    seen = []
    for _ in order:
        seen.append(shown(reader))
        reader.keyboard.press("ArrowRight")
    assert seen == order
    assert "Say this slowly." not in reader.content()
    reader.close()


def test_a_study_is_read_alone_by_key_with_no_way_out(page, server, study):
    present(page, server, study, mode="read")
    page.keyboard.press("End")
    assert shown(page) == "limits"
    page.keyboard.press("Home")
    assert shown(page) == "question"
    for key in ("Escape", "e", "n"):
        page.keyboard.press(key)
    expect(page.locator(".cnnlab-presenter")).to_be_visible()
    assert page.get_by_role("button", name="Leave").count() == 0
    visited = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        inside = "() => document.activeElement.closest('.cnnlab-presenter') !== null"
        assert page.evaluate(inside)
        visited.add(page.evaluate("() => document.activeElement.textContent.trim()"))
    assert any("Next" in words for words in visited)
    page.get_by_role("button", name="2: The data").focus()
    page.keyboard.press("Enter")
    assert shown(page) == "data"


@pytest.mark.skipif(not SCRIPT.exists(), reason="axe-core isn't there: Node installs it")
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
def test_no_slide_has_hurdles(page, server, study, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    present(page, server, study)
    rules = [] if scheme == "light" else ["color-contrast"]
    found = {}
    for name in SLIDES:
        found[name] = findings(page, *rules)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    found["arranging"] = findings(page, *rules)
    assert {name: some for name, some in found.items() if some} == {}


@pytest.mark.exhaustive
def test_a_finger_on_a_chart_moves_the_page(browser, server, study):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{server.address}/study?study={study.id}")
    plot = page.locator(".st-key-study_chart .js-plotly-plot").first
    expect(plot.locator("svg.main-svg").first).to_be_visible(timeout=60_000)
    assert plot.evaluate("plot => plot._fullLayout.dragmode") is False
    assert plot.locator(".modebar-btn").count() == 0
    finger = context.new_cdp_session(page)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    main = page.get_by_test_id("stMain")
    before = main.evaluate("main => main.scrollTop")
    for kind, up in (("touchStart", 0), *(("touchMove", 20 * step) for step in range(1, 11))):
        place = {"x": box["x"] + 150, "y": box["y"] + 200 - up}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_until(lambda: main.evaluate("main => main.scrollTop") > before + 100)
    context.close()
