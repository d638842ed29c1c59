"""The real app in a real browser, on a home of its own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright

from cnnlab import lab
from cnnlab.storage.home import open_home
from tests.conftest import end_processes_of
from tests.e2e.nginx import PROGRAM, free_port, nginx
from tests.made_once import made_once, train_shades
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
STORAGE = "local_storage,indexeddb,service_workers,cache_storage"
"""What pages of earlier visitors may have left in the browser, beside cookies."""

expect.set_options(timeout=120_000)


class Server:
    """The app's server process; it can be killed and started again on the same port."""

    def __init__(self, home, *, trains=True, auth="none", base_path=""):
        open_home(home).sample_mark.touch()  # it brings in none, for three seconds of the processor
        self.home, self.auth = home, auth
        self.proxy, self._base_path = None, base_path
        self._environment = {
            "CNNLAB_HOME": str(home),
            "CNNLAB_WARM_WORKERS": str(int(trains)),
            "CNNLAB_AUTH": auth,
        }
        self.port = free_port()
        self.address = self._own_address = f"http://127.0.0.1:{self.port}{base_path}"
        self._options = ["--server.baseUrlPath", base_path] if base_path else []
        self._process = self._supervisor = None

    def offer_by(self, proxy):
        """The proxy through which it is reached; before its start."""
        self.proxy = proxy
        self.address = f"{proxy.scheme}://127.0.0.1:{proxy.port}{self._base_path}"
        self._environment["CNNLAB_PUBLIC_ADDRESS"] = self.address

    def link(self, address=None):
        """What lets a browser in."""
        return f"{address or self.address}/?token={(self.home / 'token').read_text().strip()}"

    def start(self):
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port"]
        with (self.home.parent / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self.port), *self._options],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | self._environment,
            )
        wait_until(self._is_healthy)

    def start_light_supervisor(self, **plan):
        """Have runs train a hash (`tests.runner.light_worker`), as this plan says."""
        (open_home(self.home).root / "light-plan.json").write_text(json.dumps(plan))
        command = [sys.executable, "-m", "tests.runner.light_supervisor", "--idle-seconds", "9999"]
        with (self.home.parent / "supervisor.log").open("wb") as log:
            self._supervisor = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | self._environment,
                start_new_session=True,
            )
        lock = self.home / "supervisor.lock"
        wait_until(lambda: lock.exists() and lock.read_text())

    def import_dataset(self, path, name):
        """Import an upload without the browser, where the import isn't what is tested."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CNNLAB_HOME", str(self.home))
            return lab.import_dataset(path, name=name)

    def kill(self):
        if self._process is not None:  # else it was never started
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def loads(self, library):
        """Whether a file with this in its path is mapped into it."""
        return library in Path(f"/proc/{self._process.pid}/maps").read_text()

    def end_all(self):
        """End it, and whatever was started for its home."""
        self.kill()
        end_processes_of(self.home)
        if self._supervisor is not None:
            self._supervisor.wait()

    def _is_healthy(self):
        try:
            with urllib.request.urlopen(f"{self._own_address}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def server(tmp_path_factory, request):
    """The app; `TRAINS = False` in a module says that no worker needs to wait for its runs.

    `LIGHT = {...}`, a plan of `tests.runner.light_worker`, has runs train without Keras.
    `TRAINED = True` begins with a run that was trained for real (`run`).
    `MOVES = True` has its pages move as for whoever hasn't asked for less of it.
    `PROXIED = True` offers it below a path and asks for its token, through nginx where that is.
    """
    trains = getattr(request.module, "TRAINS", True)
    home = tmp_path_factory.mktemp("app") / "home"
    if getattr(request.module, "TRAINED", False):
        made_once(tmp_path_factory, "shades", train_shades, home.with_name("made"))
        home.with_name("made").joinpath("home").rename(home)
    with contextlib.ExitStack() as ends:
        if getattr(request.module, "PROXIED", False):
            server = Server(home, trains=trains, auth="token", base_path="/lab")
            if PROGRAM:
                server.offer_by(ends.enter_context(nginx(home.parent / "nginx", server.port)))
        else:
            server = Server(home, trains=trains)
        ends.callback(server.end_all)
        if (plan := getattr(request.module, "LIGHT", None)) is not None:
            request.getfixturevalue("light_processes").start()
            server.start_light_supervisor(**plan)
        server.start()
        yield server


@pytest.fixture(scope="module")
def run(server):
    """The run that a module with `TRAINED = True` begins with: it tells dark from bright."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(server.home))
        (run,) = lab.list_runs()
    return run.id


@pytest.fixture(scope="package")
def browser():
    path = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test says what its page showed, and what the server had to say last."""
    report = yield
    page, server = (item.funcargs.get(name) for name in ("page", "server"))
    if report.failed and page and server:
        log = server.home.with_name("server.log").read_text(errors="replace")
        report.sections.append(("the server's log", log[-3000:]))
        with contextlib.suppress(PlaywrightError):  # a page that was closed shows nothing
            words = page.locator("body").inner_text(timeout=5000)
            report.sections.append((f"the page {page.url}", words[:3000]))
    return report


@pytest.fixture(scope="module")
def context(browser, server, request):
    """What a browser keeps of the app from one test to the next: the files that it was sent.

    Reading and packing them takes a second of the processor for each who comes for the first time.
    What moves is drawn sixty times a second, which takes more.
    """
    motion = "no-preference" if getattr(request.module, "MOVES", False) else "reduce"
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion=motion)
    yield context
    context.close()


@pytest.fixture
def page(context, server):
    """A new visitor's page; errors in it and calls to other hosts fail the test."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    origin = server.address.removesuffix(urllib.parse.urlsplit(server.address).path)
    storage = {"origin": origin, "storageTypes": STORAGE}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", storage)
    context.clear_cookies()
    if server.auth == "token":
        context.request.get(server.link())  # as a click on the printed link does
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.extend(_foreign(request.url, server.address)))
    yield page
    for opened in context.pages:
        opened.close()
    assert not problems


def _foreign(url, address):
    asked = urllib.parse.urlsplit(url)
    home = urllib.parse.urlsplit(address)
    at_home = asked.scheme in ("data", "blob") or asked.hostname == home.hostname
    return [] if at_home else [f"call to another host: {url}"]
