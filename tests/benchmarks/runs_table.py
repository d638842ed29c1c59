"""How soon the table of 10,000 runs is there, and how soon a filter shows what it lets through.

    python tests/benchmarks/runs_table.py
    python tests/benchmarks/runs_table.py 500 1
    python tests/benchmarks/runs_table.py --smoke

Made runs are put into the store of a new home, the app is started on it and opened in a browser.
Measured are wall times until the rows are there, and the CPU seconds of the server for them, each
the median of several rounds; wall times count on a quiet machine only. Goals: the first view takes
at most 1 s after the page's own files are there, a filter at most 0.5 s. `--smoke` takes 500 runs
and one round.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from tests.benchmarks.app_process import (
    App,
    Figure,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.options import read_options
from tests.made_many_runs import add_many_runs

RUNS, ROUNDS = 10_000, 5
ROWS = ".st-key-runs_table tbody tr"
COUNT = "[data-testid=stCaptionContainer] >> text=/ runs?( of [0-9,]+)?\\. Click/"
SEARCHES = ("dropout 0.3", "l2", "run 77", "learning rate 0.01", "seed 4")


def opened(browser: Browser, app: App) -> Page:
    """A visitor who has the program's files: they were on another of its pages."""
    page = new_page(browser)
    page.goto(f"{app.address}/models")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    return page


def measured(app: App, act: Callable[[], None]) -> tuple[float, float]:
    """Wall and server's CPU seconds of something."""
    began, cpu = time.perf_counter(), app.cpu_seconds()
    act()
    wall = time.perf_counter() - began
    time.sleep(0.2)  # what the server does after its answer counts too
    return wall, app.cpu_seconds() - cpu


def open_table(page: Page) -> None:
    page.get_by_role("link", name="Runs", exact=True).click()
    page.wait_for_selector(ROWS)


def search(page: Page, words: str) -> None:
    before = page.locator(COUNT).inner_text()
    field = page.locator(".st-key-runs_text input")
    field.fill(words)
    field.press("Enter")
    page.wait_for_function(
        "([selector, before]) => ![...document.querySelectorAll(selector)]"
        ".some((each) => each.innerText === before)",
        arg=["[data-testid=stCaptionContainer]", before],
    )


def main() -> None:
    count, rounds = read_options(__doc__, runs=(RUNS, 500), rounds=(ROUNDS, 1))
    with started_app() as app, started_browser() as browser:
        add_many_runs(lab.list_datasets()[0].id, count)
        app.stop()
        starts = app.start()
        views, filters = [], []
        for _ in range(rounds):
            page = opened(browser, app)
            views.append(measured(app, lambda page=page: open_table(page)))  # type: ignore[misc]
            for words in SEARCHES:
                act = lambda page=page, words=words: search(page, words)  # type: ignore[misc] # noqa: E731
                filters.append(measured(app, act))
            page.context.close()
    figures = [Figure(f"start with {count:,} runs until healthy", starts, "s")]
    for name, goal, found in (("first view", 1, views), ("a filter", 0.5, filters)):
        wall, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        figures += [
            Figure(f"{name}, wall", wall, "s", goal),
            Figure(f"{name}, CPU of the server", cpu, "s"),
        ]
    print_figures(figures)


if __name__ == "__main__":
    main()
