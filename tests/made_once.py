"""What takes long to make is made once for all processes that share the tests, and copied."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.conftest import draw_zip, end_processes_of
from tests.waiting import wait_until


def made_once(
    folders: pytest.TempPathFactory, name: str, make: Callable[[Path], None], to: Path
) -> Path:
    """A copy of a folder that the first process that wants one has made.

    Args:
        folders: of the session; xdist gives each process one beside those of the others.
        name: of the folder among all that are made so.
        make: fills a new folder, in which nothing is open any more afterwards.
        to: the copy, which isn't there yet.
    """
    own = folders.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / f"made-{name}"
    with (shared / f"made-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = shared / f"unfinished-{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(made)
    return Path(shutil.copytree(made, to, ignore=_what_is_no_file))


def _what_is_no_file(folder: str, names: list[str]) -> list[str]:
    """Pipes and sockets by which processes call each other; whoever wants one makes it."""
    return [name for name in names if (at := Path(folder, name)).is_fifo() or at.is_socket()]


def train_shades(folder: Path) -> None:
    """A home with the dataset Shades and its finished run, which tells dark from bright."""
    home = folder / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(home))
        patch.setenv("CNNLAB_WARM_WORKERS", "0")
        dataset = lab.import_dataset(draw_zip(folder / "shades.zip"), name="Shades")
        training = {"epochs": 4, "batch_size": 8}
        config = {"dataset": dataset.id, "image": {"size": 16}, "training": training}
        run = lab.launch_run(load_config(config)).id
        wait_until(lambda: lab.load_run(run).status.is_ended, seconds=240)
        assert lab.load_run(run).status is Status.FINISHED
    end_processes_of(home)
