"""The mark on a run or a study that came with an evidence bundle."""

from pathlib import Path
from typing import Any

from cnnlab.files import read_json

IMPORTED = "imported.json"
"""In the folder of a run or a study that came with a bundle: from where, and when."""


def read_mark(folder: Path) -> dict[str, Any] | None:
    """Where a run or a study came from; None for one of this home.

    Args:
        folder: of the run or the study.

    Raises:
        StorageError: it is damaged.
    """
    path = folder / IMPORTED
    return read_json(path) if path.exists() else None
