"""Handing variables to the supervisor that lives: what the newest start has counts.

A supervisor has the environment of whoever started it, and may live for as long as something waits
for MLflow's server or for a bucket. Without this a password that was corrected would help nobody
before its end. They travel through its named pipe, which only their owner can open, and are written
to no disk. MLflow's are a message, the bucket's another one.
"""

import json
import logging
import os
import select

from cnnlab.domain.errors import ConfigError
from cnnlab.keyless import CREDENTIALS
from cnnlab.runner.wake_up import wake_up
from cnnlab.storage.bucket.address import (
    STORAGE,
    bucket_address,
    storage_folder,
    storage_words,
)
from cnnlab.storage.home import Home

_MLFLOW = "MLFLOW_"
_TELLING = "MLFLOW_TRACKING_"
_KEYS = ("AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""A shell without one of them says nothing of the bucket: it would take keys away."""

_log = logging.getLogger(__name__)


def hand_on(home: Home, *, even_none: bool = False) -> None:
    """Tell the supervisor that lives, if any, the variables of MLflow and of a bucket set here.

    Args:
        home: its home folder.
        even_none: whether it is told, too, that there are none: nothing is sent from then on but
            what is asked for. A command in another shell says nothing by not having any.
    """
    mlflow, bucket = _named(_MLFLOW), _of_bucket()
    if even_none or any(name.startswith(_TELLING) for name in mlflow):
        _tell(home, mlflow)
    if bucket is not None and (even_none or any(bucket.get(key) for key in _KEYS)):
        _tell(home, bucket)


def _tell(home: Home, values: dict[str, str]) -> None:
    message = f"\n{json.dumps(values)}\n".encode()
    if len(message) > select.PIPE_BUF:  # the parts of two could mix
        _log.warning(
            "a supervisor that lives isn't told of %s: they take %d bytes, of which %d can be "
            "handed on; they count from its next start",
            ", ".join(values), len(message), select.PIPE_BUF,
        )  # fmt: skip
        return
    wake_up(home.supervisor_pipe, message)


def take_over(told: bytes) -> bool:
    """Set what was handed on; variables of the same purpose that weren't are removed.

    Args:
        told: what came through the pipe; all that was since it was last read.

    Returns:
        Whether something is another now.
    """
    messages = [values for line in told.splitlines() if (values := _read(line)) is not None]
    mlflow = [values for values in messages if STORAGE not in values]
    bucket = [values for values in messages if STORAGE in values]
    changed = bool(mlflow) and _set(_MLFLOW, mlflow[-1])
    if bucket:
        changed |= _set(CREDENTIALS, bucket[-1])
        before, folder = os.environ.get(STORAGE, ""), storage_folder()
        os.environ[STORAGE] = storage_words(folder, bucket[-1][STORAGE])
        changed |= os.environ[STORAGE] != before
    return changed


def _set(prefix: str, values: dict[str, str]) -> bool:
    """Have those variables that begin so be as told, and no others; say whether one changed."""
    before = _named(prefix)
    after = {name: value for name, value in values.items() if name.startswith(prefix)}
    for name in before.keys() - after.keys():
        del os.environ[name]
    os.environ.update(after)
    return after != before


def _named(prefix: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(prefix)}


def _of_bucket() -> dict[str, str] | None:
    """Where the bucket is, and who may use it; None where its address can't be taken."""
    try:
        address = bucket_address()
    except ConfigError:  # whoever starts says so
        return None
    return {STORAGE: address.url, **_named(CREDENTIALS)} if address else {STORAGE: ""}


def _read(line: bytes) -> dict[str, str] | None:
    if not line.startswith(b"{"):
        return None
    try:
        found: dict[str, str] = json.loads(line)
    except ValueError:
        return None
    return {name: str(value) for name, value in found.items()}
