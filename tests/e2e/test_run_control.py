"""What a user does to a run while it trains and after it, and what happens when things are killed.

The page and all processes are the real ones, but the worker trains without Keras: that a killed,
turned or forked training is exact is in `tests/training/` and `tests/cli/test_cli.py`.
"""

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.conftest import draw_zip
from tests.e2e.test_main_job import (
    attempt_of,
    launch,
    set_number,
    status,
    wait_for_later_epochs,
    wait_for_points,
    wait_for_script,
)
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]  # its parts have limits of their own
LIGHT = {"epoch_seconds": 0.5}

RANGE = """() => document.querySelector('.st-key-live_chart .cnnlab-panels > div')
  .layout.xaxis.range.map((x) => Math.round(1000 * x))"""
MARKS = """() => document.querySelector('.st-key-live_chart .cnnlab-panels > div')
  .layout.annotations.map(({ text, hovertext }) => [text, hovertext])"""
NAMES = """() => document.querySelector('.st-key-live_chart .cnnlab-panels > div')
  .data.map(({ name, x }) => [name, x.length])"""

FORKED = """() => {
  const charts = document.querySelectorAll('.st-key-live_chart .cnnlab-panels > div:first-child')
  return charts.length === 1 && charts[0].data?.some(({ name }) => name === 'parent, validation')
}"""
"""For a moment the chart of the page before is there too."""


def zoom(page):
    """Drag over the first chart, once it stands still and nothing lies over it."""
    wait_for_script(page)
    grown = page.evaluate(RANGE)
    chart = page.locator(".st-key-live_chart .nsewdrag").first
    chart.hover(position={"x": 40, "y": 40})
    page.mouse.down()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 160, box["y"] + 150, steps=5)
    page.mouse.up()
    shown = page.evaluate(RANGE)
    assert shown[1] < grown[1]
    return shown


def test_dials_are_turned_on_a_living_run_which_is_then_forked(page, server, tmp_path):
    server.import_dataset(draw_zip(tmp_path / "dials.zip"), "Dials")
    parent = launch(page, server, image_size=16, epochs=5000, reg_l2=0.001)
    wait_for_points(page, 2)
    expect(page.locator(".st-key-turn_dials button")).to_be_visible()
    shown = zoom(page)
    page.locator(".st-key-dial_learning_rate_x0_5 button").click()
    expect(page.locator(".st-key-dial_learning_rate input")).to_have_value("0.0005")
    slider = page.locator(".st-key-dial_dropout input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    page.locator(".st-key-turn_dials button").click()
    turn = page.locator(".st-key-live_turns li")
    expect(turn).to_contain_text("Learning rate 0.001 → 0.0005, Dropout 0 → 0.05")
    expect(turn).to_contain_text("since epoch")
    expect(page.locator(".st-key-run_status")).to_contain_text("changed by hand")
    wait_for_later_epochs(page, 2)
    assert page.evaluate(RANGE) == shown
    assert page.evaluate(MARKS) == [["1", "1: Learning rate 0.001 → 0.0005<br>1: Dropout 0 → 0.05"]]
    page.locator(".st-key-stop_run button").click()
    expect(status(page)).to_have_attribute("data-status", "stopped")
    expect(page.locator(".st-key-resume_run")).to_be_visible()
    check_numbers_behind(page)
    check_fork(page, parent)


def check_numbers_behind(page):
    """The points of a chart are a table, one key away."""
    chart = page.locator(".st-key-live_chart .cnnlab-figure").first
    chart.focus()
    page.keyboard.press("t")
    numbers = page.locator(".st-key-live_chart .cnnlab-numbers")
    expect(numbers).to_be_focused()
    for series in ("clean train", "validation"):
        expect(numbers.locator("tr", has_text=series).first).to_contain_text(f"{series}1")
    page.keyboard.press("Escape")
    expect(numbers).to_be_hidden()
    expect(chart).to_be_focused()


def check_fork(page, parent):
    page.locator(".st-key-fork_run button").click()
    expect(page.locator(".st-key-fork_dropout input")).to_have_value("0.05")
    set_number(page, "fork_l2", 0)
    page.locator(".st-key-launch_fork button").click()
    page.wait_for_url(lambda address: parent not in address)
    page.wait_for_function("() => document.querySelector('.st-key-dials')")
    page.wait_for_function(FORKED)
    wait_for_points(page, 3)
    names = dict(page.evaluate(NAMES))
    assert names["parent, validation"] > 3  # its whole curve, behind
    assert page.evaluate(MARKS)[0][0] == "fork"
    page.locator(".st-key-stop_run button").click()
    expect(status(page)).to_have_attribute("data-status", "stopped")
    legend = page.locator(".st-key-live_chart .cnnlab-legend")
    expect(legend).to_contain_text("forked from")
    page.locator(".st-key-open_parent button").click()
    page.wait_for_url(f"**{parent}")
    expect(legend.filter(has_text="forked from")).to_have_count(0)
    wait_for_script(page)  # the legend is drawn before the rest of the page
    page.locator(".st-key-all_runs button").click()
    page.wait_for_url("**/runs")
    expect(page.locator(".st-key-runs_table")).to_be_visible()


def test_killing_server_and_worker_loses_nothing(page, server, tmp_path):
    server.import_dataset(draw_zip(tmp_path / "third.zip"), "Third")
    run = launch(page, server, image_size=16, epochs=5000)
    before = wait_for_points(page, 3)
    server.kill()
    dialog = page.get_by_role("dialog", name="No answer from cnnlab")
    expect(dialog).to_contain_text("Runs train on as long as their machine does")
    expect(dialog).not_to_contain_text("Streamlit")
    events = attempt_of(server, run) / "events.jsonl"
    unseen = events.read_bytes().count(b"record") + 5
    wait_until(lambda: events.read_bytes().count(b"record") >= unseen)  # it goes on without us
    server.start()
    expect(dialog).to_have_count(0)  # by itself
    after = wait_for_points(page, len(before) + 5)
    assert after == list(range(1, len(after) + 1))  # no gap and no double point
    os.killpg(int((attempt_of(server, run) / "attempt.lock").read_text()), signal.SIGKILL)
    expect(page.locator(".st-key-run_status")).to_contain_text("Restarted (1)")  # by itself
    again = wait_for_points(page, len(after) + 2)
    assert again == list(range(1, len(again) + 1))
    page.locator(".st-key-stop_run button").click()
    expect(status(page)).to_have_attribute("data-status", "stopped")
    page.locator(".st-key-resume_run button").click()
    expect(status(page)).to_have_attribute("data-status", "running")
    resumed = wait_for_points(page, len(again) + 2)
    assert resumed == list(range(1, len(resumed) + 1))
    page.locator(".st-key-stop_run button").click()
    expect(status(page)).to_have_attribute("data-status", "stopped")
    expect(page.locator(".st-key-stop_run")).to_have_count(0)


def test_no_button_of_a_chart_offers_to_send_it_elsewhere(page, server, tmp_path):
    dataset = server.import_dataset(draw_zip(tmp_path / "share.zip"), "Share")
    page.goto(f"{server.address}/data?dataset={dataset.id}")
    page.wait_for_selector(".st-key-class_counts .modebar-btn", state="attached")
    titles = page.locator(".st-key-class_counts .modebar-btn").evaluate_all(
        "(buttons) => buttons.map((button) => button.dataset.title)"
    )
    assert titles == ["Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"]
    wait_for_script(page)
