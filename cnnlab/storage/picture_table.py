"""What models say of many pictures: a table in a job's folder, with the pictures made small.

table.npz        files, and of each run the most probable classes of each picture
thumbnails.bin   JPEGs, one after the other
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cnnlab.domain.data.familiarity import is_unlike
from cnnlab.domain.errors import DamagedError, NotFoundError
from cnnlab.domain.records.prediction import (
    Familiarity,
    FamiliarityLimit,
    Guess,
    PictureRow,
    Prediction,
)
from cnnlab.files import disk_errors, write_atomically
from cnnlab.storage.arrays import read_arrays

TABLE, THUMBNAILS = "table.npz", "thumbnails.bin"
_REMEDY = "have the pictures predicted again"
_ARRAYS = ("labels", "probabilities", "calibrated", "distances", "thumbnails")


@dataclass(frozen=True)
class AskedRun:
    """A run whose model was asked.

    Attributes:
        run: its id.
        run_name: what it is called.
        classes: names in the order of the labels.
        familiarity: the limit and how often it is wrong; None where that isn't known.
    """

    run: str
    run_name: str
    classes: list[str]
    familiarity: FamiliarityLimit | None


@dataclass(frozen=True)
class PictureTable:
    """What is said of N pictures by R runs; K is the number of guesses, at most five.

    Attributes:
        runs: in the order in which they were asked.
        files: what each picture is called.
        places: number of the source and path inside it, to find each picture again.
        reasons: by row, why it is no picture.
        labels: (N, R, K) int16, the most probable first; -1 where there is none.
        probabilities: (N, R, K) float32, the models' own.
        calibrated: (N, R, K) float32, NaN where no temperature is known.
        distances: (N, R) float32, to the training images; NaN where that isn't known.
        thumbnails: (N + 1,) int64, where each small picture begins.
    """

    runs: tuple[AskedRun, ...]
    files: tuple[str, ...]
    places: tuple[tuple[int, str], ...]
    reasons: dict[int, str]
    labels: np.ndarray
    probabilities: np.ndarray
    calibrated: np.ndarray
    distances: np.ndarray
    thumbnails: np.ndarray

    def __len__(self) -> int:
        return len(self.files)

    def rows(self, numbers: Sequence[int] | None = None) -> Iterator[PictureRow]:
        """Rows of the table: those at some positions, or all."""
        for row in range(len(self)) if numbers is None else numbers:
            found: PictureRow = {"row": row, "file": self.files[row], "predictions": []}
            if row in self.reasons:
                found["reason"] = self.reasons[row]
            else:
                found["predictions"] = [self._said(row, at) for at in range(len(self.runs))]
            yield found

    def _said(self, row: int, at: int) -> Prediction:
        asked, own = self.runs[at], self.probabilities[row, at]
        scaled = [None if np.isnan(one) else float(one) for one in self.calibrated[row, at]]
        labels = [int(label) for label in self.labels[row, at] if label >= 0]
        top: list[Guess] = [
            {"class": asked.classes[label], "probability": float(own[k]), "calibrated": scaled[k]}
            for k, label in enumerate(labels)
        ]
        return {
            "run": asked.run,
            "run_name": asked.run_name,
            "file": self.files[row],
            "class": top[0]["class"],
            "probability": top[0]["probability"],
            "top": top,
            "familiarity": self._familiarity(row, at),
        }

    def _familiarity(self, row: int, at: int) -> Familiarity | None:
        known, distance = self.runs[at].familiarity, float(self.distances[row, at])
        if known is None or np.isnan(distance):
            return None
        return {**known, "distance": distance, "is_unlike": is_unlike(known, distance)}


def write_table(folder: Path, table: PictureTable) -> None:
    """Write a table, whole or not at all.

    Raises:
        StorageError: the disk is full.
    """
    about = {
        "runs": [asdict(run) for run in table.runs],
        "files": table.files,
        "places": table.places,
        "reasons": table.reasons,
    }
    arrays = {name: getattr(table, name) for name in _ARRAYS}
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    write_atomically(folder / TABLE, lambda file: np.savez_compressed(file, about=text, **arrays))


def read_table(folder: Path) -> PictureTable:
    """Read a table.

    Raises:
        DamagedError: it is missing or damaged.
        StorageError: it can't be read at the moment.
    """
    path = folder / TABLE
    arrays = read_arrays(path, ("about", *_ARRAYS), remedy=_REMEDY)
    try:
        about = json.loads(arrays.pop("about").tobytes())
        return PictureTable(
            tuple(AskedRun(**run) for run in about["runs"]),
            tuple(about["files"]),
            tuple((source, path) for source, path in about["places"]),
            {int(row): reason for row, reason in about["reasons"].items()},
            **arrays,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{path} is damaged: {_REMEDY}.") from error


def read_thumbnail(folder: Path, table: PictureTable, row: int) -> bytes:
    """The JPEG of a picture made small.

    Raises:
        NotFoundError: there is no such picture.
        StorageError: the file is missing or can't be read at the moment.
    """
    if not 0 <= row < len(table) or row in table.reasons:
        raise NotFoundError(f"There is no picture {row} among these: choose another one.")
    begin, end = (int(place) for place in table.thumbnails[row : row + 2])
    with disk_errors(folder / THUMBNAILS), (folder / THUMBNAILS).open("rb") as file:
        file.seek(begin)
        return file.read(end - begin)
