"""The table of many runs in a browser: a view by its address, two hundred of them taken along."""

import csv

import pytest
from playwright.sync_api import expect

from tests.conftest import draw_zip
from tests.e2e.test_main_job import wait_for_script
from tests.made_many_runs import add_many_runs

pytestmark = pytest.mark.e2e
TRAINS = False
RUNS, DROPPED_OUT = 500, "regularization.dropout:0.01.."


def names(page):
    return page.locator(".st-key-runs_table tbody th a").all_inner_texts()


@pytest.mark.exhaustive
def test_an_address_restores_a_view_of_which_two_hundred_runs_are_taken_along(
    page, server, tmp_path
):
    dataset = server.import_dataset(draw_zip(tmp_path / "many.zip"), "Many")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        add_many_runs(dataset.id, RUNS)
    page.goto(f"{server.address}/runs?range={DROPPED_OUT}")
    expect(page.locator(".st-key-runs_table tbody tr")).to_have_count(100)
    wait_for_script(page)
    head = page.locator(".st-key-runs_table thead [data-field=val_accuracy]")
    head.locator("button").press("Enter")
    page.wait_for_url("**sort=-val_accuracy**")
    expect(head).to_have_attribute("aria-sort", "descending")  # the address comes before the rows
    wait_for_script(page)
    seen, chosen = names(page), page.locator(".st-key-runs_bulk")
    page.reload()
    expect(page.locator(".st-key-runs_table tbody tr")).to_have_count(100)
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names(page) == seen
    all_of_page = page.get_by_label("Choose all runs of this page")
    all_of_page.press("Space")
    expect(chosen).to_contain_text("100 chosen")
    page.locator(".st-key-next_page button").press("Enter")
    page.wait_for_url("**page=2**")
    wait_for_script(page)
    expect(all_of_page).not_to_be_checked()
    all_of_page.press("Space")
    expect(chosen).to_contain_text("200 chosen")
    wait_for_script(page)
    with page.expect_download() as download:
        page.locator(".st-key-runs_csv a").press("Enter")
    assert download.value.suggested_filename == "cnnlab-runs.csv"
    with download.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [*seen, *names(page)]
    assert all(float(row["config.regularization.dropout"]) >= 0.01 for row in rows)
    page.locator(".st-key-runs_table tbody td:last-child").first.click()
    page.wait_for_url("**run=**")
