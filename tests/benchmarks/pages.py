"""How soon what a visitor does is seen: pages, fields and the preview, beside an empty app.

    python tests/benchmarks/pages.py [--smoke]

An empty Streamlit application is started beside ours, and both are opened by turns, each in a fresh
browser context, until the page is there and its script has ended: only their ratio counts on a
shared machine. Then one visitor goes from page to page by the menu, changes fields of Train until
the page is settled, has the preview of augmentation drawn again, and opens the page of a finished
run (40 epochs) until all charts are drawn. The first time counts for nothing: server and browser
load what they keep. `--smoke` does each of it once.
Goals: the first page in 1.2 times what an empty application takes, a page in 0.4 s, a field in
0.25 s, a preview in 0.4 s, a finished run in 1.2 s.
"""

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from tests.benchmarks.app_process import (
    App,
    Figure,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.options import option_parser
from tests.made_runs import made_run, no_supervisor

ROUNDS, EPOCHS = 8, 40
EMPTY = 'import streamlit as st\nst.title("Empty")\nst.button("Nothing", key="nothing")\n'
MENU = {
    "Data": ".st-key-class_counts",
    "Train": ".st-key-launch_run button:enabled",
    "Runs": ".st-key-runs_table tbody tr",
    "Study": ".st-key-launch_study",
    "Models": "h1",
    "Lessons": ".st-key-lesson_list",
}
RESTING = "[data-testid=stApp][data-test-script-state=notRunning]"
# When something of the page or of the script's state has changed last. A script may end before the
# browser has shown that it runs, and where a part has others drawn it rests for a moment between.
WATCH = """() => {
  const app = document.querySelector('[data-testid=stApp]')
  window.cnnlabChanged = 0
  window.cnnlabWatch?.disconnect()
  window.cnnlabWatch = new MutationObserver(() => {
    window.cnnlabChanged = performance.timeOrigin + performance.now()
  })
  const content = { subtree: true, childList: true, characterData: true }
  window.cnnlabWatch.observe(app, { attributeFilter: ['data-test-script-state'] })
  window.cnnlabWatch.observe(app.querySelector('[data-testid=stMain]'), content)
}"""
SETTLED = """words => {
  const side = document.querySelector('.st-key-train_side').textContent
  const rests = performance.timeOrigin + performance.now() - window.cnnlabChanged > 250
  const ended = document.querySelector('[data-testid=stApp]').dataset.testScriptState
  return rests && ended === 'notRunning' && side.includes(words) && window.cnnlabChanged
}"""
PREVIEW = ".st-key-augmented_images [data-testid=stImage] img, .st-key-preview_grid img"
ANEW = """([place, before]) => {
  const image = document.querySelector(place)
  return image && image.complete && image.naturalWidth > 0 && image.src !== before
}"""
CHARTS_DRAWN = """() => {
  const places = [...document.querySelectorAll('.st-key-live_chart .cnnlab-panels > *')]
  return places.length > 2 && places.every((place) =>
    place.querySelector('.main-svg'))
}"""


@contextlib.contextmanager
def empty_app(folder: Path) -> Iterator[App]:
    """An application of three lines, started as ours is."""
    script = folder / "empty.py"
    script.write_text(EMPTY)
    app = App(folder, str(script))
    app.start()
    try:
        yield app
    finally:
        app.stop()


def first_page(browser: Browser, app: App, part: str) -> float:
    """Seconds from navigation until the page is there, its script has ended, in a new context."""
    page = new_page(browser)
    began = time.perf_counter()
    page.goto(app.address, wait_until="commit")
    page.wait_for_selector(part, state="visible")
    page.wait_for_selector(RESTING)
    seconds = time.perf_counter() - began
    page.context.close()
    return seconds


def change_page(page: Page, name: str) -> float:
    """Seconds from the click in the menu until what the page is for can be seen."""
    began = time.perf_counter()
    page.get_by_test_id("stToolbar").get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(
        "name => document.querySelector('h1')?.innerText === name", arg=name, polling="raf"
    )
    page.wait_for_selector(MENU[name], state="visible")
    return time.perf_counter() - began


def settled(page: Page, act: Callable[[], object], words: str) -> float:
    """Seconds from an act until the last change of a page that then says this beside the form."""
    page.evaluate(WATCH)
    began = time.time()
    act()
    changed: float = page.wait_for_function(SETTLED, arg=words, polling="raf").json_value()
    return changed / 1000 - began


def change_field(page: Page, number: int) -> float:
    field, epochs = page.locator(".st-key-epochs input"), 10 + number
    field.fill(str(epochs))
    return settled(page, lambda: field.press("Enter"), f"{epochs} epochs")


def draw_preview(page: Page) -> float:
    """Seconds until other augmented images are seen."""
    before = page.locator(PREVIEW).first.evaluate("image => image.src")
    button = page.locator(".st-key-preview_again button").first
    button.scroll_into_view_if_needed()
    began = time.perf_counter()
    button.click()
    page.wait_for_function(ANEW, arg=[PREVIEW, before], polling="raf")
    return time.perf_counter() - began


def open_run(page: Page, address: str) -> float:
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".st-key-run_status", state="visible")
    page.wait_for_function(CHARTS_DRAWN, polling="raf")
    return time.perf_counter() - began


