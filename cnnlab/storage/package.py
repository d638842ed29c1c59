"""The zip that a user downloads."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from cnnlab.files import write_atomically

PACKAGE = "model.zip"
"""Its name, in the folder of an attempt or of another job."""


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
