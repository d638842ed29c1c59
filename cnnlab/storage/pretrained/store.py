"""The weights of a home: each file named by its content, with a note of where it comes from.

pretrained/w-0123456789ab/weights.npz    by `layer/weight`
pretrained/w-0123456789ab/about.json     what is known of them
"""

import contextlib
import errno
import math
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.errors import DamagedError, NotFoundError, StorageError
from cnnlab.files import (
    disk_errors,
    put_in_place,
    read_json,
    remove_folder,
    write_atomically,
    write_json,
)
from cnnlab.storage.bundles.typed import misfit
from cnnlab.storage.home import Home
from cnnlab.storage.pretrained.imagenet import ImagenetFile, checksum
from cnnlab.storage.pretrained.weights import Weights, write_npz

_FILE, _NOTE = "weights.npz", "about.json"
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
        classes: names by label that the last layer tells apart; none where that isn't known.
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
    classes: list[str] = field(default_factory=list)
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
    classes: list[str] = field(default_factory=list)


def _entry(values: object) -> PretrainedEntry | None:
    """What a note says, which may come from another home; None where it says it badly."""
    if not isinstance(values, dict):
        return None
    kinds = get_type_hints(PretrainedEntry)
    known = {name: values[name] for name in kinds if name in values}
    if any(misfit(value, kinds[name], name) for name, value in known.items()):
        return None
    try:
        return PretrainedEntry(**known)
    except TypeError:  # something is missing
        return None


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
        """Keep weights; those that are here already, undamaged, stay as they are.

        Raises:
            StorageError: the disk is full or can't be written; nothing was changed.
        """
        beside = self._folder / f".{secrets.token_hex(6)}.part"
        try:
            with disk_errors(beside):
                beside.mkdir(mode=0o700, parents=True)
            write_atomically(beside / _FILE, lambda file: write_npz(file, weights))
            sha256 = checksum(beside / _FILE)
            entry = PretrainedEntry(
                id=f"w-{sha256[:12]}",
                sha256=sha256,
                bytes=(beside / _FILE).stat().st_size,
                added_at=datetime.now(UTC).isoformat(timespec="seconds"),
                layers={name: list(values.shape) for name, values in weights.items()},
                **asdict(source),
            )
            write_json(beside / _NOTE, entry.to_json())
            self._put_in_place(beside, entry.id)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return self.find(entry.id)

    def _put_in_place(self, beside: Path, id: str) -> None:
        target = self._folder / id
        try:
            self.check(self.find(id))
        except NotFoundError:
            pass
        except DamagedError:
            remove_folder(target)
        else:
            return
        with disk_errors(target):
            try:
                put_in_place(beside, target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise  # else somebody was quicker, with the same

    def list(self) -> list[PretrainedEntry]:
        """All that are kept, newest first; one whose note is damaged is left out."""
        found = []
        for folder in self._folder.glob("w-*"):
            with contextlib.suppress(StorageError, NotFoundError):
                found.append(self.find(folder.name))
        return sorted(found, key=lambda entry: (entry.added_at, entry.id), reverse=True)

    def find(self, id: str) -> PretrainedEntry:
        """What is known of kept weights.

        Raises:
            NotFoundError: there are none with this id.
            StorageError: the note is damaged or can't be read.
        """
        note = self._folder / id / _NOTE
        if not is_pretrained_id(id) or not note.parent.is_dir():
            raise NotFoundError(
                f"There are no pretrained weights {id:.60}: `pretrained list` names all."
            )
        values = read_json(note) if note.exists() else {}
        entry = _entry(values)
        if entry is None or entry.id != id:
            raise self._damaged(id)
        return entry

    def of_imagenet(self, preset: str) -> PretrainedEntry | None:
        """The weights of a preset that were trained on ImageNet, if they are kept."""
        kept = (each for each in self.list() if each.trained_on == IMAGENET)
        return next((each for each in kept if each.preset == preset), None)

    def file(self, id: str) -> Path:
        """The file of weights: never changed once it is there, so links may share it."""
        return self._folder / id / _FILE

    def check(self, entry: PretrainedEntry) -> None:
        """See that the file of weights is the one that was kept.

        Raises:
            DamagedError: it is another one, or gone.
        """
        path = self.file(entry.id)
        if not path.is_file() or checksum(path) != entry.sha256:
            raise self._damaged(entry.id)

    def delete(self, id: str) -> None:
        """Delete weights, damaged ones too; runs that began with them keep their own.

        Raises:
            NotFoundError: there are none with this id.
            StorageError: the folder can't be written.
        """
        with contextlib.suppress(DamagedError):
            self.find(id)
        remove_folder(self._folder / id)

    def _damaged(self, id: str) -> DamagedError:
        return DamagedError(
            f"The pretrained weights in {self._folder / id} are damaged: delete them "
            f"(`pretrained delete {id}`) and add them again."
        )
