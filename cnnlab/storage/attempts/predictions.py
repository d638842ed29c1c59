"""What a run said of its validation images after every epoch: files that only grow.

A folder holds one file for each process that has trained the run, `from-EPOCH.predictions` by the
first epoch (counted from 1) that it wrote. A later file counts from its first epoch on, an earlier
one up to there: whoever goes on from an epoch, in another attempt or as a fork, shares the files
before it as they are, whatever lies behind that epoch in them.

A file is a row of pieces, each a head (what it is, its epoch, its length, checksums) and a content:
first the images and their true classes, then two for each epoch, written and brought to the disk
together: what is needed to judge (`encode_judged`) and the other classes (`encode_others`). A piece
counts once it is whole, and an epoch once both are: a kill leaves an end that nobody reads.

All of a run's files take at most `LIMIT_BYTES`, shared evenly by the epochs that its config asks
for; where the probabilities of all classes don't fit, those of the most probable ones are kept. The
predicted class and the cross-entropy of every image, five to six bytes, are always kept, even
beyond the limit (above 110,000 images in 100 epochs, say): a verdict can't do without them.
"""

import contextlib
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cnnlab.domain.errors import DamagedError
from cnnlab.domain.predictions import Predictions
from cnnlab.files import disk_errors, share_file, sync
from cnnlab.storage.attempts.prediction_codes import (
    EVERY_CLASS,
    Judged,
    decode_judged,
    decode_probabilities,
    encode_judged,
    encode_others,
)

LIMIT_BYTES = 64 * 2**20

_SUFFIX = ".predictions"
_IMAGES, _JUDGED, _OTHERS = b"IMGS", b"JUDG", b"OTHR"
_HEAD = struct.Struct("<4sIIII")
"""What it is, 0-based epoch, a number, length and CRC-32 of the content; the number is that of the
classes (of `IMGS`) or of the classes kept beside the predicted one (of `OTHR`)."""

_CHECK = struct.Struct("<I")
"""CRC-32 of the head."""


@dataclass(frozen=True)
class _Piece:
    """Where the content of a piece lies."""

    path: Path
    kind: bytes
    epoch: int
    number: int
    start: int
    length: int
    crc: int

    @property
    def end(self) -> int:
        return self.start + self.length

    def read(self) -> bytes:
        """The content. Raises DamagedError where it isn't what was written."""
        with disk_errors(self.path), self.path.open("rb") as file:
            file.seek(self.start)
            content = file.read(self.length)
        if zlib.crc32(content) != self.crc:
            raise _damaged(self.path)
        return content


class PredictionWriter:
    """Appends the predictions of one process, epoch by epoch, to a file of its own.

    Args:
        folder: of the attempt's predictions; made with the first epoch.
        epochs: that the config asks for, which share the limit.
    """

    def __init__(self, folder: Path, epochs: int) -> None:
        self._folder = folder
        self._most_bytes = LIMIT_BYTES // max(1, epochs)
        self._file: BinaryIO | None = None
        self._next = 0

    def append(self, epoch: int, predictions: Predictions) -> None:
        """Write those of an epoch; they are on the disk when this returns.

        Args:
            epoch: 0-based; what was written of it and of later ones before counts no more.
            predictions: of the same images each time.

        Raises:
            StorageError: the disk is full; the epochs before stay readable.
        """
        judged = encode_judged(predictions.probabilities, predictions.labels)
        left = self._most_bytes - len(judged) - 2 * (_HEAD.size + _CHECK.size)
        kept, others = encode_others(predictions.probabilities, max(0, left))
        content = _piece(_JUDGED, epoch, 0, judged) + _piece(_OTHERS, epoch, kept, others)
        with disk_errors(self._folder):
            if self._file is None or epoch != self._next:
                self._file = self._begin(epoch, predictions)
            self._file.write(content)
            self._file.flush()
            os.fsync(self._file.fileno())
        self._next = epoch + 1

    def _begin(self, epoch: int, predictions: Predictions) -> BinaryIO:
        """A new file, never one that is there: it may be shared with another attempt."""
        self.close()
        self._folder.mkdir(exist_ok=True)
        for first, path in _files(self._folder):
            if first >= epoch:
                path.unlink()
        path = self._folder / f"from-{epoch + 1:05d}{_SUFFIX}"
        file = path.open("xb")
        table = np.stack([predictions.positions, predictions.labels]).astype("<i4")
        classes = predictions.probabilities.shape[1]
        file.write(_piece(_IMAGES, epoch, classes, zlib.compress(table.tobytes(), 1)))
        sync(self._folder)
        return file

    def close(self) -> None:
        """Close the file; what couldn't be written was said when it was appended."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()


class EpochPredictions:
    """What a run said of its validation images after its finished epochs.

    Attributes:
        positions: (N,) int64, rows of the dataset.
        labels: (N,) int64, the true classes.
        classes: how many there are.
        epochs: 0-based, those whose predictions are kept, in order.
        stored_bytes: what they take on the disk.
    """

    def __init__(self, pieces: list[_Piece]) -> None:
        """Take over what was found; see `read_predictions`."""
        images = next(piece for piece in pieces if piece.kind == _IMAGES)
        table = np.frombuffer(zlib.decompress(images.read()), "<i4").reshape(2, -1)
        self.positions, self.labels = table.astype(np.int64)
        self.classes = images.number
        self._judged_at = {piece.epoch: piece for piece in pieces if piece.kind == _JUDGED}
        self._others_at = {piece.epoch: piece for piece in pieces if piece.kind == _OTHERS}
        self.epochs = sorted(self._others_at)
        self.stored_bytes = sum(piece.length for piece in pieces)

    def probabilities(self, epoch: int) -> np.ndarray:
        """Class probabilities after an epoch.

        Those of the true class are off by at most 0.05 % of their cross-entropy. Where not all are
        kept (`kept_classes`), the others share evenly what is left over.

        Args:
            epoch: 0-based, one of `epochs`.

        Returns:
            (N, classes) float32; the predicted class is the most probable one.

        Raises:
            StorageError: the file is damaged or gone.
        """
        return self._said(epoch, np.arange(len(self.labels)))

    def kept_classes(self, epoch: int) -> int:
        """Of how many classes the probability is kept for each image, the true one aside."""
        number = self._others_at[epoch].number
        return self.classes if number == EVERY_CLASS else number + 1

    def of_image(self, row: int) -> np.ndarray:
        """Class probabilities of one image through the epochs.

        Args:
            row: of `positions`.

        Returns:
            (epochs, classes) float32.

        Raises:
            StorageError: a file is damaged or gone.
        """
        return np.concatenate([self._said(epoch, np.array([row])) for epoch in self.epochs])

    def _said(self, epoch: int, rows: np.ndarray) -> np.ndarray:
        piece = self._others_at[epoch]
        return decode_probabilities(
            piece.number, piece.read(), self._judged(epoch), self.labels, self.classes, rows
        )

    @cached_property
    def right(self) -> np.ndarray:
        """(epochs, N) bool, whether the predicted class was the true one. Raises StorageError."""
        predicted = np.stack([part.predicted for part in self._all_judged])
        right: np.ndarray = predicted == self.labels
        return right

    @cached_property
    def cross_entropies(self) -> np.ndarray:
        """(epochs, N) float32, of each image in nats. Raises StorageError."""
        return np.stack([part.true_losses for part in self._all_judged])

    @cached_property
    def _all_judged(self) -> list[Judged]:
        return [self._judged(epoch) for epoch in self.epochs]

    def judged(self, epochs: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Whether each image was right, and its cross-entropy in nats, after some epochs alone.

        Args:
            epochs: 0-based, one or more of `epochs`; nothing else is read.

        Returns:
            (given epochs, N) bool and float32, in their order.

        Raises:
            StorageError: the file is damaged or gone.
        """
        parts = [self._judged(epoch) for epoch in epochs]
        predicted = np.stack([part.predicted for part in parts])
        return predicted == self.labels, np.stack([part.true_losses for part in parts])

    def predicted(self, epoch: int) -> np.ndarray:
        """(N,) int, the class that was named for each image after an epoch, one of `epochs`.

        Raises:
            StorageError: the file is damaged or gone.
        """
        return self._judged(epoch).predicted

    def _judged(self, epoch: int) -> Judged:
        content = self._judged_at[epoch].read()
        return decode_judged(content, len(self.labels), self.classes)


