"""A study's report in Chromium: opened from disk, with the network off, and printed."""

import pytest

from cnnlab.documents.study_report import render_report
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.study import Arm
from cnnlab.lab.study.report import plotly_script
from tests.documents.made_content import any_study, made_content

pytestmark = pytest.mark.e2e
NAME = "</script><img src=//evil.example/x onerror=alert(1)>"
CHARTS = "figure.chart"
FIGURES = 1 + 3 + 6


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    usual = ready_arms(["baseline", "augmentation", "dropout", "l2", "all"])
    study = any_study([*usual, Arm(NAME, {"training.batch_size": 64})])
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_report(made_content(study), plotly_script()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(browser, report, request):
    """The report, opened once for all tests that look at it so; errors and calls fail the last."""
    options = getattr(request, "param", {"viewport": {"width": 1280, "height": 900}})
    context = browser.new_context(**options)
    context.set_offline(True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    problems, calls = [], []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda call: calls.append(call.url))
    page.goto(report.as_uri())
    page.locator(f"{CHARTS} svg.main-svg").first.wait_for()
    yield page
    context.close()
    assert problems == []
    assert [url for url in calls if not url.startswith(("file://", "data:"))] == []


def test_every_chart_is_drawn_with_the_network_off(page):
    assert page.locator(CHARTS).count() == FIGURES
    drawn = page.locator(CHARTS).filter(has=page.locator("svg.main-svg"))
    assert drawn.count() == FIGURES
    lines = page.locator(f"{CHARTS} .scatterlayer path.js-line")
    assert lines.count() > 20
    assert page.locator("img").count() == 0


def test_an_arm_is_hidden_and_shown_by_a_click_on_its_name(page):
    def labels():
        return page.locator(f"{CHARTS} .annotation-text").filter(has_text="augmentation").count()

    button = page.get_by_role("button", name="augmentation")
    assert labels() == 1 + 3  # at its difference, and at the end of each of its curves
    button.click()
    assert (button.get_attribute("aria-pressed"), labels()) == ("false", 1)
    button.click()
    assert (button.get_attribute("aria-pressed"), labels()) == ("true", 1 + 3)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "page", [{"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}], indirect=True
)
def test_it_fits_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    wide = page.evaluate(
        "[...document.querySelectorAll('svg.main-svg')].filter((s) => s.clientWidth > 370).length"
    )
    assert wide == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 31)"


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "page", [{"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"}], indirect=True
)
def test_print_opens_what_is_folded_and_draws_the_charts_for_the_paper(page):
    opened = "document.querySelectorAll('details[open]').length"
    width = "document.querySelector('figure.chart svg.main-svg').clientWidth"
    before = page.evaluate(f"[{opened}, {width}]")
    page.evaluate("""() => addEventListener("beforeprint", () => {
        const svg = document.querySelector("figure.chart svg.main-svg")
        globalThis.printed = {
            folded: document.querySelectorAll("details:not([open])").length,
            width: svg.clientWidth,
            text: getComputedStyle(document.body).color,
        }
    })""")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    printed = page.evaluate("globalThis.printed")
    assert printed == {"folded": 0, "width": 688, "text": "rgb(28, 35, 51)"}
    assert page.evaluate(f"[{opened}, {width}]") == before
