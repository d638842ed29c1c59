"""From arrays to labelled images: which holds images, which the labels of them."""

import io
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlab.datasets import limits
from cnnlab.datasets.importing.depth import choose_range
from cnnlab.datasets.pictures.extremes import measure_extremes
from cnnlab.datasets.pictures.pixels import scaled_values
from cnnlab.datasets.records.npy import StoredArray
from cnnlab.datasets.records.record import Record, split_in
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import UploadError

_CHANNELS = (1, 2, 3, 4)
_LABEL_WORDS = {"y", "label", "labels", "target", "targets", "class", "classes", "ytrain", "ytest"}
_IMAGE_WORDS = {"x", "image", "images", "img", "imgs", "data", "xtrain", "xtest", "xval"}
_NAME_WORDS = {"labelnames", "classnames", "names", "categories", "targetnames", "classes"}
_LEAST_SIDE_PX = 4  # what is narrower is coordinates: landmarks, boxes
_MAX_IMAGE_BYTES = 256 * 2**20


class Pair(NamedTuple):
    """Images and their labels.

    Attributes:
        images: (N, H, W), (N, H, W, C) or (N, C, H, W).
        labels: (N,), (N, 1), or (N, K) with a single 1 in each row.
    """

    images: StoredArray
    labels: StoredArray

    @property
    def channels_first(self) -> bool:
        """Whether the images are (N, C, H, W)."""
        return len(self.images.shape) == 4 and self.images.shape[3] not in _CHANNELS

    @property
    def is_deep_colour(self) -> bool:
        """Whether it has several colours, and more than 8 bits in each."""
        shape = self.images.shape
        channels = shape[1 if self.channels_first else 3] if len(shape) == 4 else 1
        return channels > 1 and self.images.dtype != np.uint8


def pair_arrays(arrays: Sequence[StoredArray], shown: str) -> list[Pair]:
    """Find the arrays of images and for each the labels: as many, and of the same split by name.

    Labels belong to one array of images: beside `images`, `masks` of the same number are none.

    Raises:
        UploadError: there are none, or some have no labels.
    """
    found: dict[int, list[Pair]] = {}
    for array in filter(_may_be_images, arrays):
        count = array.shape[0]
        fitting = [one for one in arrays if _may_label(one, count)]
        same = [one for one in fitting if split_in(one.name) == split_in(array.name)]
        named = sorted(same or fitting, key=lambda one: not (_words(one.name) & _LABEL_WORDS))
        if not named:
            raise UploadError(
                f"{shown} has no labels for the {count:,} images of {printable(array.name)!r}; add "
                "an array with one label for each, called like it, such as x_train and y_train"
            )
        found.setdefault(id(named[0]), []).append(Pair(array, named[0]))
    pairs = [min(rivals, key=_unlikeliness) for rivals in found.values()]
    for pair in pairs:
        _check_size(pair.images)
        _check_colours(pair.images)
    if not pairs:
        shapes = ", ".join(f"{printable(one.name)} {one.shape}" for one in arrays[:5])
        raise UploadError(
            f"{shown} has no array of images, which has the shape (images, height, width) or "
            f"(images, height, width, channels); found: {shapes or 'nothing'}"
        )
    return pairs


def _may_be_images(array: StoredArray) -> bool:
    if len(array.shape) not in (3, 4) or array.dtype.kind not in "uifb":
        return False
    height, width = array.shape[2:] if Pair(array, array).channels_first else array.shape[1:3]
    return min(height, width) >= _LEAST_SIDE_PX


def _unlikeliness(pair: Pair) -> tuple[bool, bool]:
    return not _words(pair.images.name) & _IMAGE_WORDS, len(pair.images.shape) != 4


def _may_label(array: StoredArray, count: int) -> bool:
    if array.dtype.kind not in "uifbUS" or 0 in array.shape[1:]:
        return False
    is_flat = len(array.shape) == 1 or (len(array.shape) == 2 and array.shape[1] <= 1000)
    return (
        is_flat and array.shape[0] == count and not _words(array.name) & _NAME_WORDS - {"classes"}
    )


def _words(name: str) -> set[str]:
    base = name.rpartition("/")[2].removesuffix(".npy").casefold()
    return {*re.findall(r"[a-z]+", base), re.sub(r"[^a-z]", "", base)}


def _check_size(array: StoredArray) -> None:
    pixels = int(np.prod(array.shape[1:]))
    too_many = array.shape[0] > limits.MAX_ENTRIES
    if too_many or pixels * array.dtype.itemsize > _MAX_IMAGE_BYTES or not pixels:
        raise UploadError(
            f"The array {printable(array.name)} has the shape {array.shape}; at most "
            f"{limits.MAX_ENTRIES:,} images of 256 MiB are read"
        )


def _check_colours(array: StoredArray) -> None:
    if len(array.shape) == 3 or array.shape[3] in _CHANNELS or array.shape[1] in _CHANNELS:
        return
    raise UploadError(
        f"The array {printable(array.name)} has the shape {array.shape}: neither the last nor the "
        "second number is 1 to 4, so no axis is that of the colours"
    )


