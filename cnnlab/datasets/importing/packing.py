"""One process's share of an import: read, check and append images to one pack file."""

import base64
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cnnlab.datasets.importing.processes import Message, Task
from cnnlab.datasets.pictures.appearance import NO_LOOK
from cnnlab.datasets.pictures.decode import check_image, without_decoder_warnings
from cnnlab.datasets.pictures.extremes import Extremes
from cnnlab.datasets.upload.opening import open_source
from cnnlab.datasets.upload.sources import Member, MemberReader
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import StorageError, UploadError

_BATCH = 64


class PackedImage(NamedTuple):
    """Where an accepted image lies and what it is.

    Attributes:
        number: its position among the images of the layout.
        offset: of its first byte in the pack.
        length: in bytes.
        sha256: of its encoded bytes, hex.
        width: in pixels, seen upright.
        height: in pixels, seen upright.
        mode: Pillow's mode before any conversion.
        detail: see `Look`; 0 where it isn't known yet.
        extremes: those of an image with more than 8 bits a channel, else None.
        has_frames: whether more pictures follow the first one in the file.
    """

    number: int
    offset: int
    length: int
    sha256: str
    width: int
    height: int
    mode: str
    detail: float
    extremes: Extremes | None
    has_frames: bool

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> "PackedImage":
        """Read what came as JSON from another process."""
        image = cls(*values)
        return image if image.extremes is None else image._replace(extremes=Extremes(*values[8]))


def pack_images(task: Task) -> Iterator[Message]:
    """Append the sound images of `task` to its pack.

    Args:
        task: `source`, `pack` (the file to write), `shard`, `members` (pairs of number, `Member`),
            `value_range` (of deep images, None where it isn't known yet).

    Yields:
        `shard`, `images` (a `PackedImage` each), `glances` (base64 of theirs, one after the other)
        and `skipped` (pairs of number, reason), for every few members.

    Raises:
        StorageError: the pack can't be written.
    """
    given, members, offset = task["source"], task["members"], 0
    source = open_source(Path(given) if isinstance(given, str) else tuple(map(Path, given)))
    value_range = ValueRange(*task["value_range"]) if task["value_range"] else None
    try:
        with without_decoder_warnings(), source as reader, Path(task["pack"]).open("xb") as pack:
            for start in range(0, len(members), _BATCH):
                batch = members[start : start + _BATCH]
                message = _pack(reader, pack, offset, batch, value_range)
                offset += sum(image.length for image in message["images"])
                yield {"shard": task["shard"]} | message
            pack.flush()
            os.fsync(pack.fileno())
    except OSError as error:
        raise StorageError(
            f"{task['pack']} can't be written: {error.strerror}; make room and import again"
        ) from error


def _pack(
    reader: MemberReader,
    pack: BinaryIO,
    offset: int,
    members: list[tuple[int, Member]],
    value_range: ValueRange | None,
) -> Message:
    images, glances, skipped = [], [], []
    for number, member in members:
        try:
            content = reader.read(Member(*member))
            checked = check_image(content, value_range)
        except UploadError as error:
            skipped.append((number, str(error)))
            continue
        sha256 = hashlib.sha256(content).hexdigest()
        look = checked.look or NO_LOOK
        seen = (checked.width_px, checked.height_px, checked.mode, look.detail)
        more = (checked.extremes, checked.has_frames)
        images.append(PackedImage(number, offset, len(content), sha256, *seen, *more))
        glances.append(look.glance)
        pack.write(content)
        offset += len(content)
    encoded = base64.b64encode(b"".join(glances)).decode()
    return {"images": images, "glances": encoded, "skipped": skipped}
