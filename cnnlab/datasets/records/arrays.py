"""From arrays to labelled images: which holds images, which the labels of them."""

import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlab.datasets import limits
from cnnlab.datasets.records.npy import StoredArray
from cnnlab.datasets.records.record import Record, split_in
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.dataset import DatasetWarning
from cnnlab.domain.errors import UploadError

_CHANNELS = (1, 2, 3, 4)
_LABEL_WORDS = {"y", "label", "labels", "target", "targets", "class", "classes", "ytrain", "ytest"}
_NAME_WORDS = {"labelnames", "classnames", "names", "categories", "targetnames", "classes"}
_MAX_IMAGE_BYTES = 256 * 2**20


class Pair(NamedTuple):
    """Images and their labels.

    Attributes:
        images: (N, H, W), (N, H, W, C) or (N, C, H, W).
        labels: (N,), (N, 1), or (N, K) with a single 1 in each row.
        channels_first: whether the images are (N, C, H, W).
    """

    images: StoredArray
    labels: StoredArray
    channels_first: bool


def pair_arrays(arrays: Sequence[StoredArray], shown: str) -> list[Pair]:
    """Find the arrays of images and for each the labels: as many, and of the same split by name.

    Raises:
        UploadError: there are none, or some have no labels.
    """
    pairs = []
    images = [
        array for array in arrays if len(array.shape) in (3, 4) and array.dtype.kind in "uifb"
    ]
    for array in images:
        count = array.shape[0]
        fitting = [one for one in arrays if _may_label(one, count)]
        same = [one for one in fitting if split_in(one.name) == split_in(array.name)]
        named = sorted(same or fitting, key=lambda one: not (_words(one.name) & _LABEL_WORDS))
        if not named:
            raise UploadError(
                f"{shown} has no labels for the {count:,} images of {printable(array.name)!r}; add "
                "an array with one label for each, called like it, such as x_train and y_train"
            )
        _check_size(array)
        pairs.append(Pair(array, named[0], _is_channels_first(array)))
    if not pairs:
        shapes = ", ".join(f"{printable(one.name)} {one.shape}" for one in arrays[:5])
        raise UploadError(
            f"{shown} has no array of images, which has the shape (images, height, width) or "
            f"(images, height, width, channels); found: {shapes or 'nothing'}"
        )
    return pairs


def _may_label(array: StoredArray, count: int) -> bool:
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


def _is_channels_first(array: StoredArray) -> bool:
    if len(array.shape) == 3 or array.shape[3] in _CHANNELS:
        return False
    if array.shape[1] in _CHANNELS:
        return True
    raise UploadError(
        f"The array {printable(array.name)} has the shape {array.shape}: neither the last nor the "
        "second number is 1 to 4, so no axis is that of the colours"
    )


def say_arrays(pairs: Sequence[Pair]) -> DatasetWarning:
    """What was taken for what."""
    said = [
        f"{printable(pair.images.name)} {pair.images.shape} with the labels "
        f"{printable(pair.labels.name)}" + (" (channels first)" if pair.channels_first else "")
        for pair in pairs
    ]
    return DatasetWarning("arrays", f"Images were read from {'; '.join(said)}.", len(pairs))


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


def read_pair(pair: Pair, names: Sequence[str]) -> Iterator[Record]:
    """The images, encoded without loss in their own depth, with their labels.

    Colours of more than 8 bits, which no format that is read has, are brought to 8 bits by the
    range of the whole array.
    """
    labels = _labels(pair.labels, names)
    low, high = _range(pair) if _is_deep_colour(pair) else (0.0, 255.0)
    split = split_in(pair.images.name)
    for pixels, label in zip(pair.images.rows(), labels, strict=True):
        picture = np.moveaxis(pixels, 0, -1) if pair.channels_first else pixels
        if _is_deep_colour(pair):
            scaled = (picture.astype(np.float64) - low) * (255 / ((high - low) or 1))
            picture = np.nan_to_num(scaled.round()).clip(0, 255).astype(np.uint8)
        yield Record(_encoded(picture), label, split)


def _is_deep_colour(pair: Pair) -> bool:
    channels = pair.images.shape[1 if pair.channels_first else 3] if _has_channels(pair) else 1
    return channels > 1 and pair.images.dtype != np.uint8


def _has_channels(pair: Pair) -> bool:
    return len(pair.images.shape) == 4


def _range(pair: Pair) -> tuple[float, float]:
    """The usual range that holds all values, else theirs."""
    low, high = np.inf, -np.inf
    for pixels in pair.images.rows():
        finite = pixels[np.isfinite(pixels)] if pixels.dtype.kind == "f" else pixels
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    for usual in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        if usual[0] <= low and high <= usual[1]:
            return usual
    return (low, high) if low < high else (0.0, 1.0)


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
    if values.dtype.kind == "f" and not (values == values.astype(np.int64)).all():
        raise UploadError(
            f"The labels {printable(array.name)} are numbers with decimals, not classes; give "
            "whole numbers or names"
        )
    numbers = values.astype(np.int64).tolist()
    return [names[one] if 0 <= one < len(names) else str(one) for one in numbers]


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