def finished_run() -> str:
    """Id of a run that has ended."""
    with pytest.MonkeyPatch.context() as patch:
        no_supervisor(patch)
        config = RunConfig.model_validate({
            "dataset": lab.list_datasets()[0].id, "training": {"epochs": EPOCHS},
        })  # fmt: skip
        return made_run(config, epochs=EPOCHS, status=Status.FINISHED).id


def main(rounds: int) -> None:
    with started_app() as app, empty_app(app.folder) as empty, started_browser() as browser:
        run = finished_run()
        firsts, empties = [], []
        for _ in range(rounds + 1):
            empties.append(first_page(browser, empty, ".st-key-nothing button"))
            firsts.append(first_page(browser, app, ".st-key-start_demo button"))
        page = new_page(browser)
        page.goto(app.address)
        page.wait_for_selector(RESTING)
        changes = {name: [change_page(page, name)] for name in MENU}
        for _ in range(rounds):
            for name, seconds in changes.items():
                seconds.append(change_page(page, name))
        change_page(page, "Train")
        page.wait_for_selector(RESTING)
        fields = [change_field(page, number) for number in range(rounds + 1)]
        switch = page.locator(".st-key-aug_rotation_degrees_switch button").first
        settled(page, switch.click, "Left: the original")
        previews = [draw_preview(page) for _ in range(rounds + 1)]
        address = f"{app.address}/runs?run={run}"
        runs = [open_run(page, address) for _ in range(rounds + 1)]
    load = os.getloadavg()[0]
    median = statistics.median
    pages = [one for seconds in changes.values() for one in seconds[1:]]
    ours, bare = median(firsts[1:]), median(empties[1:])
    print_figures([
        Figure("first page of an empty application, median", bare, "s"),
        Figure("first page, median", ours, "s"),
        Figure("ratio of both", ours / bare, "", 1.2),
        Figure("another page by the menu, median", median(pages), "s", 0.4),
        *(Figure(f"  {name}", median(some[1:]), "s") for name, some in changes.items()),
        Figure("a field of Train until settled, median", median(fields[1:]), "s", 0.25),
        Figure("preview drawn again, median", median(previews[1:]), "s", 0.4),
        Figure("page of a finished run, all charts, median", median(runs[1:]), "s", 1.2),
        Figure("load of the machine", load, ""),
    ])  # fmt: skip


if __name__ == "__main__":
    main(1 if option_parser(__doc__).parse_args().smoke else ROUNDS)