def say_arrays(
    pairs: Sequence[Pair], arrays: Sequence[StoredArray], color_range: ValueRange | None
) -> DatasetWarning:
    """What was taken for what, what was not taken, and what became of its colours.

    Args:
        pairs: what was taken.
        arrays: all of the upload.
        color_range: see `shared_range`.
    """
    said = [
        f"{printable(pair.images.name)} {pair.images.shape} with the labels "
        f"{printable(pair.labels.name)}" + (" (channels first)" if pair.channels_first else "")
        for pair in pairs
    ]
    message = f"Images were read from {'; '.join(said)}."
    taken = {id(pair.images) for pair in pairs}
    if left := [one for one in arrays if len(one.shape) in (3, 4) and id(one) not in taken]:
        shown = "; ".join(f"{printable(one.name)} {one.shape}" for one in left[:5])
        message += f" Not taken: {shown}."
    if color_range is not None:
        message += (
            f" Their colours were brought to 8 bits: {color_range.words} became black to white."
        )
    return DatasetWarning("arrays", message, len(pairs))


def class_names(arrays: Sequence[StoredArray]) -> list[str]:
    """The names of classes, where an array of texts has them."""
    for array in arrays:
        if array.dtype.kind in "US" and len(array.shape) == 1 and _words(array.name) & _NAME_WORDS:
            return _texts(array.whole())
    return []


def _texts(values: np.ndarray) -> list[str]:
    return [
        one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
        for one in values.tolist()
    ]


def shared_range(pairs: Sequence[Pair]) -> ValueRange | None:
    """One range for the colours that no image file holds, of training and test data together.

    Colours of 16 bits are none of them: they are written in full.
    """
    deep = [pair for pair in pairs if pair.is_deep_colour and not _is_16_bits(pair.images.dtype)]
    extremes = [measure_extremes([row], row.size) for pair in deep for row in pair.images.rows()]
    return choose_range(extremes) if extremes else None


def _is_16_bits(dtype: np.dtype) -> bool:
    return dtype.kind == "u" and dtype.itemsize == 2


def read_pair(
    pair: Pair, names: Sequence[str], color_range: ValueRange | None = None
) -> Iterator[Record]:
    """The images, encoded without loss in their own depth, with their labels.

    Args:
        pair: what to read.
        names: of the classes, where there are some.
        color_range: brings colours that no image file holds to 8 bits, see `shared_range`.
    """
    labels = _labels(pair.labels, names)
    split = split_in(pair.images.name)
    for pixels, label in zip(pair.images.rows(), labels, strict=True):
        picture = np.moveaxis(pixels, 0, -1) if pair.channels_first else pixels
        if not pair.is_deep_colour:
            content = _encoded(picture)
        elif color_range is None or _is_16_bits(picture.dtype):
            content = _png_of_16_bits(picture)
        else:
            content = _encoded(scaled_values(picture, color_range))
        yield Record(content, label, split)


def _png_of_16_bits(pixels: np.ndarray) -> bytes:
    """A PNG of (H, W, 2 to 4) uint16, which Pillow can't write."""
    height, width, channels = pixels.shape
    kind = {2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    rows = pixels.astype(">u2").reshape(height, -1).view(np.uint8)
    body = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes(), 1)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _labels(array: StoredArray, names: Sequence[str]) -> list[str]:
    values = array.whole()
    if values.ndim == 2 and values.shape[1] > 1:
        is_one = (values == values.max(axis=1, keepdims=True)) & (values > 0)
        if not (is_one.sum(axis=1) == 1).all() or not np.isin(values, (0, 1)).all():
            raise UploadError(
                f"The labels {printable(array.name)} {array.shape} give several classes to an "
                "image; give one for each, or a single 1 in each row"
            )
        values = is_one.argmax(axis=1)
    values = values.reshape(len(values))
    if values.dtype.kind in "US":
        return _texts(values)
    if values.dtype.kind == "f" and not (np.isfinite(values) & (values == values.round())).all():
        raise UploadError(
            f"The labels {printable(array.name)} are numbers with decimals, or none, not classes; "
            "give whole numbers or names"
        )
    numbers = values.astype(np.int64).tolist()
    are_signs = set(numbers) == {-1, 1}  # else a negative number means no label, as in Parquet
    return [
        "" if one < 0 and not are_signs else names[one] if 0 <= one < len(names) else str(one)
        for one in numbers
    ]


def _encoded(pixels: np.ndarray) -> bytes:
    pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels
    if pixels.dtype.kind == "b":
        pixels = pixels.astype(np.uint8) * 255
    if pixels.dtype not in (np.uint8, np.uint16):
        pixels = pixels.astype(np.float32 if pixels.dtype.kind == "f" else np.int32)
    file = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("=")))
    if image.mode in ("F", "I"):
        image.save(file, "TIFF")
    else:
        image.save(file, "PNG", compress_level=1)
    return file.getvalue()
