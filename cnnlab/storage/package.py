"""The zip that a user downloads, and whether a run makes it."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from cnnlab.files import disk_errors, write_atomically

_LATER = "MODEL_LATER"


def write_package(path: Path, model: Path, texts: Mapping[str, str]) -> None:
    """Put a model file and a few texts into one zip; it appears whole or not at all.

    Args:
        path: the zip to write.
        model: the model file; it keeps its name and isn't compressed again.
        texts: content of further members by name.

    Raises:
        StorageError: the disk is full.
    """

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(model, model.name, compress_type=zipfile.ZIP_STORED)
            for name, text in texts.items():
                archive.writestr(name, text)

    write_atomically(path, write)


def leave_model_out(attempt: Path) -> None:
    """Ask the worker of an attempt not to write its model file: it is made when it is wanted.

    Raises:
        StorageError: the disk is full.
    """
    with disk_errors(attempt):
        (attempt / _LATER).touch()


def is_model_left_out(attempt: Path) -> bool:
    """Whether the worker of an attempt writes no model file."""
    return (attempt / _LATER).exists()
