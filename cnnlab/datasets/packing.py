"""One process's share of an import: read, check and append images to one pack file.

Started as `python -m cnnlab.datasets.packing`; kept small, for its start is part of every import.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cnnlab.datasets.decode import check_image, without_decoder_warnings
from cnnlab.datasets.looks import Look
from cnnlab.datasets.opening import open_source
from cnnlab.datasets.processes import Message, Task, serve
from cnnlab.datasets.sources import Member, MemberReader
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
        glance: see `Look`.
        detail: see `Look`.
    """

    number: int
    offset: int
    length: int
    sha256: str
    width: int
    height: int
    mode: str
    glance: str
    detail: float

    @property
    def look(self) -> Look:
        """What it looks like."""
        return Look(self.glance, self.detail)


def pack_images(task: Task) -> Iterator[Message]:
    """Append the sound images of `task` to its pack.

    Args:
        task: `source`, `pack` (the file to write), `shard`, `members` (pairs of number, `Member`).

    Yields:
        `shard`, `images` (a `PackedImage` each) and `skipped` (pairs of number, reason), for every
        few members.

    Raises:
        StorageError: the pack can't be written.
    """
    source, members = open_source(Path(task["source"])), task["members"]
    try:
        with without_decoder_warnings(), source as reader, Path(task["pack"]).open("xb") as pack:
            for start in range(0, len(members), _BATCH):
                yield {"shard": task["shard"]} | _pack(reader, pack, members[start:][:_BATCH])
            pack.flush()
            os.fsync(pack.fileno())
    except OSError as error:
        raise StorageError(
            f"{task['pack']} can't be written: {error.strerror}; make room and import again"
        ) from error


def _pack(reader: MemberReader, pack: BinaryIO, members: list[tuple[int, Member]]) -> Message:
    images, skipped = [], []
    for number, member in members:
        try:
            content = reader.read(Member(*member))
            checked = check_image(content)
        except UploadError as error:
            skipped.append((number, str(error)))
            continue
        sha256 = hashlib.sha256(content).hexdigest()
        described = (checked.width_px, checked.height_px, checked.mode, *checked.look)
        images.append(PackedImage(number, pack.tell(), len(content), sha256, *described))
        pack.write(content)
    return {"images": images, "skipped": skipped}


if __name__ == "__main__":
    serve(pack_images)
