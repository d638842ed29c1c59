"""How soon the first page can be used, and what the server process holds after 100 page views.

    python tests/benchmarks/server.py [--smoke]

The machine is warm: the app was started before. Each round starts the server anew and opens the
home page in a fresh browser context; measured is the time from navigation until the demo button can
be pressed. Then pages are viewed by turns, each loaded anew, in several browser contexts.
`--smoke` starts it once and views 20 pages.
Goals: the first page takes at most 3 s; after 100 page views the server holds at most 220 MB and
no Keras or TensorFlow.
"""

import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.run import Status
from tests.benchmarks.app_process import (
    App,
    Figure,
    add_run,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.options import option_parser

STARTS, VIEWS, CONTEXTS, RUNS, GOAL_MB = 3, 100, 5, 20, 220
USABLE = {
    "": ".st-key-start_demo button:enabled",
    "data": ".st-key-import_dataset button",
    "train": ".st-key-launch_run button:enabled",
    "runs": ".st-key-runs_table tbody tr",
}


def view(browser: Browser, app: App, *addresses: str) -> float:
    """Seconds from navigation until the last of these pages can be used, in a fresh context."""
    page = new_page(browser)
    for address in addresses:
        began = time.perf_counter()
        page.goto(f"{app.address}/{address}", wait_until="commit")
        page.wait_for_selector(USABLE[address], state="visible")
    seconds = time.perf_counter() - began
    page.context.close()
    return seconds


def main(begun: int, views: int) -> None:
    with started_app() as app, started_browser() as browser:
        for number in range(RUNS):
            add_run(lab.list_datasets()[0], number, Status.FINISHED, epochs=40)
        starts, firsts = [], []
        for _ in range(begun):
            app.stop()
            starts.append(app.start())
            firsts.append(view(browser, app, ""))
        later = view(browser, app, "")
        began_mb = app.memory_mb()
        with app.sampled_memory() as samples:
            for _ in range(CONTEXTS):
                view(browser, app, *list(USABLE) * (views // CONTEXTS // len(USABLE)))
        heavy = sum(app.loads(library) for library in ("tensorflow", "keras"))
        after_mb = app.memory_mb()
    print_figures(
        [
            Figure("start until healthy, median", statistics.median(starts), "s"),
            Figure("first page usable, median", statistics.median(firsts), "s", 3),
            Figure("first page usable, slowest", max(firsts), "s", 3),
            Figure("a later visitor's first page", later, "s"),
            Figure("memory after the first pages", began_mb, "MB"),
            Figure(f"memory after {views} page views", after_mb, "MB", GOAL_MB),
            Figure("memory in between, highest", max(samples), "MB"),
            Figure("heavy libraries loaded (TensorFlow, Keras)", heavy, "", 0),
        ]
    )


if __name__ == "__main__":
    main(*((1, 20) if option_parser(__doc__).parse_args().smoke else (STARTS, VIEWS)))