def read_predictions(folder: Path, finished: int) -> EpochPredictions | None:
    """What is kept of the first epochs of a run; None where nothing is.

    Args:
        folder: of the attempt's predictions; a worker may be writing.
        finished: how many epochs have a record.

    Raises:
        StorageError: a file is damaged or can't be read: nothing tells where its next piece begins.
    """
    files = _files(folder)
    ends = [first for first, _ in files[1:]] + [finished]
    pieces = (
        [
            piece
            for (_, path), end in zip(files, ends, strict=True)
            for piece in _pieces(path)
            if piece.epoch < min(end, finished)
        ]
        if files
        else []
    )
    whole = any(piece.kind == _OTHERS for piece in pieces)
    return EpochPredictions(pieces) if whole else None


def share_predictions(source: Path, finished: int, target: Path) -> None:
    """Have the predictions of the first epochs in another attempt's folder too.

    Args:
        source: of the attempt whose epochs are taken over.
        finished: how many of them.
        target: of the attempt that goes on; what it has of an earlier try is replaced.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    shared = [path for first, path in _files(source) if first < finished]
    with disk_errors(target):
        if target.exists() or shared:
            target.mkdir(exist_ok=True)
            for path in target.iterdir():
                path.unlink()
        for path in shared:
            share_file(path, target / path.name)


def _files(folder: Path) -> list[tuple[int, Path]]:
    """The 0-based first epoch of each file, in order, and the file."""
    names = folder.glob(f"from-*{_SUFFIX}") if folder.exists() else []
    return sorted((int(path.stem.removeprefix("from-")) - 1, path) for path in names)


def _damaged(path: Path) -> DamagedError:
    return DamagedError(
        f"{path} is damaged: the disk lost what had been written. "
        "Delete the run or bring the file back from a backup."
    )


def _piece(kind: bytes, epoch: int, number: int, content: bytes) -> bytes:
    head = _HEAD.pack(kind, epoch, number, len(content), zlib.crc32(content))
    return head + _CHECK.pack(zlib.crc32(head)) + content


def _pieces(path: Path) -> Iterator[_Piece]:
    """The whole pieces of a file; an end that isn't whole, or was never filled, is nobody's.

    Raises:
        DamagedError: where a piece should begin stands something else.
    """
    with disk_errors(path), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while len(head := file.read(_HEAD.size + _CHECK.size)) == _HEAD.size + _CHECK.size:
            kind, epoch, number, length, crc = _HEAD.unpack(head[: _HEAD.size])
            is_sound = _CHECK.unpack(head[_HEAD.size :])[0] == zlib.crc32(head[: _HEAD.size])
            piece = _Piece(path, kind, epoch, number, file.tell(), length, crc)
            if not is_sound and any(head + file.read()):
                raise _damaged(path)
            if not is_sound or piece.end > size:
                return
            yield piece
            file.seek(piece.end)
