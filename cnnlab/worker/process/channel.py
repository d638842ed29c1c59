"""How a worker that waits, TensorFlow loaded, is given one job after another.

Messages over a pair of unix sockets, each of which arrives whole:

    to the worker      a job as JSON, with the descriptor that holds the lock of its folder
                       `prepare WORKSPACE` a form has rested there: get ready what it shows
    from the worker    `loaded`  TensorFlow is loaded: the next job begins at once
                       `taken`   it has the job, and prints to the job's log from now on
                       `free`    the job is done, and nothing of it is left
                       `spent`   it leaves, because it has become too large

A job that was sent keeps its lock as long as the worker lives, read or not, because a descriptor
under way counts as open. So there is no moment in which the job looks dead. When the other
side is gone, the worker brings its job to the end and leaves.
"""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnlab.jobs.kind import Kind
from cnnlab.jobs.table import KINDS
from cnnlab.storage.job_folder import JobFolder

LOADED, TAKEN, FREE, SPENT = b"loaded", b"taken", b"free", b"spent"
PREPARE = b"prepare "
JOBS_PER_PROCESS = 8
"""TensorFlow gives back most of what a run took, not all: a fresh process does."""

_MESSAGE_BYTES = 65536


@dataclass(frozen=True)
class Job:
    """Something for a worker to do.

    Attributes:
        run: id of the run that it belongs to, or what else it is called in lists and logs.
        folder: of the job.
        device: takes the place of the config's, unless None.
        kind_name: what sort of work it is, a key of the table of kinds.
    """

    run: str
    folder: str
    device: str | None = None
    kind_name: str = "train"

    @property
    def kind(self) -> Kind:
        """The facts of its kind."""
        return KINDS[self.kind_name]

    @property
    def files(self) -> JobFolder:
        """The folder's files."""
        return self.kind.folder(Path(self.folder))

    def options(self) -> list[str]:
        """The job as words of a worker's command line."""
        words = ["--run", self.run, "--attempt", self.folder, "--kind", self.kind_name]
        return words + ([] if self.device is None else ["--device", self.device])


def send_job(channel: socket.socket, job: Job, lock: int) -> None:
    """Send a job with the descriptor of its lock.

    Raises:
        OSError: the worker is gone.
    """
    socket.send_fds(channel, [json.dumps(asdict(job)).encode()], [lock])


class JobChannel:
    """The worker's end of the sockets.

    Args:
        descriptor: of the socket, inherited.

    Attributes:
        was_used: whether any job has come, or a wish to get one ready.
    """

    def __init__(self, descriptor: int) -> None:
        self.was_used = False
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)

    def tell(self, word: bytes) -> None:
        """Send one word; nobody there any more is no reason to end a job."""
        with contextlib.suppress(OSError):
            self._socket.send(word)

    def receive(self, prepare: Callable[[str], object]) -> tuple[Job, int] | None:
        """Wait for a job and the descriptor of its lock; None means that none will come.

        Args:
            prepare: begins to get ready what the form of a workspace shows, and returns at once: a
                job that comes next is answered within seconds, or its sender takes this process
                for one that hangs.
        """
        while message := self._next():
            self.was_used = True
            content, locks = message
            if not content.startswith(PREPARE):
                os.set_inheritable(locks[0], False)
                return Job(**json.loads(content)), locks[0]
            prepare(content.removeprefix(PREPARE).decode())
        return None

    def _next(self) -> tuple[bytes, list[int]] | None:
        """A message and the lock that came with it; None where nobody is there any more."""
        # That our words lay unread is said once, before what was sent earlier.
        for _try in range(2):
            with contextlib.suppress(ConnectionError):
                message, locks, _, _ = socket.recv_fds(self._socket, _MESSAGE_BYTES, 1)
                return (message, locks) if message else None
        return None

    def leave(self) -> None:
        """Say that this process has become too large, and take no job that isn't sent yet.

        From any thread.
        """
        self.tell(SPENT)
        self.give_up()

    def give_up(self) -> None:
        """Have `receive` return None, from any thread."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)


def serve_jobs(
    channel: JobChannel,
    do: Callable[[Job], int],
    tidy: Callable[[], bool],
    prepare: Callable[[str], object] = lambda workspace: None,
) -> int:
    """Do one job after another until none comes, one fails, or this process is used up.

    Args:
        channel: where they come from.
        do: does one and returns an exit code; 0 means that it ended well.
        tidy: leaves nothing of a job behind; False means that this process can't.
        prepare: begins to get ready what a form shows, see `JobChannel.receive`.

    Returns:
        The exit code for this process. The lock of its last job is held until it ends.
    """
    for number in range(1, JOBS_PER_PROCESS + 1):
        received = channel.receive(prepare)
        if received is None:
            return 0
        job, lock = received
        with _printing_to(job.files.log):
            channel.tell(TAKEN)
            code = do(job)
            goes_on = code == 0 and number < JOBS_PER_PROCESS and tidy()
        if not goes_on:
            return code
        # In this order: who sees the lock free finds this worker free for the next job.
        channel.tell(FREE)
        os.close(lock)
    return 0


@contextlib.contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """Append to `log` whatever this process, C++ included, prints within this context."""
    kept = {number: os.dup(number) for number in (1, 2)}
    with log.open("ab") as file:
        _print_to({1: file.fileno(), 2: file.fileno()})
    try:
        yield
    finally:
        _print_to(kept)
        for descriptor in kept.values():
            os.close(descriptor)


def _print_to(descriptors: dict[int, int]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    for number, descriptor in descriptors.items():
        os.dup2(descriptor, number)
