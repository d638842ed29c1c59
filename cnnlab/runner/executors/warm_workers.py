"""Workers that wait with TensorFlow loaded, which is most of what a start costs."""

import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable

from cnnlab.domain.errors import NotFoundError
from cnnlab.files import written_at
from cnnlab.runner.process import note_pid, start_process
from cnnlab.storage.home import Home
from cnnlab.worker.process.channel import (
    FREE,
    LOADED,
    PREPARE,
    SPENT,
    TAKEN,
    Job,
    send_job,
)

UNUSED_SECONDS = 600.0
"""A worker that nobody wanted for so long is let go: it holds 0.6 GB of memory."""

ANSWER_SECONDS = 3.0
"""A waiting worker answers within milliseconds; one that doesn't by then hangs."""

REST_SECONDS = 1.0
"""A form that hasn't changed for so long is worth getting its run ready."""

_MANY_CORES = 4
CALM_SECONDS = 5.0
"""So long after a start the next spare may be loaded, where cores are left."""

_LONGEST_BACK_OFF_SECONDS = 300.0
_log = logging.getLogger(__name__)


class WarmWorker:
    """A worker process and our end of the sockets to it.

    Args:
        module: the worker's module.
        home: the home folder it works on.

    Attributes:
        pid: its process id, also of its process group.
        is_busy: whether it has a job.
        is_resident: whether that job stays for as long as somebody comes.
        is_loaded: whether it would begin a job at once.
        is_spent: whether it leaves because it has become too large.
        is_gone: whether it has ended.
        prepares: the form's request that it was told to get ready, by its time.
    """

    def __init__(self, module: str, home: Home) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.pid = start_process(
                module,
                ["--spare", str(theirs.fileno())],
                home=home.root,
                log=home.supervisor_log,
                pass_fds=[theirs.fileno()],
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        self._socket = ours
        self.is_busy = self.is_resident = self.is_loaded = self.is_gone = self.is_spent = False
        self.prepares = 0

    def listen(self, seconds: float = 0.0) -> bytes:
        """Take in its next word, waiting at most so long; empty when there is none."""
        if self.is_gone or not select.select([self._socket], [], [], seconds)[0]:
            return b""
        try:
            word = self._socket.recv(64)
        except ConnectionError:
            word = b""
        self.is_gone = not word
        self.is_loaded = self.is_loaded or word == LOADED
        self.is_spent = self.is_spent or word == SPENT
        self.is_busy = self.is_busy and word != FREE
        return word

    def prepare(self, request: int, workspace: str) -> None:
        """Have it get ready what the form shows; one that is gone is seen to be at the next word.

        Args:
            request: the form's, by its time.
            workspace: in which the form is looked at.
        """
        self.prepares = request
        with contextlib.suppress(OSError):
            self._socket.send(PREPARE + workspace.encode())

    def give(self, job: Job, lock: int) -> bool:
        """Hand a job over with its lock; False means that it couldn't take it, and is gone.

        One that still loads TensorFlow isn't waited for: it finds the job in its socket.
        """
        try:
            send_job(self._socket, job, lock)
        except OSError:
            self.is_gone = True
            return False
        self.is_busy, self.is_resident = True, job.kind.is_resident
        self.prepares = 0
        if not self.is_loaded:
            return True
        end = time.monotonic() + ANSWER_SECONDS
        while (left := end - time.monotonic()) > 0 and not self.is_gone:
            if self.listen(left) == TAKEN:
                return True
        self._end()
        return False

    def let_go(self) -> None:
        """Close our end: it leaves once it has nothing to do."""
        self._socket.close()
        self.is_gone = True

    def _end(self) -> None:
        """Kill it and see it gone, so that it can't wake up with a job that another one got."""
        if not self.is_gone:
            _log.warning("worker %d doesn't answer and is killed", self.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        end = time.monotonic() + ANSWER_SECONDS
        while not self.is_gone and time.monotonic() < end:
            self.listen(ANSWER_SECONDS)
        self.let_go()


class WarmWorkers:
    """Gives jobs to workers, and keeps one ready for the next job as long as that is likely.

    Args:
        module: the workers' module.
        home: of the installation: one that waits may be given a job of any workspace.
        clock: seconds on a clock that never jumps.
    """

    def __init__(self, module: str, home: Home, clock: Callable[[], float]) -> None:
        self._module, self._home, self._clock = module, home, clock
        self._form_home = home
        self._workers: list[WarmWorker] = []
        self._wanted_at = clock()
        self._request = written_at(home.warm_request)
        self._form, self._formed_at = 0, clock()
        self._launched = 0
        self._given_at = -CALM_SECONDS
        self._losses, self._start_at = 0, 0.0

    def give(self, job: Job, lock: int) -> None:
        """Have a worker do a job: the one that waits, else a new one.

        Args:
            job: what to do.
            lock: descriptor that holds the lock of its attempt; closed by who calls.

        Raises:
            OSError: no process can be started.
        """
        self._listen()
        self._given_at = self._wanted_at = self._clock()
        if job.kind_name == "train":  # whoever launched it looks at a form no more
            self._form = written_at(self._form_home.form_request)
            self._launched = self._form
        for worker in self._idle():
            note_pid(lock, worker.pid)
            if worker.give(job, lock):
                return
        worker = WarmWorker(self._module, self._home)
        self._workers.append(worker)
        note_pid(lock, worker.pid)
        worker.give(job, lock)

    def keep(self, *, training: bool) -> bool:
        """Start or let go what is due; say whether a worker waits.

        Args:
            training: whether any run trains. Loading TensorFlow beside it takes seconds of a core,
                so on few cores that waits for the run's end; mostly its worker is free then.
        """
        self._listen()
        now = self._clock()
        working = [worker for worker in self._workers if worker.is_busy]
        training = training or any(not worker.is_resident for worker in working)
        is_calm = self._is_calm(training, training or bool(working), now)
        request = written_at(self._home.warm_request)
        if request != self._request:
            self._form_home = _wished_in(self._home)
        if request != self._request or training:
            self._request, self._wanted_at = request, now
        idle = self._idle()
        wanted = now - self._wanted_at < UNUSED_SECONDS
        for worker in idle[1:] if wanted else idle:
            worker.let_go()
            self._workers.remove(worker)
        if wanted and not idle and now >= self._start_at and is_calm:
            self._workers.append(WarmWorker(self._module, self._home))
        self._prepare(now, is_calm=is_calm)
        return bool(self._idle())

    def close(self) -> None:
        """Let all go; those that have a job bring it to the end."""
        for worker in self._workers:
            worker.let_go()
        self._workers.clear()

    def _prepare(self, now: float, *, is_calm: bool) -> None:
        """Have a worker that waits get the form's run ready, once the form has come to rest."""
        form = written_at(self._form_home.form_request)
        if form != self._form:
            self._form, self._formed_at = form, now
        has_rested = REST_SECONDS <= now - self._formed_at < UNUSED_SECONDS
        is_of_today = time.time() - form / 1e9 < UNUSED_SECONDS
        idle = self._idle()
        if not (has_rested and is_of_today and is_calm and idle) or form == self._launched:
            return
        if idle[0].prepares != form:
            idle[0].prepare(form, self._form_home.workspace)

    def _is_calm(self, training: bool, working: bool, now: float) -> bool:
        """Whether loading TensorFlow takes nothing from what has just begun."""
        if working and now - self._given_at < CALM_SECONDS:
            return False
        return not training or len(os.sched_getaffinity(0)) >= _MANY_CORES

    def _idle(self) -> list[WarmWorker]:
        """Those that wait, the loaded ones first."""
        idle = [worker for worker in self._workers if not worker.is_busy and not worker.is_gone]
        return sorted(idle, key=lambda worker: not worker.is_loaded)

    def _listen(self) -> None:
        """Take in what the workers say; count those that died while they waited."""
        for worker in self._workers:
            if worker.is_gone:
                continue
            while word := worker.listen():
                if word == LOADED:
                    self._losses = 0
                if word == FREE:
                    self._wanted_at = self._clock()
            if worker.is_gone:
                worker.let_go()
                if not worker.is_busy and not worker.is_spent:
                    self._lose(worker)
        self._workers = [worker for worker in self._workers if not worker.is_gone]

    def _lose(self, worker: WarmWorker) -> None:
        delay = min(2.0**self._losses, _LONGEST_BACK_OFF_SECONDS)
        self._losses += 1
        self._start_at = self._clock() + delay
        _log.warning("worker %d ended while it waited; a new one in %.0f s", worker.pid, delay)


def _wished_in(home: Home) -> Home:
    """The home of the workspace in which somebody will launch a run soon."""
    with contextlib.suppress(OSError, ValueError, NotFoundError):  # damaged, or just gone
        return home.of_workspace(home.warm_request.read_text() or home.workspace)
    return home
