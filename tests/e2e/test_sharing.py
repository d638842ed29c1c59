"""A study is shared by links, and who opens them reaches nothing else of the app."""

import pytest
from playwright.sync_api import expect

from tests.made_studies import dropout_helps
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e
TRAINS = False


@pytest.fixture(scope="module")
def study(server, tmp_path_factory):
    """A finished study in the server's home: dropout helps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        return dropout_helps(tmp_path_factory.mktemp("up"))


class Guest:
    """A browser of somebody else: what it asked for, and what it had to complain about."""

    def __init__(self, browser):
        self.page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        self.asked, self.complaints = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda told: self.complaints.append(told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, link):
        self.page.goto(link)
        return self.page


def make_link(page):
    page.get_by_role("button", name="Make a link").click()
    code = page.locator(".st-key-new_link code")
    expect(code).to_contain_text("/shared/")
    return code.inner_text().strip()


def test_a_guest_reads_report_and_slides_and_asks_the_app_for_nothing_else(
    page, browser, server, study
):
    page.goto(f"{server.address}/study?study={study.id}")
    page.locator(".st-key-study_menu button").click()
    page.locator(".st-key-share_study button").click()
    report = make_link(page)
    guest = Guest(browser)
    shown = guest.open(report)
    expect(shown.locator("h1")).to_have_text(study.name)
    expect(shown.locator(".plot .main-svg").first).to_be_visible()
    assert guest.page.evaluate("origin") == "null"
    assert [guest.asked, guest.complaints] == [[report], []]

    page.goto(f"{server.address}/study?study={study.id}&present=1")
    expect(page.locator(".cnnlab-presenter nav button").first).to_be_visible()
    page.locator(".cnnlab-presenter [data-do=share]").click()
    slides = make_link(page)
    page.keyboard.press("ArrowRight")  # in the dialog: the slides behind it stay
    assert (
        page.locator(".cnnlab-presenter section:not([hidden])").get_attribute("data-slide")
        == "question"
    )
    guest = Guest(browser)
    shown = guest.open(slides)
    expect(shown.locator("[data-slide=question] h1")).to_be_visible()
    expect(shown.locator("[data-do=share], [data-do=edit], [data-do=notes]")).to_have_count(0)
    shown.keyboard.press("ArrowRight")
    images = shown.locator("[data-slide=data] img")
    wait_until(lambda: images.evaluate_all("(all) => all.every((one) => one.naturalWidth > 0)"))
    shown.keyboard.press("ArrowRight")
    shown.locator("[data-slide=expect]").get_by_text("hurts", exact=True).click()
    shown.keyboard.press("End")
    expect(shown.locator("[data-slide=limits]")).to_be_visible()
    asked = [address for address in guest.asked if not address.startswith("data:")]
    assert [asked, guest.complaints] == [[slides], []]

    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.locator(".st-key-new_link")).to_have_count(0)
    again = Guest(browser).open(slides)
    expect(again.locator("h1")).to_have_text("This link leads nowhere")
