"""Several Python processes that share one job, told and answering in lines of JSON.

Not multiprocessing: its children load the caller's main module first, which is seconds where that
is a training worker; and they outlive a caller that is killed. These load one small module, and
end when nobody reads their answers any more.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import CnnlabError, StorageError

Task = dict[str, Any]
Message = dict[str, Any]
Progress = Callable[[int, int], None]

_ROOT = Path(__file__).resolve().parents[2]
_SECONDS_BETWEEN_REPORTS = 0.25
# Starting a process costs as much as decoding so many small images.
_FEW_IMAGES = 300
_FEW_BYTES = 20 * 2**20


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def count_processes(images: int, total_bytes: int, wanted: int | None) -> int:
    """How many processes are worth it for so many encoded images; 1 means our own."""
    if images < _FEW_IMAGES and total_bytes < _FEW_BYTES:
        return 1
    return max(1, min(wanted or len(os.sched_getaffinity(0)), images))


def run_tasks(
    module: str, work: Callable[[Task], Iterator[Message]], tasks: Sequence[Task]
) -> Iterator[Message]:
    """Yield what `work` answers to every task: here for one task, else in a process for each.

    Args:
        module: the module to start with `python -m`; it calls `serve(work)`.
        work: does one task, yielding messages.
        tasks: JSON values.

    Raises:
        StorageError: a process failed or was killed.
    """
    if len(tasks) == 1:
        yield from work(tasks[0])
        return
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-P", "-m", module]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen(command, env=environment, **pipes) for _ in tasks]
    try:
        yield from _messages(children, tasks)
    finally:
        for child in children:
            child.kill()
            child.wait()
            child.stdout.close()


def _messages(children: Sequence[subprocess.Popen], tasks: Sequence[Task]) -> Iterator[Message]:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def forward(child: subprocess.Popen) -> None:
        for line in child.stdout:
            lines.put(line)
        lines.put(None)

    for child, task in zip(children, tasks, strict=True):
        threading.Thread(target=forward, args=(child,), daemon=True).start()
        with contextlib.suppress(BrokenPipeError):  # it died: its exit code tells, below
            json.dump(task, child.stdin)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
    running = len(children)
    while running:
        line = lines.get()
        if line is None:
            running -= 1
            continue
        message = json.loads(line)
        if "error" in message:
            raise StorageError(message["error"])
        yield message
    if failed := [child.returncode for child in children if child.wait()]:
        raise StorageError(
            "A process that decoded images ended too early, perhaps for lack of memory; try again. "
            f"Received: exit code={failed[0]}"
        )


def serve(work: Callable[[Task], Iterator[Message]]) -> None:
    """Do the one task that stands on standard input; the body of a module that is started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked
    task = json.load(sys.stdin)
    try:
        for message in work(task):
            _answer(message)
    except CnnlabError as error:
        _answer({"error": str(error)})


def _answer(message: Message) -> None:
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)  # the one who asked is gone


class ProgressReport:
    """Adds up what is done and tells it a few times a second."""

    def __init__(self, total: int, on_progress: Progress) -> None:
        self._total, self._done, self._told_at = total, 0, 0.0
        self._on_progress = on_progress

    def add(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        now = time.monotonic()
        if self._done == self._total or now - self._told_at >= _SECONDS_BETWEEN_REPORTS:
            self._told_at = now
            self._on_progress(self._done, self._total)
