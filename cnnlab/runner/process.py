"""Starting processes of our own that outlive whoever started them."""

import os
import subprocess
import sys
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

import cnnlab
from cnnlab.keyless import CREDENTIALS
from cnnlab.storage.bucket.address import STORAGE, bucket_address, storage_words
from cnnlab.storage.home import named_home

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
_WITHHELD = "CNNLAB_OIDC_"
"""What the app signs people in with: of no use to anybody else."""


def start_process(
    module: str,
    arguments: Sequence[str],
    *,
    home: Path,
    log: Path,
    pass_fds: Sequence[int] = (),
    secrets: Collection[str] = (),
) -> int:
    """Start `python -m module arguments` in a session of its own, output appended to a file.

    The environment is an allow-list, so that no secret of the server's is inherited but those that
    runs are sent with, and those of the bucket where one is named.

    Args:
        module: dotted name of the module.
        arguments: its command line.
        home: the home folder it works on.
        log: file for whatever it prints.
        pass_fds: descriptors that it keeps open (locks).
        secrets: names of variables that it needs, which nobody else gets.

    Returns:
        Its process id. A thread waits for its end, so that nobody else has to.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON
        or name in secrets
        or (name.startswith(_PASSED_ON_PREFIXES) and not name.startswith(_WITHHELD))
    }
    environment.pop(STORAGE, None)
    place, bucket = named_home(home), bucket_address()
    environment["CNNLAB_HOME"] = str(place.own)
    if bucket is not None:
        ours = {name: value for name, value in os.environ.items() if name.startswith(CREDENTIALS)}
        environment |= ours
    folder = place.root if place.is_elsewhere else None
    if storage := storage_words(folder, bucket.url if bucket else ""):
        environment[STORAGE] = storage
    with log.open("ab") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=Path(cnnlab.__file__).parent.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
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
