"""A checkout of the project, used by its command line on a home folder of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS_PER_RUN = 900.0
ENDED = ("finished", "stopped", "failed")

Config = dict[str, dict[str, Any]]


class RefusedError(Exception):
    """A checkout refuses what it is asked, and says why."""


class Checkout:
    """One checkout, whatever its version: only the command line's contract is relied on.

    Args:
        root: its folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        # Its supervisor leaves once the home is gone, and may write until then.
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)

    def train(self, dataset: str, config: Config, turns: list[dict[str, Any]] | None = None) -> str:
        """Launch a run and return its id.

        Args:
            dataset: its id.
            config: by part and field; what isn't named keeps its default.
            turns: of dials, there before the first step, so that they are made at a step of
                their own.
        """
        file = self.home / "config.json"
        file.write_text(json.dumps(config))
        run: str = self.ask("train", dataset, "--config", str(file))["run"]
        if turns is not None:
            attempt = self.home / "runs" / run / "attempt-1"
            attempt.mkdir(parents=True, exist_ok=True)
            (attempt / "dials.json").write_text(json.dumps(turns))
        return run

    def finished(self, run: str) -> dict[str, Any]:
        """Wait for a run's good end; what `show` says of it."""
        view = self.until(run, lambda view: view["status"] in ENDED)
        assert view["status"] == "finished", view["message"]
        return view

    def until(self, run: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until something holds of what `show` says; return that."""
        end = time.monotonic() + SECONDS_PER_RUN
        while time.monotonic() < end:
            view = self.ask("show", run)
            if holds(view):
                return view
            time.sleep(0.2)
        raise TimeoutError(run)

    def ask(self, *words: str) -> dict[str, Any]:
        """The JSON answer of one command.

        Raises:
            RefusedError: it ends with an error.
        """
        answer = subprocess.run(
            [sys.executable, "-m", "cnnlab", *words, "--json"],
            cwd=self.root,
            env=os.environ | {"CNNLAB_HOME": str(self.home)},
            capture_output=True,
            text=True,
        )
        if answer.returncode != 0:
            raise RefusedError(answer.stderr)
        values: dict[str, Any] = json.loads(answer.stdout)
        return values
