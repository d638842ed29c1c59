"""Maps of pictures on the disk, written into a folder: each laid over its picture, and as it is."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.datasets.pictures.heat import overlaid
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.explanation import (
    ExplainedPicture,
    PictureLayer,
    RefusedPicture,
    ShuffleCheck,
)
from cnnlab.files import disk_errors
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.explaining.several import explain_files

_LEAST_PX = 256
_STRENGTH = 0.6

_MOST_BYTES = 150
"""Of a picture's name within a file's, which may have 255 on most disks."""


class WrittenMap(NamedTuple):
    """A picture with its map in files.

    Attributes:
        picture: what is told of it.
        overlay: the PNG with the map over the picture as the network sees it.
        values: the map itself, a .npy of float32 (h, w): above 0 speaks for the class.
    """

    picture: ExplainedPicture
    overlay: Path
    values: Path


class WrittenMaps(NamedTuple):
    """What came of it; see `Explained`."""

    written: list[WrittenMap]
    refused: list[RefusedPicture]
    check: ShuffleCheck | None
    layer: PictureLayer | None


@asks(Action.EDIT, is_noted=False)
def write_explanations(
    run: str,
    paths: Sequence[Path],
    folder: Path,
    method: str,
    class_name: str = "",
    *,
    on_phase: Callable[[str], object] = lambda text: None,
) -> WrittenMaps:
    """Write where a run's model looks in pictures into a folder, which is made where it isn't.

    Files that are there already stay: a name that is taken gets a number.

    Args:
        run: id of a run that has ended, and has an epoch.
        paths: files, folders, archives.
        folder: where to.
        method: a key of `METHODS`.
        class_name: whose score; empty for the class that the model says of each.
        on_phase: is told what is being done, each thing once.

    Raises:
        BadInputError: as `explain_files`, or `folder` is a file.
        CnnlabError: as `explain_files`, or the folder can't be written.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder} is a file: name a folder for the maps.")
    answer, maps = explain_files(run, paths, method, class_name, on_phase=on_phase)
    written = []
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for picture, values, square in zip(
            answer["pictures"], maps.values, maps.squares, strict=True
        ):
            stem = _free_stem(folder, picture["file"], method)
            side = _side_px(square)
            one = WrittenMap(picture, folder / f"{stem}.png", folder / f"{stem}.npy")
            overlaid(square, values, side, _STRENGTH).save(one.overlay)
            np.save(one.values, values.astype(np.float32))
            written.append(one)
    return WrittenMaps(written, answer["refused"], answer["check"], answer["layer"])


def _side_px(square: np.ndarray) -> int:
    """As large as the picture, or as many whole times as large as it takes to be seen."""
    return len(square) * max(1, -(-_LEAST_PX // len(square)))


def _free_stem(folder: Path, file: str, method: str) -> str:
    """What a picture's files are called: after it and the method, numbered where that is taken."""
    plain = re.sub(r"[^\w.-]+", "-", Path(file).name).strip("-.") or "picture"
    plain = plain.encode()[:_MOST_BYTES].decode(errors="ignore")  # within a character it may end
    stem, number = f"{plain}.{method}", 1
    while (folder / f"{stem}.png").exists() or (folder / f"{stem}.npy").exists():
        number += 1
        stem = f"{plain}.{method}-{number}"
    return stem
