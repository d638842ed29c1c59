"""The weights of a home: each file named by its content, with a note of where it comes from.

pretrained/w-0123456789ab.npz     the weights, by `layer/weight`
pretrained/w-0123456789ab.json    what is known of them; what has no note isn't there
"""

import contextlib
import math
import re
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.errors import DamagedError, NotFoundError, StorageError
from cnnlab.files import disk_errors, put_in_place, read_json, write_atomically, write_json
from cnnlab.storage.home import Home
from cnnlab.storage.pretrained.imagenet import ImagenetFile, checksum
from cnnlab.storage.pretrained.weights import Weights, write_npz

_ID = re.compile(r"w-[0-9a-f]{12}")


@dataclass(frozen=True)
class PretrainedEntry:
    """Weights that are kept.

    Attributes:
        id: `w-` and the first 12 digits of their file's sha256.
        name: for people, such as that of the file they came in.
        words: where they come from.
        preset: whose network they are of; empty where that isn't known.
        trained_on: `imagenet`, or empty where that isn't known.
        licence: of the weights; empty where that isn't known.
        layers: shapes of each layer's weights, by `layer/weight`.
        sha256: of the file.
        bytes: its size.
        added_at: ISO 8601, UTC.
    """

    id: str
    name: str
    words: str
    sha256: str
    bytes: int
    added_at: str
    preset: str = ""
    trained_on: str = ""
    licence: str = ""
    layers: dict[str, list[int]] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """How many numbers they are."""
        return sum(map(math.prod, self.layers.values()))

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Source:
    """What is known of weights when they come; as in `PretrainedEntry`."""

    name: str
    words: str
    preset: str = ""
    trained_on: str = ""
    licence: str = ""


def imagenet_source(file: ImagenetFile) -> Source:
    """What is known of the weights of a file that is known."""
    return Source(file.file, file.words, file.preset, IMAGENET, file.licence)


def is_pretrained_id(text: str) -> bool:
    """Whether a text is what kept weights are called by, whether there are such or not."""
    return bool(_ID.fullmatch(text))


class PretrainedStore:
    """The weights of a home.

    Args:
        home: the home folder; any number of processes may keep and read there.
    """

    def __init__(self, home: Home) -> None:
        self._folder = home.pretrained

    def keep(self, weights: Weights, source: Source) -> PretrainedEntry:
        """Keep weights; those that are here already stay as they are.

        Raises:
            StorageError: the disk is full or can't be written; nothing was changed.
        """
        with disk_errors(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        beside = self._folder / f".{secrets.token_hex(6)}.part"
        try:
            write_atomically(beside, lambda file: write_npz(file, weights))
            sha256 = checksum(beside)
            entry = PretrainedEntry(
                id=f"w-{sha256[:12]}",
                sha256=sha256,
                bytes=beside.stat().st_size,
                added_at=datetime.now(UTC).isoformat(timespec="seconds"),
                layers={name: list(values.shape) for name, values in weights.items()},
                **asdict(source),
            )
            with disk_errors(self._folder):
                put_in_place(beside, self.file(entry.id))
        finally:
            beside.unlink(missing_ok=True)
        if not self._note(entry.id).exists():
            write_json(self._note(entry.id), entry.to_json())
        return self.find(entry.id)

    def list(self) -> list[PretrainedEntry]:
        """All that are kept, newest first; one whose note is damaged is left out."""
        found = []
        for note in self._folder.glob("w-*.json"):
            with contextlib.suppress(StorageError):
                found.append(self.find(note.stem))
        return sorted(found, key=lambda entry: (entry.added_at, entry.id), reverse=True)

    def find(self, id: str) -> PretrainedEntry:
        """What is known of kept weights.

        Raises:
            NotFoundError: there are none with this id.
            StorageError: the note is damaged or can't be read.
        """
        if not is_pretrained_id(id) or not self._note(id).exists():
            raise NotFoundError(
                f"There are no pretrained weights {id}: `pretrained list` names all."
            )
        values = read_json(self._note(id))
        try:
            return PretrainedEntry(**values)
        except TypeError as error:
            raise DamagedError(
                f"{self._note(id)} is damaged ({error}): delete it and add the weights again."
            ) from error

    def of_imagenet(self, preset: str) -> PretrainedEntry | None:
        """The weights of a preset that were trained on ImageNet, if they are kept."""
        kept = (each for each in self.list() if each.trained_on == IMAGENET)
        return next((each for each in kept if each.preset == preset), None)

    def file(self, id: str) -> Path:
        """The file of weights: never changed once it is there, so links may share it."""
        return self._folder / f"{id}.npz"

    def check(self, entry: PretrainedEntry) -> None:
        """See that the file of weights is the one that was kept.

        Raises:
            DamagedError: it is another one, or gone.
        """
        path = self.file(entry.id)
        if not path.is_file() or checksum(path) != entry.sha256:
            raise DamagedError(
                f"The weights {entry.id} ({entry.name}) in {path} are damaged or gone: delete "
                f"{self._note(entry.id)} and add them again."
            )

    def delete(self, id: str) -> None:
        """Delete weights; runs that began with them keep their own.

        Raises:
            NotFoundError: there are none with this id.
            StorageError: the folder can't be written.
        """
        note = self._note(self.find(id).id)
        with disk_errors(note):
            note.unlink()
            self.file(id).unlink(missing_ok=True)

    def _note(self, id: str) -> Path:
        return self._folder / f"{id}.json"
