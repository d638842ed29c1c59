"""Starting processes of our own that outlive whoever started them."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import cnnlab

_PASSED_ON = {
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
}  # fmt: skip
_PASSED_ON_PREFIXES = (
    "CNNLAB_",
    "CUDA_",
    "NVIDIA_",
    "LD_LIBRARY_",
    "MLFLOW_",
    "OMP_",
    "OPENBLAS_",
    "PYTHON",
    "TF_",
    "XLA_",
)


def start_process(
    module: str,
    arguments: Sequence[str],
    *,
    home: Path,
    stdout: Path,
    stderr: Path,
    pass_fds: Sequence[int] = (),
) -> int:
    """Start `python -m module arguments` in a session of its own, output appended to files.

    The environment is an allow-list, so that no secret of the server's is inherited but those that
    runs are sent with.

    Args:
        module: dotted name of the module.
        arguments: its command line.
        home: the home folder it works on.
        stdout: file for its standard output.
        stderr: file for its standard error; may be the same.
        pass_fds: descriptors that it keeps open (locks).

    Returns:
        Its process id. A thread waits for its end, so that nobody else has to.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    environment["CNNLAB_HOME"] = str(home)
    with stdout.open("ab") as out, stderr.open("ab") as err:
        child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=Path(cnnlab.__file__).parent.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )
    threading.Thread(target=child.wait, name=f"reap-{child.pid}", daemon=True).start()
    return child.pid


def note_pid(lock: int, pid: int) -> None:
    """Write into a lock file whose process group holds it.

    Args:
        lock: descriptor that holds the lock.
        pid: of the group's leader.
    """
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(pid).encode(), 0)
