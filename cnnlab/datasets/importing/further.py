"""Further pictures of classes, checked one by one as an import checks them, in a pack of their own.

One that can't be read is refused with all others: whoever chose them by hand can leave it out.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from cnnlab.datasets import limits
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.picture_sources import PictureSource, open_pictures
from cnnlab.datasets.pictures.decode import CheckedImage, check_image, without_decoder_warnings
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import UnreadableMemberError
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.errors import DatasetError, StorageError, UploadError
from cnnlab.domain.words import data_size
from cnnlab.files import disk_errors

Picture = tuple[str, bytes]
"""A file's name and its encoded bytes."""

_FOLDER = "added"
# What a picture is that isn't called so, by its first bytes; most are photos.
_SIGNATURES = {
    b"\x89PNG": ".png",
    b"GIF8": ".gif",
    b"RIFF": ".webp",
    b"BM": ".bmp",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
}
_PHOTO = ".jpg"


class NewImage(NamedTuple):
    """A picture that was checked and packed.

    Attributes:
        file: its path in the dataset, unlike all others.
        label: its class.
        offset: of its first byte in the pack.
        length: in bytes.
        sha256: of its bytes, hex.
        checked: what was seen of it.
    """

    file: str
    label: str
    offset: int
    length: int
    sha256: str
    checked: CheckedImage


class FurtherImages(NamedTuple):
    """What was taken of some pictures and what was not.

    Attributes:
        images: those that were packed.
        left_out: files that are in the class already, byte for byte.
        elsewhere: file and class of those packed that are in another class too.
    """

    images: tuple[NewImage, ...]
    left_out: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...]


def pack_pictures(
    index: ImageIndex, pictures: Mapping[str, Iterable[Picture]], pack: Path
) -> FurtherImages:
    """Check pictures and write those that are new into a pack.

    Args:
        index: of the dataset that they are for.
        pictures: of each class, taken one after the other.
        pack: the file to write.

    Raises:
        UploadError: a picture can't be read; the message names it.
        DatasetError: a picture has more than 8 bits a channel, and no range of values is known for
            those that are there.
        StorageError: the disk has too little room.
    """
    classes = _classes_of(index)
    taken = set(index.files)
    images: list[NewImage] = []
    left_out, elsewhere, offset = [], [], 0
    with without_decoder_warnings(), _writing(pack) as file:
        for label, name, content in _in_turn(pictures):
            shown = _shown(name)
            checked = _checked(index, shown, content)
            sha256 = hashlib.sha256(content).hexdigest()
            known = classes.setdefault(sha256, [])
            if label in known:
                left_out.append(shown)
                continue
            if known:
                elsewhere.append((shown, known[0]))
            known.append(label)
            place = _free_place(shown, content, taken)
            _check_disk(pack, len(content))
            with disk_errors(pack):
                file.write(content)
            images.append(NewImage(place, label, offset, len(content), sha256, checked))
            offset += len(content)
    return FurtherImages(tuple(images), tuple(left_out), tuple(elsewhere))


def _in_turn(pictures: Mapping[str, Iterable[Picture]]) -> Iterator[tuple[str, str, bytes]]:
    for label, own in pictures.items():
        for name, content in own:
            yield label, name, content


def pictures_in(file: Path) -> Iterator[Picture]:
    """The pictures of an uploaded file, one after the other: of a zip, a tar, or itself one.

    What operating systems put beside them is passed over.

    Raises:
        UploadError: it can't be read, or holds something too large; the message names it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="cnnlab-pictures-") as folder,
        open_pictures([PictureSource(str(file), "")], Path(folder)) as pictures,
    ):
        for one in pictures.refused:
            raise _refusal(_shown(one.file), one.reason)
        for picture in pictures.listed:
            try:
                content = pictures.read(picture)
            except UnreadableMemberError as error:
                raise _refusal(_shown(picture.file), str(error)) from error
            yield picture.file, content


def _check_size(shown: str, size_bytes: int) -> None:
    if size_bytes > limits.MAX_IMAGE_BYTES:
        raise _refusal(shown, f"larger than {data_size(limits.MAX_IMAGE_BYTES)}")


def _refusal(shown: str, reason: str) -> UploadError:
    return UploadError(
        f"{shown!r} can't be added ({reason}): leave it out, or save it anew as JPEG or PNG."
    )


def _classes_of(index: ImageIndex) -> dict[str, list[str]]:
    """The classes in which each picture is, by its hash."""
    classes: dict[str, list[str]] = {}
    for sha256, label in zip(index.hashes, index.labels.tolist(), strict=True):
        classes.setdefault(sha256, []).append(index.class_names[label])
    return classes


def _checked(index: ImageIndex, shown: str, content: bytes) -> CheckedImage:
    _check_size(shown, len(content))
    try:
        checked = check_image(content, index.value_range)
    except UploadError as error:
        raise _refusal(shown, str(error)) from error
    if checked.extremes and index.value_range is None and index.is_deep.any():
        raise DatasetError(
            f"{shown!r} has more than 8 bits a channel, and this dataset of an earlier version has "
            "no range of values for such images: set one on its page first, or save the picture "
            "with 8 bits."
        )
    return checked


@contextmanager
def _writing(pack: Path) -> Iterator[IO[bytes]]:
    """A new file that is on the disk when this context has ended."""
    with disk_errors(pack):
        file = pack.open("xb")
    with file:
        yield file
        with disk_errors(pack):
            file.flush()
            os.fsync(file.fileno())


def _check_disk(pack: Path, size_bytes: int) -> None:
    missing_bytes = size_bytes + limits.MIN_FREE_BYTES - shutil.disk_usage(pack.parent).free
    if missing_bytes > 0:
        raise StorageError(
            f"The disk of {pack.parent} has too little room for these pictures; free at least "
            f"{data_size(missing_bytes)} or add fewer of them."
        )


def _shown(name: str) -> str:
    """The last part of a file's name on one line, harmless, without its folders."""
    return printable(name.replace("\\", "/").rpartition("/")[2].strip()) or "picture"


def _free_place(shown: str, content: bytes, taken: set[str]) -> str:
    """A path for a picture that no other one has, with the suffix of an image; it is taken then."""
    suffix = suffix_of(shown)
    if suffix in IMAGE_SUFFIXES:
        stem, suffix = shown[: -len(suffix)], shown[-len(suffix) :]
    else:
        kinds = (kind for start, kind in _SIGNATURES.items() if content.startswith(start))
        stem, suffix = shown, next(kinds, _PHOTO)
    place, number = f"{_FOLDER}/{stem}{suffix}", 1
    while place in taken:
        number += 1
        place = f"{_FOLDER}/{stem}-{number}{suffix}"
    taken.add(place)
    return place
