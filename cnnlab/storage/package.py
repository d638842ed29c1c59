"""The zip that a user downloads."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from cnnlab.files import write_atomically

PACKAGE = "model.zip"
"""Its name, in the folder of an attempt or of another job."""


def write_package(path: Path, model: Path, texts: Mapping[str, str]) -> None:
    """Put a model and a few texts into one zip; it appears whole or not at all.

    Args:
        path: the zip to write.
        model: its file or folder; it keeps its name and isn't compressed again.
        texts: content of further members by name.

    Raises:
        StorageError: the disk is full.
    """

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in _files_of(model):
                name = str(member.relative_to(model.parent))
                archive.write(member, name, compress_type=zipfile.ZIP_STORED)
            for name, text in texts.items():
                archive.writestr(name, text)

    write_atomically(path, write)


def write_members(path: Path, members: Mapping[str, str | bytes]) -> None:
    """Put files that are at hand into one zip; it appears whole or not at all.

    Args:
        path: the zip to write.
        members: content by name.

    Raises:
        StorageError: the disk is full.
    """

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    write_atomically(path, write)


def _files_of(model: Path) -> list[Path]:
    if not model.is_dir():
        return [model]
    return sorted(file for file in model.rglob("*") if file.is_file())
