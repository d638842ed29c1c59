"""The files of a bundle: its list of files, the histories, what was said of the validation images.

`runs/ID/predictions/*.predictions` are rows of pieces: a head of 20 bytes (what it is, epoch, a
number, length and CRC-32 of the content), the CRC-32 of the head, and the content.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.records.training import SeenImages
from cnnlab.storage.attempts.prediction_codes import Judged, decode_judged, decode_probabilities

MANIFEST = "manifest.json"
_PIECE = 2**20
_HEAD = struct.Struct("<4sIIIII")


def wrong_files(folder: Path) -> list[str]:
    """What isn't as the manifest says, one sentence each; also what is missing or too many."""
    files = json.loads((folder / MANIFEST).read_bytes())["cnnlab_bundle"]["files"]
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wrong = [f"{name} is missing" for name in sorted(files.keys() - found)]
    wrong += [f"{name} isn't in the manifest" for name in sorted(found - files.keys() - {MANIFEST})]
    for name in sorted(files.keys() & found):
        if _sha256(folder / name) != files[name]["sha256"]:
            wrong.append(f"{name} was changed: its sha256 isn't that of the manifest")
    return wrong


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def read(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON file."""
    return json.loads(path.read_bytes())


@dataclass(frozen=True)
class StoredRun:
    """One run of the bundle.

    Attributes:
        folder: `runs/ID`.
    """

    folder: Path

    @cached_property
    def values(self) -> dict[str, Any]:
        """`run.json`: id, arm, status and so on."""
        values: dict[str, Any] = read(self.folder / "run.json")
        return values

    @cached_property
    def config(self) -> dict[str, Any]:
        """The whole config."""
        values: dict[str, Any] = read(self.folder / "config.json")
        return values

    @property
    def seed(self) -> int:
        """Of the training."""
        seed: int = self.config["training"]["seed"]
        return seed

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        path = self.folder / "events.jsonl"
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]  # a killed worker leaves half a line
        return [json.loads(line)["data"] for line in whole.splitlines()]

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """One record for each finished epoch."""
        return [row["record"] for row in self._rows if row["kind"] == "epoch"]

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the worker said at the start: checksums, device, versions."""
        return next((row["facts"] for row in self._rows if row["kind"] == "started"), {})

    @property
    def seen(self) -> SeenImages | None:
        """Which images that judge it trained the weights that it started with."""
        start = self.facts.get("pretrained")
        return start.get("seen") if start else None

    @cached_property
    def result(self) -> dict[str, Any]:
        """How it ended, with the final evaluation in `report`; empty where it said nothing."""
        path = self.folder / "result.json"
        return read(path) if path.exists() else {}

    @property
    def was_turned(self) -> bool:
        """Whether somebody turned a dial while it trained."""
        return any(row["kind"] == "dials" for row in self._rows)

    @property
    def counts(self) -> bool:
        """Whether a verdict may rest on it."""
        return self.values["status"] == "finished" and not self.was_turned

    @cached_property
    def said(self) -> "Said | None":
        """What it said of the validation images; None where that isn't kept."""
        return read_said(self.folder / "predictions", len(self.history))


@dataclass(frozen=True)
class Said:
    """What a run said of its validation images after each epoch.

    Attributes:
        positions: (N,) int, rows of `data/images.csv`.
        labels: (N,) int, the true classes.
        classes: how many there are.
        judged: by epoch the predicted classes and cross-entropies.
        others: by epoch the other classes, packed.
    """

    positions: np.ndarray
    labels: np.ndarray
    classes: int
    judged: dict[int, Judged]
    others: dict[int, tuple[int, bytes]]

    @property
    def epochs(self) -> list[int]:
        """0-based, in order."""
        return sorted(self.others)

    @cached_property
    def right(self) -> np.ndarray:
        """(epochs, N) bool."""
        found: np.ndarray = self._stacked("predicted") == self.labels
        return found

    @cached_property
    def cross_entropies(self) -> np.ndarray:
        """(epochs, N) float32, nats."""
        return self._stacked("true_losses")

    def _stacked(self, name: str) -> np.ndarray:
        return np.stack([getattr(self.judged[epoch], name) for epoch in self.epochs])

    def probabilities(self, epoch: int) -> np.ndarray:
        """(N, classes) float32; each is off by at most 0.05 % of its cross-entropy."""
        number, content = self.others[epoch]
        rows = np.arange(len(self.labels))
        judged = self.judged[epoch]
        return decode_probabilities(number, content, judged, self.labels, self.classes, rows)


def read_said(folder: Path, finished: int) -> Said | None:
    """Read what was said in the first epochs; None where nothing is kept.

    Raises:
        ValueError: a file isn't what was written.
    """
    paths = sorted(folder.glob("from-*.predictions")) if folder.exists() else []
    ends = [int(path.stem.removeprefix("from-")) - 1 for path in paths[1:]] + [finished]
    images, judged, others = None, {}, {}
    for path, end in zip(paths, ends, strict=True):
        for kind, epoch, number, content in _pieces(path):
            if epoch >= min(end, finished):
                continue
            if kind == b"IMGS" and images is None:
                table = np.frombuffer(zlib.decompress(content), "<i4").reshape(2, -1)
                images = table[0].astype(np.int64), table[1].astype(np.int64), number
            elif kind == b"JUDG" and images is not None:
                judged[epoch] = decode_judged(content, len(images[0]), images[2])
            elif kind == b"OTHR":
                others[epoch] = number, content
    return None if images is None or not others else Said(*images, judged, others)


def _pieces(path: Path) -> Iterator[tuple[bytes, int, int, bytes]]:
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            kind, epoch, number, length, crc, check = _HEAD.unpack(head)
            content = file.read(length)
            if len(content) < length:
                return  # a killed worker leaves half a piece
            if zlib.crc32(head[:20]) != check or zlib.crc32(content) != crc:
                raise ValueError(f"{path.name} is damaged after epoch {epoch + 1}")
            yield kind, epoch, number, content
