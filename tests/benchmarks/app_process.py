"""The app's server process on a home of its own, and what the benchmarks of it have in common."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.run import Run, Status
from cnnlab.domain.run_naming import run_words
from cnnlab.files import is_locked
from cnnlab.lab.workplace import workplace
from tests.benchmarks.options import is_smoke
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
MB = 1e6
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_SAMPLE_MEMORY_EVERY_SECONDS = 0.05
_LONGEST_MS = 300_000


class App:
    """`streamlit run app.py` on the home that `CNNLAB_HOME` names and a port of its own.

    Args:
        folder: where the server's log is written.
        script: another script than ours.
        auth: what whoever opens it has to bring, as `CNNLAB_AUTH` says it.
    """

    def __init__(self, folder: Path, script: str = "app.py", auth: str = "none") -> None:
        self.folder = folder
        self._script = script
        self._auth = auth
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> float:
        """Start the server; return the seconds until it says that it is healthy."""
        command = [sys.executable, "-m", "streamlit", "run", self._script]
        command += ["--server.port", self._port]
        began = time.perf_counter()
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | {"CNNLAB_AUTH": self._auth},
            )
        self._proc = Path("/proc") / str(self._process.pid)
        wait_until(self._is_healthy)
        return time.perf_counter() - began

    def stop(self) -> None:
        """End the server and what it started: each child leads a process group."""
        children = [
            int(child)
            for task in self._proc.glob("task/*/children")
            for child in task.read_text().split()
        ]
        self._process.kill()
        self._process.wait()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)

    def cpu_seconds(self) -> float:
        """CPU time of the server so far, its children left out."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND

    def memory_mb(self) -> float:
        """Resident memory of the server."""
        pages = int((self._proc / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / MB

    @contextlib.contextmanager
    def sampled_memory(self) -> Iterator[list[float]]:
        """Give a list that grows by the server's memory in MB every 50 ms."""
        samples, done = [self.memory_mb()], threading.Event()

        def sample() -> None:
            while not done.wait(_SAMPLE_MEMORY_EVERY_SECONDS):
                samples.append(self.memory_mb())

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            yield samples
        finally:
            done.set()
            sampler.join()

    def loads(self, library: str) -> bool:
        """Whether a file with this in its path is mapped into the server."""
        return library in (self._proc / "maps").read_text()

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False


def find_spare() -> str | None:
    """Process id of the worker that waits in the home that `CNNLAB_HOME` names."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_text().split("\0")
            home = (process.parent / "environ").read_text()
        except OSError:
            continue  # it has ended
        if "--spare" in words and f"CNNLAB_HOME={os.environ['CNNLAB_HOME']}\0" in home:
            return process.parent.name
    return None


def end_supervisor() -> None:
    """Kill the supervisor; its spare leaves."""
    lock = workplace().home.supervisor_lock
    if is_locked(lock):
        os.killpg(int(lock.read_text()), signal.SIGKILL)
    wait_until(lambda: not is_locked(lock) and find_spare() is None)


@contextlib.contextmanager
def started_app(auth: str = "none") -> Iterator[App]:
    """The app, started on an empty home; the bundled sample has arrived in it."""
    with tempfile.TemporaryDirectory(
        prefix="cnnlab-benchmark-", ignore_cleanup_errors=True
    ) as folder:
        os.environ["CNNLAB_HOME"] = str(Path(folder) / "home")
        app = App(Path(folder), auth=auth)
        try:
            app.start()
            wait_until(lab.list_datasets)
            yield app
        finally:
            app.stop()
            end_supervisor()


def new_page(browser: Browser, *, height: int = 900) -> Page:
    """A page of a new visitor, 1440 px wide, who waits long: the machine may be busy."""
    context = browser.new_context(viewport={"width": 1440, "height": height})
    context.set_default_timeout(_LONGEST_MS)
    return context.new_page()


@contextlib.contextmanager
def started_browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            browser.close()


def add_run(dataset: Dataset, number: int, status: Status, *, epochs: int) -> Run:
    """Put a run into the store without any worker."""
    config = RunConfig.model_validate({"dataset": dataset.id, "training": {"epochs": epochs}})
    run = Run(
        id=f"20260101-000000-{number:04x}",
        name=run_words(config, dataset.name),
        dataset=dataset.id,
        config=config.model_dump(mode="json"),
        status=status,
        created_at=f"2026-01-01T00:00:{number:02}.000",
        sparkline=[1 - 1 / (epoch + 2) for epoch in range(40)],
    )
    workplace().runs.create(run)
    return run


@dataclass(frozen=True)
class Figure:
    """One measured number and the most that it may be, if there is a goal."""

    name: str
    value: float
    unit: str
    goal: float | None = None


def print_figures(figures: list[Figure]) -> None:
    """Print a table: what was measured, how much, the goal, whether it is met.

    With `--smoke` nothing is said of goals.
    """
    print(f"{'':48}{'measured':>12}{'goal':>14}")
    for figure in figures:
        line = f"{figure.name:48}{f'{figure.value:.3g} {figure.unit}':>12}"
        if figure.goal is not None and not is_smoke():
            met = "met" if figure.value <= figure.goal else "MISSED"
            line += f"{f'<= {figure.goal:g} {figure.unit}':>14}  {met}"
        print(line)
