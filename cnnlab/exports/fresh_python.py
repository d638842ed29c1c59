"""A Python of its own, which sees neither cnnlab nor a GPU: what whoever takes a file along has."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnnlab.domain.errors import ExportError
from cnnlab.keyless import keyless_environment

_SECONDS = 300

Begun = subprocess.Popen[str]
"""A script that runs, or waits for what it is told."""


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
    with begun_fresh(script, arguments) as begun:
        end_fresh(begun, "", late=late, failed=failed)


@contextlib.contextmanager
def begun_fresh(script: str, arguments: Sequence[object]) -> Iterator[Begun]:
    """A script that has begun; where nobody waits for its end, it is killed.

    Args:
        script: Python source.
        arguments: what it finds in `sys.argv[1:]`.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", script, *map(str, arguments)],
        env=keyless_environment() | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def end_fresh(begun: Begun, told: str, *, late: str, failed: str) -> None:
    """Wait for the end of a script.

    Args:
        begun: it.
        told: what it reads from standard input.
        late: as in `run_fresh`; the time is counted from here on.
        failed: likewise.

    Raises:
        ExportError: it failed, or took too long.
    """
    try:
        _, errors = begun.communicate(told, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ExportError(
            f"{late} within {_SECONDS} s, so it isn't offered: the machine may be too busy; "
            "prepare it again."
        ) from error
    if begun.returncode:
        last_line = (errors.strip().splitlines() or ["no message"])[-1]
        raise ExportError(f"{failed}, so it isn't offered: {last_line}")


def lay_pictures(folder: Path, pictures: Sequence[bytes]) -> None:
    """Make a folder of picture files, whose names are in the order of these contents."""
    folder.mkdir()
    for number, content in enumerate(pictures):
        (folder / f"{number:06}").write_bytes(content)
