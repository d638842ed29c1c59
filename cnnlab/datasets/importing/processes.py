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

from cnnlab.datasets.upload.sources import Source
from cnnlab.domain.errors import CnnlabError, StorageError
from cnnlab.keyless import keyless_environment

Task = dict[str, Any]
Message = dict[str, Any]
Progress = Callable[[int, int], None]
StagedProgress = Callable[[str, int, int], None]

_ROOT = Path(__file__).resolve().parents[3]
_SECONDS_BETWEEN_REPORTS = 0.25
# Starting a process costs as much as decoding so many small images.
_FEW_IMAGES = 300
_FEW_BYTES = 20 * 2**20
# There are as many processes as processors: threads of the linear algebra would only wait.
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def no_stages(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def count_processes(images: int, total_bytes: int, wanted: int | None) -> int:
    """How many processes are worth it for so many encoded images; 1 means our own."""
    if images < _FEW_IMAGES and total_bytes < _FEW_BYTES:
        return 1
    return max(1, min(_all_processes(wanted), images))


def count_early(source: Source, wanted: int | None) -> int:
    """How many processes an upload will need for certain, before it is listed."""
    try:
        files = source if isinstance(source, tuple) else (source,)
        is_large = any(one.is_file() and one.stat().st_size >= _FEW_BYTES for one in files)
    except OSError:  # listing it says what is wrong
        return 1
    return _all_processes(wanted) if is_large else 1


def _all_processes(wanted: int | None) -> int:
    return wanted or len(os.sched_getaffinity(0))


def run_tasks(
    module: str, work: Callable[[Task], Iterator[Message]], tasks: Sequence[Task]
) -> Iterator[Message]:
    """Yield what `work` answers to every task, by processes that end with it (`ProcessPool`)."""
    with ProcessPool(module) as pool:
        yield from pool.run(work, tasks)


class ProcessPool:
    """Processes that do round after round of tasks; they can start before there is any.

    Leaving it as a context ends them.
    """

    def __init__(self, module: str) -> None:
        """Take a pool that has no process yet.

        Args:
            module: to start with `python -m`; it calls `serve` with what may be run.
        """
        self._module = module
        self._children: list[subprocess.Popen[str]] = []
        self._listeners: list[threading.Thread] = []
        # Lines that were read; a process that has ended stands for itself.
        self._answers: queue.SimpleQueue[str | subprocess.Popen[str]] = queue.SimpleQueue()

    def __enter__(self) -> "ProcessPool":
        return self

    def __exit__(self, *error: object) -> None:
        for child in self._children:
            child.kill()
            child.wait()
        for listener in self._listeners:
            listener.join()
        for child in self._children:
            for pipe in filter(None, (child.stdout, child.stdin)):
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    @property
    def size(self) -> int:
        """How many processes there are, ours where no other one is."""
        return len(self._children) or 1

    def start(self, count: int) -> None:
        """See that there are at least so many processes."""
        paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        found = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        environment = keyless_environment() | found | _ALONE
        command = [sys.executable, "-P", "-m", self._module]
        for _ in range(count - len(self._children)):
            child = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self._children.append(child)
            listener = threading.Thread(target=self._listen, args=(child,), daemon=True)
            listener.start()
            self._listeners.append(listener)

    def _listen(self, child: subprocess.Popen[str]) -> None:
        for line in child.stdout or ():
            self._answers.put(line)
        self._answers.put(child)

    def run(
        self, work: Callable[[Task], Iterator[Message]], tasks: Sequence[Task]
    ) -> Iterator[Message]:
        """Yield what `work` answers to every task: here for one task, else in a process for each.

        A round must be taken to its end before the next one.

        Args:
            work: does one task, yielding messages.
            tasks: JSON values.

        Raises:
            StorageError: a process failed or was killed.
        """
        if len(tasks) == 1:
            yield from work(tasks[0])
            return
        self.start(len(tasks))
        for child, task in zip(self._children, tasks, strict=False):
            _tell(child, {"work": work.__name__, "task": task})
        running = len(tasks)
        while running:
            message = self._next_message()
            if message is None:
                running -= 1
            else:
                yield message

    def _next_message(self) -> Message | None:
        """What a process answers next; None is the end of its task."""
        answer = self._answers.get()
        if isinstance(answer, subprocess.Popen):
            raise StorageError(
                "A process that decoded images ended too early, perhaps for lack of memory; try "
                f"again. Received: exit code={answer.wait()}"
            )
        message = json.loads(answer)
        if message and "error" in message:
            raise StorageError(message["error"])
        return message


def _tell(child: subprocess.Popen[str], order: dict[str, Any]) -> None:
    # At once: writing piece by piece, as `json.dump` does, takes many times as long.
    line = json.dumps(order) + "\n"
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # it died: its exit code tells
            child.stdin.write(line)
            child.stdin.flush()


def serve(*works: Callable[[Task], Iterator[Message]]) -> None:
    """Do the tasks that standard input orders, one a line; the body of a module that is started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked
    known = {work.__name__: work for work in works}
    # Without its end, a line is of one who was killed while writing it.
    while (line := sys.stdin.readline()).endswith("\n"):
        _obey(known, json.loads(line))


def _obey(known: dict[str, Callable[[Task], Iterator[Message]]], order: dict[str, Any]) -> None:
    try:
        for message in known[order["work"]](order["task"]):
            _answer(message)
    except CnnlabError as error:
        _answer({"error": str(error)})
    _answer(None)


def _answer(message: Message | None) -> None:
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)  # the one who asked is gone


class ProgressCounter:
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
