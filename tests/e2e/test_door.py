"""A person opens the link that was printed, in two browsers, and comes back without it."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import draw_zip, end_processes_of
from tests.e2e.conftest import Server

LINK = re.compile(r"^http://127\.0\.0\.1:\d+/\?token=\S+$", re.MULTILINE)


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """The app as a person starts it, and the link that it printed."""
    folder = tmp_path_factory.mktemp("door")
    server = Server(folder / "home", trains=False, auth="token")
    server.import_dataset(draw_zip(folder / "few.zip", each=6), "Few")
    server.start()
    yield server.address, LINK.search((folder / "server.log").read_text())[0]
    server.kill()
    end_processes_of(server.home)


def test_the_printed_link_lets_a_browser_in_for_good(browser, asking):
    address, link = asking
    first = browser.new_context()
    page = first.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", name="This laboratory is locked")).to_be_visible()
    page.goto(f"{address}/?token=old")
    expect(page.get_by_role("heading", name="This link doesn't fit")).to_be_visible()
    page.goto(link)
    page.get_by_role("link", name="Data", exact=True).first.click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    assert "token" not in page.url
    page.reload()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    _downloads_by_cookie(page)
    first.close()

    other = browser.new_context()
    second = other.new_page()
    assert second.goto(address).status == 401
    second.goto(link)
    expect(second.get_by_role("link", name="Data", exact=True).first).to_be_visible()
    other.close()


def _downloads_by_cookie(page):
    """The report of a dataset, by the button that the page offers."""
    link = page.locator(".st-key-download_card a")
    expect(link).to_be_visible()
    assert "token" not in link.get_attribute("href")
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename.endswith("-report.html")
