"""A real model judged in a browser: from its run to the pictures of a cell, by keys alone.

By hand (-m exhaustive): in the check a real model is judged in `tests/worker/judging/`, the page is
looked at with a made judgement in `test_judging.py`.
"""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_main_job import wait_for_script

pytestmark = [pytest.mark.e2e, pytest.mark.exhaustive]
TRAINED = True


def test_a_model_is_judged_and_the_pictures_of_a_cell_are_reached_by_keys(page, server, run):
    page.goto(f"{server.address}/runs?run={run}")
    page.locator(".st-key-open_evaluate button").click()
    page.wait_for_url(f"**/evaluate?run={run}")
    matrix = page.locator(".st-key-confusion_matrix")
    cells = matrix.get_by_role("gridcell")
    expect(cells).to_have_count(4)
    counts = [int(text or 0) for text in cells.all_inner_texts()]
    assert sum(counts) == 10  # the validation images
    full = max(range(4), key=counts.__getitem__)
    wait_for_script(page)
    matrix.locator("td[tabindex='0']").focus()
    page.keyboard.press("Control+Home")
    for key in ["ArrowDown"] * (full // 2) + ["ArrowRight"] * (full % 2):
        page.keyboard.press(key)
    expect(cells.nth(full)).to_be_focused()
    page.keyboard.press("Enter")
    expect(cells.nth(full)).to_have_attribute("aria-selected", "true")
    pictures = matrix.locator(".cnnlab-picture")
    expect(pictures).to_have_count(counts[full])
    expect(cells.nth(full)).to_be_focused()
    check_large(page, matrix, pictures)
    page.reload()  # found again, without another job
    expect(cells).to_have_count(4)


def check_large(page, matrix, pictures):
    """One picture opened, turned and closed by keys; the focus is back where it was."""
    opener = pictures.first.get_by_role("button")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = matrix.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("dl > div")).to_have_count(2)
    first = dialog.get_by_role("heading").inner_text()
    assert ("recognized with" in first) or ("taken for" in first)
    page.wait_for_function("() => document.querySelector('dialog[open] img').naturalWidth > 0")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
