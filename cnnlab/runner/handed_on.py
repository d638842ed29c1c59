"""Handing MLflow's variables to the supervisor that lives: what the newest start has counts.

A supervisor has the environment of whoever started it, and may live for as long as something waits
for a server. Without this a password that was corrected would help nobody before its end. They
travel through its named pipe, which only their owner can open, and are written to no disk.
"""

import json
import os
import select

from cnnlab.runner.wake_up import wake_up
from cnnlab.storage.home import Home

_OURS = "MLFLOW_"
_TELLING = "MLFLOW_TRACKING_"


def hand_on(home: Home, *, even_none: bool = False) -> None:
    """Tell the supervisor that lives, if any, the variables of MLflow that are set here.

    Args:
        home: its home folder.
        even_none: whether it is told, too, that none is: nothing is sent from then on but what is
            asked for. A command in another shell says nothing by not having any.
    """
    values = _settings()
    if not even_none and not any(name.startswith(_TELLING) for name in values):
        return
    message = f"\n{json.dumps(values)}\n".encode()
    if len(message) <= select.PIPE_BUF:  # else the parts of two could mix
        wake_up(home.supervisor_pipe, message)


def take_over(told: bytes) -> bool:
    """Set what was handed on; the variables of MLflow that weren't are removed.

    Args:
        told: what came through the pipe; all that was since it was last read.

    Returns:
        Whether something is another now.
    """
    for line in reversed(told.splitlines()):
        values = _read(line)
        if values is not None:
            before = _settings()
            for name in before.keys() - values.keys():
                del os.environ[name]
            os.environ.update(values)
            return values != before
    return False


def _settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_OURS)}


def _read(line: bytes) -> dict[str, str] | None:
    if not line.startswith(b"{"):
        return None
    try:
        found: dict[str, str] = json.loads(line)
    except ValueError:
        return None
    return {name: str(value) for name, value in found.items() if name.startswith(_OURS)}
