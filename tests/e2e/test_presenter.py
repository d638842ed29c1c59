"""Presenter mode in a browser: a recorded study told slide by slide, nothing trained."""

import pytest
from playwright.sync_api import expect

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from tests.conftest import draw_zip
from tests.made_studies import made_study, study_base, with_id
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e
TRAINS = False

LINE = """() => document.querySelector('.cnnlab-p-line[data-arm=dropout]')
  .getAttribute('d').split('L').length"""


@pytest.fixture(scope="module")
def study(server, tmp_path_factory):
    """A finished study in the server's home: dropout helps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        dataset = lab.import_dataset(draw_zip(tmp_path_factory.mktemp("up") / "shades.zip"))
        arms = ready_arms(["baseline", "dropout"])
        found = lab.compare_arms(study_base(dataset.id), arms, seeds=4)
        return made_study(with_id(found, "s1"), {"baseline": 0.8, "dropout": 0.9})


def present(page, server, study, slide=1):
    page.goto(f"{server.address}/study?study={study.id}&present=1&slide={slide}")
    expect(page.locator(".cnnlab-presenter nav button")).to_have_count(6)


def slide(page, name):
    return page.locator(f".cnnlab-presenter [data-slide={name}]")


def test_a_study_is_told_from_question_to_verdict(page, server, study):
    present(page, server, study)
    expect(slide(page, "question")).to_contain_text("Does dropout help on “shades”?")
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
    verdict = slide(page, "verdict")
    expect(verdict.locator("h1")).to_have_text("Dropout helps")
    expect(verdict).to_contain_text("You expected: hurts. The data say: helps.")
    assert page.url.endswith("slide=5")
    assert page.evaluate("window.sameVisit")


def test_a_reload_keeps_the_slide_and_what_was_expected(page, server, study):
    present(page, server, study, slide=3)
    slide(page, "expect").get_by_text("helps", exact=True).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.reload()
    chosen = slide(page, "expect").locator("[aria-pressed=true]")
    expect(chosen).to_have_text("helps")
    page.locator(".cnnlab-presenter nav button").nth(4).click()
    expect(slide(page, "verdict")).to_contain_text("You expected: helps. The data say so too.")


def test_arms_and_speed_are_chosen_with_the_mouse(page, server, study):
    present(page, server, study, slide=4)
    curves = slide(page, "curves")
    curves.get_by_role("button", name="4×").click()
    curves.locator(".cnnlab-p-start").click()
    expect(curves).to_contain_text("Epoch 12 of 12")
    expect(curves.locator(".cnnlab-p-head")).to_have_text(["baseline", "dropout"])
    expect(curves.locator(".cnnlab-p-play")).to_contain_text("Again")
    curves.get_by_role("button", name="baseline").click()
    expect(curves.locator(".cnnlab-p-line[data-arm=baseline]")).to_be_hidden()
    expect(curves.locator(".cnnlab-p-line[data-arm=dropout]")).to_be_visible()


def test_without_motion_the_whole_curves_are_there_at_once(page, server, study):
    page.emulate_media(reduced_motion="reduce")
    present(page, server, study, slide=4)
    expect(slide(page, "curves")).to_contain_text("Epoch 12 of 12")
    assert page.evaluate(LINE) == 12


def test_the_slides_cover_the_page_until_escape(page, server, study):
    present(page, server, study, slide=2)
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
    for _ in range(6):
        assert page.evaluate(over) == [0, 0]
        page.keyboard.press("ArrowRight")


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
