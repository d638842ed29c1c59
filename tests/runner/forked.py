"""Light processes by fork: one process has loaded their modules, which is most of what each costs.

Whoever has `fork_light_processes` called starts the workers of `tests.runner.light_worker` and
`tests.runner.light_spare` so: with their own session, environment, folder, output and descriptors,
as `subprocess.Popen` does it. All other processes are started as ever.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

from cnnlab.runner import process
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
MODULES = ("tests.runner.light_worker", "tests.runner.light_spare")
ADDRESS = "CNNLAB_TEST_FORKS"
"""Names the socket of the process that forks, also for the supervisors that a test starts."""

_MESSAGE_BYTES = 2**17
_DESCRIPTORS = 64
_HIGH = 700
"""Descriptors from here on are the child's own until it has put each in its place."""


class Forks:
    """The process that forks, for as long as tests run; it is started once somebody needs it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="forks-", dir="/tmp")  # a socket's path
        self._process = None
        self._lock = threading.Lock()
        os.environ[ADDRESS] = str(Path(self._folder.name, "socket"))

    def start(self):
        """Start it, unless it is there."""
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", __name__],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    start_new_session=True,
                )
                wait_until(Path(os.environ[ADDRESS]).exists)

    def close(self):
        """Have it end; what it has started lives on, as children of a process that was killed."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()
        self._folder.cleanup()
        del os.environ[ADDRESS]


class Forked:
    """What is known of a process that was forked; who forked it waits for its end."""

    def __init__(self, pid):
        self.pid = pid

    def wait(self):
        """Nothing of it is left to be fetched."""


class LightSubprocess:
    """Takes the place of the module `subprocess` where the app starts processes of its own.

    Args:
        start: sees to it that somebody forks.
    """

    DEVNULL = subprocess.DEVNULL

    def __init__(self, start):
        self._start = start

    def Popen(self, command, *, cwd, env, stdout, pass_fds, **options):
        _, _, module, *arguments = command
        if module in MODULES:
            self._start()
            wanted = {"module": module, "arguments": arguments, "folder": str(cwd), "named": env}
            wanted["descriptors"] = list(pass_fds)
            with contextlib.suppress(ConnectionError):  # who forks is gone: it is started as ever
                return _forked(wanted, [stdout.fileno(), *pass_fds])
        given = {"stdout": stdout, "pass_fds": pass_fds, **options}
        return subprocess.Popen(command, cwd=cwd, env=env, **given)


def _forked(wanted, descriptors):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(os.environ[ADDRESS])
        socket.send_fds(connection, [json.dumps(wanted).encode()], descriptors)
        told = connection.recv(64)
        if not told:
            raise ConnectionResetError("Who forks has ended before it said which process it is.")
        return Forked(int(told))


def fork_light_processes(start=lambda: None):
    """Have this process start its light workers by fork.

    Args:
        start: sees to it that somebody forks.
    """
    process.subprocess = LightSubprocess(start)


def main():
    """Fork for everyone who asks, until the tests are over."""
    for module in MODULES:
        importlib.import_module(module)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    place = os.environ[ADDRESS]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(f"{place}.part")
        listening.listen(128)
        Path(f"{place}.part").rename(place)  # who sees it is heard
        while sys.stdin not in select.select([sys.stdin, listening], [], [])[0]:
            _answer(listening)


def _answer(listening):
    connection, _ = listening.accept()
    with connection, contextlib.suppress(ConnectionError):  # who asked was killed meanwhile
        message, descriptors, _, _ = socket.recv_fds(connection, _MESSAGE_BYTES, _DESCRIPTORS)
        if message and os.fork() == 0:
            _begin(connection, json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _begin(connection, wanted, descriptors):
    """Be the new process, from its first word to its last; it is told of once it can be killed."""
    os.setsid()
    with contextlib.suppress(BrokenPipeError):  # who asked was killed meanwhile
        connection.send(str(os.getpid()).encode())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        _take(descriptors, [1, *wanted["descriptors"]])
        os.environ.clear()
        os.environ.update(wanted["named"])
        os.chdir(wanted["folder"])
        sys.argv = [wanted["module"], *wanted["arguments"]]
        code = sys.modules[wanted["module"]].main()
    except SystemExit as left:
        code = left.code
    except BaseException:  # as the interpreter ends by any error
        traceback.print_exc()
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


def _take(descriptors, numbers):
    """Leave open nothing but standard input, both outputs and these, each with its number."""
    kept = [fcntl.fcntl(one, fcntl.F_DUPFD, _HIGH) for one in descriptors]
    os.closerange(3, _HIGH)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for one, number in zip(kept, numbers, strict=True):
        os.dup2(one, number)
        os.close(one)
    os.dup2(1, 2)


if __name__ == "__main__":
    main()
