"""The dataset of a bundle that has its images in it, made again and checked against its hash."""

import csv
import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.datasets import limits
from cnnlab.datasets.importing.packs import pack_name
from cnnlab.datasets.index import ImageIndex, content_hash, write_copies, write_index, write_looks
from cnnlab.datasets.lineage import lineage_hash, read_lineage, write_lineage
from cnnlab.datasets.pictures.appearance import LOOK, Copies
from cnnlab.datasets.pictures.decode import check_image, without_decoder_warnings
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.split import SPLITS
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import CnnlabError, UploadError
from cnnlab.files import disk_errors, sync

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COLUMNS = {"row", "file", "sha256", "class", "part", "own_part"}
_LINEAGE, _LOOKS, _COPIES = "lineage.npz", "looks.npy", "copies.npz"


@dataclass(frozen=True)
class ListedImage:
    """A row of `data/images.csv`."""

    file: str
    sha256: str
    label: str
    part: str
    own_part: str | None


def listed_images(path: Path, dataset: Dataset) -> list[ListedImage]:
    """The images of a dataset as a bundle lists them.

    Raises:
        UploadError: the list isn't that of this dataset.
    """
    if not path.exists():
        raise _refused("data/images.csv is missing")
    try:
        return _listed(path, dataset)
    except (ValueError, TypeError, csv.Error) as error:
        raise _refused(f"data/images.csv can't be read ({error!s:.100})") from error


def _listed(path: Path, dataset: Dataset) -> list[ListedImage]:
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if lacking := _COLUMNS.difference(reader.fieldnames or ()):
            raise _refused(f"data/images.csv has no column {min(lacking)}")
        for number, row in enumerate(reader):
            own = row["own_part"] or None
            is_sound = (
                row["row"] == str(number)
                and _SHA256.fullmatch(row["sha256"])
                and row["class"] in dataset.classes
                and row["part"] in SPLITS
                and (own is None or own in SPLITS)
                and 0 < len(row["file"]) <= limits.MAX_PATH_CHARACTERS
                and "\0" not in row["file"]
            )
            if not is_sound:
                raise _refused(f"data/images.csv is damaged in row {number + 1}")
            found.append(ListedImage(row["file"], row["sha256"], row["class"], row["part"], own))
    if len(found) != dataset.images:
        raise _refused(
            f"data/images.csv lists {len(found):,} images, its dataset has {dataset.images:,}"
        )
    return found


def build_dataset(folder: Path, about: dict[str, Any], dataset: Dataset, into: Path) -> None:
    """Make a dataset's folder of a bundle's images; every one is decoded once.

    Args:
        folder: the unpacked bundle.
        about: its `bundle.json`.
        dataset: as the bundle describes it.
        into: a folder that isn't there.

    Raises:
        UploadError: it isn't the dataset that the bundle says it is.
        StorageError: the disk is full.
    """
    data = folder / "data"
    images = listed_images(data / "images.csv", dataset)
    ends = about["dataset"]["value_range"]
    value_range = None if ends is None else ValueRange(*map(float, ends))
    with disk_errors(into):
        into.mkdir()
        rows = _pack(data / "images", images, list(dataset.classes), value_range, into)
    has_lineage = (data / _LINEAGE).exists()
    try:
        write_index(into, rows, list(dataset.classes), value_range, has_lineage=has_lineage)
        _write_arrays(data, into, len(images), has_lineage=has_lineage)
        _check(ImageIndex(into), images, about)
    except CnnlabError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, EOFError) as error:
        raise _refused(f"its images' arrays are damaged ({error!s:.100})") from error


def _pack(
    folder: Path,
    images: list[ListedImage],
    classes: list[str],
    value_range: ValueRange | None,
    into: Path,
) -> list[tuple[Any, ...]]:
    paths = {path.name.partition(".")[0]: path for path in folder.iterdir()}
    if len(paths) != len(images):
        raise _refused(f"it lists {len(images):,} images and has {len(paths):,}")
    rows, offset = [], 0
    with without_decoder_warnings(), (into / pack_name(0)).open("xb") as pack:
        for number, image in enumerate(images):
            path = paths.get(f"{number:06}")
            if path is None or path.stat().st_size > limits.MAX_IMAGE_BYTES:
                raise _refused(f"the image {number:,} is missing or too large")
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != image.sha256:
                raise _refused(f"the image {path.name} isn't the one that was listed")
            try:
                seen = check_image(content, value_range)
            except UploadError as error:
                raise _refused(f"the image {path.name} can't be read ({error})") from error
            pack.write(content)
            place = (0, offset, len(content), image.sha256)
            label = classes.index(image.label)
            rows.append(
                (
                    image.file,
                    label,
                    image.own_part,
                    *place,
                    seen.width_px,
                    seen.height_px,
                    seen.mode,
                )
            )
            offset += len(content)
    sync(into / pack_name(0))
    return rows


def _write_arrays(data: Path, into: Path, count: int, *, has_lineage: bool) -> None:
    """What the images look like and which are copies, as it was found where they came from."""
    if (data / _LOOKS).exists():
        looks = np.load(data / _LOOKS, allow_pickle=False)
        if looks.dtype != LOOK or looks.shape != (count,):
            raise _refused("looks.npy is of other images")
        write_looks(into, looks)
    if (data / _COPIES).exists():
        with np.load(data / _COPIES, allow_pickle=False) as stored:
            copies = Copies(stored["group"], stored["is_exact"])
        groups = len(copies.is_exact)
        is_sound = (
            copies.group.dtype == np.int32
            and copies.group.shape == (count,)
            and copies.is_exact.dtype == bool
            and copies.is_exact.ndim == 1
            and (not count or -1 <= copies.group.min() <= copies.group.max() < groups)
        )
        if not is_sound:
            raise _refused("copies.npz is of other images")
        write_copies(into, copies)
    if has_lineage:
        shutil.copyfile(data / _LINEAGE, into / _LINEAGE)
        write_lineage(into, read_lineage(into))  # what was read and nothing else


def _check(index: ImageIndex, images: list[ListedImage], about: dict[str, Any]) -> None:
    """The whole is what the bundle says, to the part of every image."""
    listed = ((one.file, one.label, one.own_part, one.sha256) for one in images)
    found = content_hash(listed, index.value_range, lineage_hash(index.generations))
    if found != about["dataset"]["content_hash"]:
        raise _refused("its images aren't those of the dataset that it names")
    if not str(about["dataset"]["id"]).endswith(f"-{found[:8]}"):
        raise _refused("its dataset has an id that isn't made of its images")
    parts = index.split(SplitFractions(**about["split"]))
    if parts.tolist() != [one.part for one in images]:
        raise _refused("its images are in other parts than it says")


def _refused(reason: str) -> UploadError:
    return UploadError(f"This bundle is refused, and nothing was imported: {reason}.")
