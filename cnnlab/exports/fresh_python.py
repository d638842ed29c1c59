"""A Python of its own, which sees neither cnnlab nor a GPU: what whoever takes a file along has."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cnnlab.domain.errors import ExportError

_SECONDS = 300


def run_fresh(script: str, arguments: Sequence[object], *, late: str, failed: str) -> None:
    """Run a script to its end.

    Args:
        script: Python source.
        arguments: what it finds in `sys.argv[1:]`.
        late: begins the sentence for a script that takes too long, such as `The program didn't
            begin`.
        failed: begins the one for a script that fails.

    Raises:
        ExportError: it failed, or took too long.
    """
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-I", "-c", script, *map(str, arguments)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(
            f"{late} within {_SECONDS} s, so it isn't offered: the machine may be too busy; "
            "prepare it again."
        ) from error
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ExportError(f"{failed}, so it isn't offered: {last_line}")


def lay_pictures(folder: Path, pictures: Sequence[bytes]) -> None:
    """Make a folder of picture files, whose names are in the order of these contents."""
    folder.mkdir()
    for number, content in enumerate(pictures):
        (folder / f"{number:06}").write_bytes(content)
