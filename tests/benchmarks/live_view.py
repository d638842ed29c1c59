"""From a metric's row on the disk to the screen, and what twenty viewers cost the server.

    python tests/benchmarks/live_view.py [ROWS] [WATCHED_ROWS] [VIEWERS] [IDLE_SECONDS] [--smoke]

Step and epoch rows are written as a worker writes them while a page shows the run. A row counts
as visible in the first frame in which the chart has its value or a later one's. Then 20 more
clients of the stream watch the same run; the server's CPU time is set against that of the server
without any viewer.
Goals: a row is visible after 0.3 s (median), 20 viewers cost at most 2 % of a core. `--smoke`
writes four rows, two of them to two viewers.
"""

import contextlib
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Page
from websockets.sync.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Run, Status
from cnnlab.files import take_lock
from cnnlab.lab.workplace import workplace
from cnnlab.server.addresses import RUN_LIVE, address
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from tests.benchmarks.app_process import (
    App,
    Figure,
    add_run,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.options import read_options
from tests.waiting import wait_until

ROWS, WATCHED_ROWS, VIEWERS, IDLE_SECONDS = 40, 24, 20, 24
EPOCHS, STEPS_PER_EPOCH = 50, 2
# Every row has a loss of its own, so that its first frame in the chart can be told.
WATCH = """() => {
  window.firstSeen = {}
  const look = () => {
    const now = Date.now()
    const chart = document.querySelector('.st-key-live_chart .cnnlab-panels > :nth-child(2)')
    for (const trace of chart?.data ?? [])
      for (const loss of trace.y) window.firstSeen[loss.toFixed(3)] ??= now
    requestAnimationFrame(look)
  }
  look()
}"""


class Worker:
    """Writes alternately a step row and an epoch row of a run, losses falling."""

    def __init__(self, recorder: AttemptRecorder) -> None:
        self._recorder = recorder
        self._rows = 0

    def write(self, count: int, pause: Callable[[], float]) -> dict[str, float]:
        """Write so many rows; return loss and time of each, taken just before it was written."""
        written = {}
        for _ in range(count):
            loss = 2 - self._rows / 100
            written[f"{loss:.3f}"] = time.time()
            self._write_row(loss)
            self._rows += 1
            time.sleep(pause())
        return written

    def _write_row(self, loss: float) -> None:
        epoch, is_end = divmod(self._rows, 2)
        values = dict.fromkeys(EpochRecord.__annotations__, 0.5) | {
            "epoch": epoch,
            "cross_entropy": loss,
            "clean_cross_entropy": loss,
            "val_cross_entropy": loss,
        }
        if is_end:
            self._recorder.epoch(EpochRecord(**values))
        else:
            self._recorder.step(values | {"step": 0})


@contextlib.contextmanager
def training() -> Iterator[tuple[Run, Worker]]:
    """A run that the supervisor takes for a living one: its lock is held here."""
    run = add_run(lab.list_datasets()[0], 0, Status.RUNNING, epochs=EPOCHS)
    attempt = Attempt(workplace().home.attempt(run.id, run.attempt))
    with contextlib.ExitStack() as stack:
        attempt.create(run.config)
        if take_lock(attempt.lock) is None:
            raise RuntimeError("the attempt's lock is taken")
        recorder = AttemptRecorder(attempt)
        stack.callback(recorder.close)
        recorder.started({"epochs": EPOCHS, "steps_per_epoch": STEPS_PER_EPOCH, "device": "none"})
        recorder.phase("Training")
        yield run, Worker(recorder)


def cpu_percent(app: App, work: Callable[[], object]) -> float:
    """Share of a core that the server uses while `work` is done."""
    began, before = time.perf_counter(), app.cpu_seconds()
    work()
    return 100 * (app.cpu_seconds() - before) / (time.perf_counter() - began)


def delays(page: Page, written: dict[str, float]) -> list[float]:
    """Seconds from the disk to the screen, for each row."""
    page.wait_for_function("loss => loss in window.firstSeen", arg=list(written)[-1])
    seen = page.evaluate("window.firstSeen")
    first, found = math.inf, []
    for loss, moment in reversed(written.items()):
        first = min(first, seen.get(loss, math.inf))
        found.append(first / 1000 - moment)
    return found


@contextlib.contextmanager
def viewers(app: App, run: Run, count: int) -> Iterator[list[dict[str, float]]]:
    """Clients of the live stream; gives for each of them when which loss came."""
    stream = f"ws{app.address.removeprefix('http')}{address(RUN_LIVE, run=run.id)}"
    received: list[dict[str, float]] = [{} for _ in range(count)]
    with ThreadPoolExecutor(count) as pool, contextlib.ExitStack() as sockets:
        for losses in received:
            pool.submit(receive, sockets.enter_context(connect(stream, proxy=None)), losses)
        wait_until(lambda: all(received))
        yield received


def receive(socket: ClientConnection, losses: dict[str, float]) -> None:
    """Note when each loss comes, until the socket is closed."""
    for text in socket:
        message = json.loads(text)
        for row in message.get("epochs", []) + message.get("steps", []):
            if "cross_entropy" in row:
                losses.setdefault(f"{row['cross_entropy']:.3f}", time.time())


def main(rows: int, watched_rows: int, count: int, idle_seconds: int) -> None:
    with started_app() as app, training() as (run, worker), started_browser() as browser:
        idle = cpu_percent(app, lambda: time.sleep(idle_seconds))
        page = new_page(browser)
        page.goto(f"{app.address}/runs?run={run.id}")
        page.wait_for_selector(".st-key-live_chart .js-plotly-plot")
        page.evaluate(WATCH)
        alone = delays(page, worker.write(rows, lambda: random.uniform(0.5, 1)))
        written: dict[str, float] = {}
        with viewers(app, run, count) as received:
            busy = cpu_percent(app, lambda: written.update(worker.write(watched_rows, lambda: 1)))
            wait_until(lambda: all(written.keys() <= losses.keys() for losses in received))
        watched = delays(page, written)
    sent = [losses[loss] - moment for losses in received for loss, moment in written.items()]
    print_figures(
        [
            Figure("written to visible, median", statistics.median(alone), "s", 0.3),
            Figure("written to visible, slowest", max(alone), "s"),
            Figure(
                f"the same with {count} more viewers, median", statistics.median(watched), "s", 0.3
            ),
            Figure("written to received by a viewer, median", statistics.median(sent), "s"),
            Figure("server without viewers", idle, "% core"),
            Figure(f"server with the page and {count} viewers", busy, "% core"),
            Figure("cost of the viewers", busy - idle, "% core", 2),
        ]
    )


if __name__ == "__main__":
    main(
        *read_options(
            __doc__,
            rows=(ROWS, 2),
            watched_rows=(WATCHED_ROWS, 2),
            viewers=(VIEWERS, 2),
            idle_seconds=(IDLE_SECONDS, 1),
        )
    )
