"""A browser of this machine, asked what a page says of picture files.

It is spoken to through two pipes by its own protocol (`--remote-debugging-pipe`): no port is
opened, no package is needed, and the page is the very file that somebody gets.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.errors import ExportError
from cnnlab.exports.alone import Ran

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
    "chromium-headless-shell",
)  # fmt: skip
"""Names by which one is looked for on the PATH."""

_START_SECONDS, _ANSWER_SECONDS = 30.0, 60.0
_LEAST_IMAGES, _ALL_SECONDS = 32, 20.0
"""Of very large pictures fewer are asked about: as many as this time allows, and this many."""

_LOOK_SECONDS = 0.02
_TIMED = 16
_END = b"\0"

# The pipes are to be numbers 3 and 4, which a child of Python isn't given by itself.
_LAUNCHER = """
import os, sys
given, taken = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]))
high = [os.dup2(each, at) for each, at in ((given, 100), (taken, 101))]
os.dup2(100, 3); os.dup2(101, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""

_STATE = "document.body?.dataset.state"

_ASK = """
new Promise((resolve) => {
  addEventListener("message", function heard({ data }) {
    if (data?.cnnlab !== "classified" || data.id !== %(number)d) return
    removeEventListener("message", heard)
    resolve(JSON.stringify(data))
  })
  const letters = atob("%(content)s")
  const content = Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
  postMessage({ cnnlab: "classify", id: %(number)d, content }, "*")
})
"""


class NoBrowserError(Exception):
    """There is no browser here that can be asked; the message says why, for the user."""


def find_browser() -> str | None:
    """The path of a Chromium or Chrome; None where there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def run_in_browser(page: Path, pictures: Sequence[bytes]) -> Ran:
    """What a page says of picture files in a browser of this machine.

    Args:
        page: the HTML file.
        pictures: contents of image files.

    Raises:
        NoBrowserError: there is none, or it doesn't start.
        ExportError: the page doesn't work in it.
    """
    path = find_browser()
    if path is None:
        raise NoBrowserError("no Chromium or Chrome was found on this machine")
    with (
        tempfile.TemporaryDirectory(prefix="cnnlab-page-", ignore_cleanup_errors=True) as profile,
        _browser(path, profile) as browser,
    ):
        browser.open(page)
        return _asked(browser, pictures)


def _asked(browser: "_Browser", pictures: Sequence[bytes]) -> Ran:
    said, seconds, memory = [], [], 0
    began = time.monotonic()
    for number, content in enumerate(pictures):
        answer = browser.classify(number, content)
        said.append(answer["probabilities"])
        seconds.append(answer["milliseconds"] / 1000)
        memory = memory or browser.memory_bytes()  # as of one picture
        if len(said) >= _LEAST_IMAGES and time.monotonic() - began > _ALL_SECONDS:
            break
    # The first ones are computed before the browser has made machine code of the script.
    timed = np.array(seconds[-_TIMED:])
    return Ran(np.array(said, np.float32), timed, memory)


@contextlib.contextmanager
def _browser(path: str, profile: str) -> Iterator["_Browser"]:
    given, to_browser = os.pipe()
    from_browser, taken = os.pipe()
    options = [
        "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--disable-gpu",
        "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
        # Nothing is to be reached: the page forbids it, and here nothing would answer.
        "--proxy-server=127.0.0.1:9", "about:blank",
    ]  # fmt: skip
    if os.geteuid() == 0:  # Chromium refuses to start as root with its sandbox
        options.insert(0, "--no-sandbox")
    command = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(given), str(taken), path, *options]
    process = subprocess.Popen(
        command, pass_fds=(given, taken), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.close(given)
    os.close(taken)
    try:
        yield _Browser(to_browser, from_browser, path)
    finally:
        os.close(to_browser)  # it ends when nobody speaks to it any more
        os.close(from_browser)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Browser:
    """One page in a browser, by the DevTools protocol.

    Args:
        to_browser: pipe that it reads.
        from_browser: pipe that it writes.
        path: where the browser lies, for messages.
    """

    def __init__(self, to_browser: int, from_browser: int, path: str) -> None:
        self._to, self._from, self._path = to_browser, from_browser, path
        self._number = 0
        self._session: str | None = None
        self._read = b""

    def open(self, page: Path) -> None:
        """Load a file and wait until it is ready.

        Raises:
            NoBrowserError: the browser doesn't start.
            ExportError: the page doesn't become ready.
        """
        try:
            target = self._call(
                "Target.createTarget", {"url": page.absolute().as_uri()}, _START_SECONDS
            )
            asked = {"targetId": target["targetId"], "flatten": True}
            self._session = self._call("Target.attachToTarget", asked, _START_SECONDS)["sessionId"]
        except (OSError, TimeoutError, KeyError) as error:
            raise NoBrowserError(f"{self._path} was found but doesn't start") from error
        until = time.monotonic() + _START_SECONDS
        while (state := self._state()) != "ready":
            if state == "failed" or time.monotonic() > until:
                raise ExportError(
                    f"The page isn't ready in a browser within {_START_SECONDS:.0f} s, so it isn't "
                    "offered: prepare it again."
                )
            time.sleep(_LOOK_SECONDS)

    def _state(self) -> object:
        try:
            answer = self._call("Runtime.evaluate", {"expression": _STATE}, _START_SECONDS)
        except OSError:  # between the empty page and the file
            return None
        return answer.get("result", {}).get("value")

    def classify(self, number: int, content: bytes) -> dict[str, Any]:
        """What the page says of a picture file: `probabilities` and `milliseconds`.

        Raises:
            ExportError: it can't say anything.
        """
        letters = base64.b64encode(content).decode("ascii")
        told = self._evaluate(_ASK % {"number": number, "content": letters}, _ANSWER_SECONDS)
        answer: dict[str, Any] = json.loads(told)
        if "problem" in answer:
            raise ExportError(
                f"The page can't open one of the validation images, so it isn't offered: "
                f"{answer['problem']}"
            )
        return answer

    def memory_bytes(self) -> int:
        """What the page's script holds at the moment."""
        held = self._call("Runtime.getHeapUsage", {}, _ANSWER_SECONDS)
        return int(held.get("usedSize", 0) + held.get("backingStorageSize", 0))

    def _evaluate(self, expression: str, seconds: float) -> Any:  # noqa: ANN401 - any JSON
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        try:
            answer = self._call("Runtime.evaluate", asked, seconds)
        except (OSError, TimeoutError) as error:
            raise ExportError(
                f"The page didn't answer in the browser within {seconds:.0f} s, so it isn't "
                "offered: the machine may be too busy; prepare it again."
            ) from error
        return answer.get("result", {}).get("value")

    def _call(self, method: str, parameters: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._send(json.dumps(message).encode() + _END)
        until = time.monotonic() + seconds
        while True:
            answer = json.loads(self._next(until))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise OSError(answer["error"].get("message", method))
                result: dict[str, Any] = answer["result"]
                return result

    def _send(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(self._to, left) :]

    def _next(self, until: float) -> bytes:
        """The next message; events that nobody asked for among them."""
        while _END not in self._read:
            seconds = until - time.monotonic()
            if seconds <= 0 or not select.select([self._from], [], [], seconds)[0]:
                raise TimeoutError
            piece = os.read(self._from, 2**16)
            if not piece:
                raise ConnectionError("the browser has ended")
            self._read += piece
        message, _, self._read = self._read.partition(_END)
        return message
