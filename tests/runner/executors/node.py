"""A second executor: its workers belong to a node process, as to another machine.

The two sides share folders and nothing else. The node holds a pipe whose other end a worker and
all its children keep open: a job lives until that is closed. The executor has no lock and no
process id; it asks over a socket, so the answer may be that there is none.
"""

import hashlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import asdict
from pathlib import Path

from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.runner.process import start_process
from cnnlab.worker.process.channel import Job
from tests.runner.executors.plain import PlainExecutor

ANSWER_SECONDS = 5.0
"""A node that says nothing for so long counts as out of reach."""

_START_SECONDS = 20.0
_MESSAGE_BYTES = 65536


def address(root):
    """An abstract name, which is gone with its process and may be as long as it likes."""
    return f"\0cnnlab-node-{hashlib.sha256(bytes(root)).hexdigest()[:32]}"


class NodeExecutor(PlainExecutor):
    """Asks the node; starts it where none is there.

    Args:
        root: the home folder that both sides see.
        module: the worker's module.
        capacity: the node's devices.
    """

    def __init__(self, root, module, *, capacity=None):
        super().__init__(capacity)
        self._root, self._module = root, module
        self._connection = None

    def start(self, job):
        """Raises as the port says; where no answer comes, the worker may have been started."""
        if not self._ask("start", job):
            raise RunStateError(f"{job.folder} has a worker already.")

    def is_alive(self, job):
        return self._ask("is_alive", job)

    def kill(self, job):
        self._ask("kill", job)

    def close(self):
        """Hang up; the node stays as long as it has workers."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, what, job):
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.send(json.dumps([what, asdict(job)]).encode())
            answer = self._connection.recv(_MESSAGE_BYTES)
            if not answer:
                raise ConnectionError("it hung up")
        except OSError as error:
            self.close()
            raise StorageError(f"The node can't be reached: {error}.") from error
        value, problem = json.loads(answer)
        if problem is not None:
            raise StorageError(problem)
        return value

    def _connect(self):
        end = time.monotonic() + _START_SECONDS
        is_started = False
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(address(self._root))
                return connection
            except ConnectionRefusedError:  # nobody listens
                connection.close()
                if time.monotonic() > end:
                    raise
            if not is_started:
                log = self._root / "node.log"
                arguments = [str(self._root), self._module]
                start_process(__name__, arguments, home=self._root, log=log)
                is_started = True
            time.sleep(0.02)  # between two tries to reach it


class Node:
    """The process that the workers belong to.

    Args:
        root: the home folder.
        module: the worker's module.
    """

    def __init__(self, root, module):
        self._root, self._module = root, module
        self._living = {}

    def start(self, job):
        """Start a worker unless the job has one; whether it was started."""
        if self.is_alive(job):
            return False
        ours, theirs = os.pipe()
        log = Path(job.folder) / "worker.log"
        try:
            pid = start_process(
                self._module,
                job.options(),
                home=self._root,
                log=log,
                pass_fds=[theirs],
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._living[job.folder] = pid, ours
        return True

    def is_alive(self, job):
        """Whether the other end of its pipe is open, which is so until the last process is gone."""
        if job.folder not in self._living:
            return False
        _, ours = self._living[job.folder]
        if not select.select([ours], [], [], 0)[0]:
            return True
        os.close(ours)
        del self._living[job.folder]
        return False

    def kill(self, job):
        if self.is_alive(job):
            os.killpg(self._living[job.folder][0], signal.SIGKILL)

    def is_busy(self):
        return any(self.is_alive(Job("", folder)) for folder in list(self._living))

    def answer(self, request):
        """What is sent back: the value, or what was wrong."""
        what, values = json.loads(request)
        try:
            return [getattr(self, what)(Job(**values)), None]
        except OSError as error:
            return [None, f"The worker can't be started: {error}"]


def serve(listener, node, root):
    """Answer until nobody listens any more and no worker lives, or the home is gone."""
    clients, last_seen = [], time.monotonic()
    while root.exists() and (clients or node.is_busy() or time.monotonic() - last_seen < 2):
        for ready in select.select([listener, *clients], [], [], 0.1)[0]:
            last_seen = time.monotonic()
            if ready is listener:
                clients.append(listener.accept()[0])
                continue
            try:
                request = ready.recv(_MESSAGE_BYTES)
                if request:
                    ready.send(json.dumps(node.answer(request)).encode())
            except ConnectionError:
                request = b""
            if not request:
                ready.close()
                clients.remove(ready)


def main():
    root, module = Path(sys.argv[1]), sys.argv[2]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address(root))  # refused where another node is there
        listener.listen()
        sys.stdout.write(f"node {os.getpid()}\n")
        sys.stdout.flush()
        serve(listener, Node(root, module), root)


if __name__ == "__main__":
    main()
