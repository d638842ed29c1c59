"""The images of an imported dataset: an index, and the packs that hold their bytes.

The index is kept as a Parquet file; what is read is what stands beside it (`index_columns.py`).
"""

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from json.encoder import encode_basestring_ascii
from pathlib import Path

import numpy as np
from PIL import Image

from cnnlab.datasets.importing.packs import read_packed
from cnnlab.datasets.index_columns import IndexColumns, read_columns, write_columns
from cnnlab.datasets.lineage import lineage_hash, read_lineage
from cnnlab.datasets.pictures.appearance import Copies
from cnnlab.datasets.pictures.decode import DEEP_COLORS, open_image
from cnnlab.datasets.pictures.pixels import DEEP_MODES
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.lineage import IMAGES_COUNTED, Generation
from cnnlab.domain.data.split import SPLITS, TRAIN, assign_lineage, part_numbers
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import StorageError
from cnnlab.files import write_atomically

INDEX_FILE = "index.parquet"
_LOOKS_FILE = "looks.npy"
_COPIES_FILE = "copies.npz"
_LINEAGE = "lineage"


def content_hash(
    images: Iterable[tuple[str, str, str | None, str]],
    value_range: ValueRange | None = None,
    lineage: bytes = b"",
) -> str:
    """Hex hash of what a dataset holds, however it was packed.

    Args:
        images: file, class name, own split and sha256 of the bytes of every image, in the order of
            the index.
        value_range: which deep values are black and white; the same files show something else
            with another one.
        lineage: hash of what the parts rest on besides, see `lineage_hash`.
    """
    digest = hashlib.sha256(b"" if value_range is None else str(value_range).encode())
    for image in images:
        # As `json.dumps` writes a list, several times as fast.
        texts = ["null" if text is None else encode_basestring_ascii(text) for text in image]
        digest.update(f"[{', '.join(texts)}]".encode())
    digest.update(lineage)
    return digest.hexdigest()


def write_index(
    folder: Path,
    rows: Sequence[tuple],
    class_names: Sequence[str],
    value_range: ValueRange | None = None,
    *,
    has_lineage: bool = False,
) -> None:
    """Write the index of a dataset.

    Args:
        folder: the dataset's folder.
        rows: one for each image, in the order of the schema's columns.
        class_names: in the order of the labels.
        value_range: which deep values are black and white, where there are deep images.
        has_lineage: whether it is a version, whose folder also has what `write_lineage` writes.

    Raises:
        StorageError: it can't be written.
    """
    # To read takes no pyarrow: see `index_columns.py`.
    from cnnlab.datasets.index_parquet import write_parquet  # noqa: PLC0415

    rule = _LINEAGE if has_lineage else str(IMAGES_COUNTED)
    columns = IndexColumns.of_rows(rows, class_names, value_range, rule)
    write_parquet(columns, folder / INDEX_FILE)
    write_columns(columns, folder / INDEX_FILE)


def _read(path: Path) -> IndexColumns:
    columns = read_columns(path)
    if columns is None:
        from cnnlab.datasets.index_parquet import read_parquet  # noqa: PLC0415

        columns = read_parquet(path)
        with contextlib.suppress(StorageError):  # the next one who reads does without pyarrow
            write_columns(columns, path)
    return columns


def write_looks(folder: Path, looks: np.ndarray) -> None:
    """Write what the images of a dataset look like: (N,) of `LOOK`, in the order of the index.

    Raises:
        StorageError: they can't be written.
    """
    write_atomically(folder / _LOOKS_FILE, lambda file: np.save(file, looks))


def write_copies(folder: Path, copies: Copies) -> None:
    """Write which images of a dataset show the same picture.

    Raises:
        StorageError: they can't be written.
    """
    write_atomically(
        folder / _COPIES_FILE,
        lambda file: np.savez(file, group=copies.group, is_exact=copies.is_exact),
    )


class ImageIndex:
    """Reads what an import wrote; rows are numbered in the index's fixed order.

    Keeps no file open, so that it can be shared by threads and thrown away at any time.
    """

    def __init__(self, folder: Path) -> None:
        """Read the index of the dataset in `folder`.

        Raises:
            StorageError: it is missing or damaged.
        """
        self.folder = folder
        self._columns = _read(folder / INDEX_FILE)
        self.class_names = self._columns.class_names
        self.value_range = self._columns.value_range

    def __len__(self) -> int:
        return len(self._columns)

    @cached_property
    def files(self) -> list[str]:
        """Path of every image inside the upload."""
        return self._columns.files.to_list()

    @property
    def labels(self) -> np.ndarray:
        """(N,) int32, positions in `class_names`."""
        return self._columns.labels

    @cached_property
    def given_splits(self) -> list[str | None]:
        """The upload's own split of every image, None where it didn't say."""
        return self._columns.splits.to_list()

    @cached_property
    def hashes(self) -> list[str]:
        """sha256 of every image's encoded bytes, hex."""
        return self._columns.hashes.to_list()

    @property
    def sizes_px(self) -> np.ndarray:
        """(N, 2) int32, width and height."""
        return self._columns.sizes_px

    @property
    def places(self) -> np.ndarray:
        """(N, 3) int64: shard, offset and length in bytes of every image."""
        return self._columns.places

    @cached_property
    def is_deep(self) -> np.ndarray:
        """(N,) bool, whether an image has more than 8 bits a channel."""
        modes = self._columns.modes
        deep = [mode in (*DEEP_MODES, DEEP_COLORS) for mode in modes.values]
        return np.array(deep, bool)[modes.numbers]

    def modes(self, rows: np.ndarray) -> set[str]:
        """Pillow's modes of images before any conversion.

        Args:
            rows: (M,) int.
        """
        return {mode for mode in self._columns.modes.of_rows(rows) if mode is not None}

    @cached_property
    def looks(self) -> np.ndarray | None:
        """(N,) of `LOOK`; None in a dataset that an earlier version imported."""
        return np.load(self.looks_path) if self.looks_path.exists() else None

    @property
    def looks_path(self) -> Path:
        """Where the looks are."""
        return self.folder / _LOOKS_FILE

    @cached_property
    def copies(self) -> Copies:
        """Which images show the same picture; none are known of an earlier version's dataset."""
        path = self.folder / _COPIES_FILE
        if not path.exists():
            return Copies(np.full(len(self), -1, np.int32), np.zeros(0, bool))
        with np.load(path) as stored:
            return Copies(stored["group"], stored["is_exact"])

    @cached_property
    def generations(self) -> tuple[Generation, ...]:
        """What the parts of the images rest on; the last ones are these images.

        Raises:
            StorageError: what a version keeps of those before it is missing or damaged.
        """
        rule = self._columns.rule
        if rule == _LINEAGE:
            return read_lineage(self.folder)
        given = part_numbers(self.given_splits)
        return (Generation.first(self.labels, given, self.copies.group, int(rule)),)

    @cached_property
    def fingerprint(self) -> str:
        """Hex hash of what the dataset holds, whose first digits its id ends with.

        Raises:
            StorageError: what a version keeps of those before it is missing or damaged.
        """
        labels = [self.class_names[label] for label in self.labels]
        images = zip(self.files, labels, self.given_splits, self.hashes, strict=True)
        return content_hash(images, self.value_range, lineage_hash(self.generations))

    @property
    def owned(self) -> set[str]:
        """The splits besides training that the upload brought: no run draws them."""
        return {SPLITS[part] for part in self.generations[0].owned}

    @property
    def own_splits(self) -> np.ndarray:
        """(N,) the split of each image by the upload and the user, `train` where they don't say.

        All train where the upload brought no splits: what they say then is where a few images
        are, and the others are drawn.
        """
        given = self.given_splits if self.owned else [None] * len(self)
        return np.array([split or TRAIN for split in given])

    def split(self, fractions: SplitFractions) -> np.ndarray:
        """(N,) of `train`, `validation` or `test`; a version keeps those of the one before.

        Raises:
            DatasetError: no image is left to train or to validate on.
            StorageError: what a version keeps of those before it is missing or damaged.
        """
        return assign_lineage(self.generations, fractions)

    def read_bytes(self, row: int) -> bytes:
        """The image as it was uploaded.

        Raises:
            StorageError: its pack is missing or damaged.
        """
        return read_packed(self.folder, *map(int, self.places[row]))

    def open(self, row: int, at_least_px: int | None = None) -> Image.Image:
        """The decoded image, upright, of mode `L` or `RGB` (see `open_image`)."""
        return open_image(self.read_bytes(row), at_least_px, self.value_range)

    def thumbnail(self, row: int, size_px: int) -> Image.Image:
        """The image shrunk to fit a square of `size_px`; its shape is kept."""
        image = self.open(row, at_least_px=size_px)
        image.thumbnail((size_px, size_px), Image.Resampling.BILINEAR)
        return image

    def write_changed(
        self,
        into: Path,
        rows: np.ndarray,
        labels: Sequence[str],
        splits: Sequence[str | None],
        class_names: Sequence[str],
        value_range: ValueRange | None,
    ) -> None:
        """Write the index of some of these images with other labels and splits, for a version.

        Args:
            into: folder of the new version.
            rows: (M,) int, the images that it has.
            labels: (M,) their class names.
            splits: (M,) their own splits, or None.
            class_names: in the order of the new labels.
            value_range: which deep values are black and white.
        """
        changed = self.entries(rows, labels, splits, class_names)
        write_index(into, changed, class_names, value_range, has_lineage=True)

    def entries(
        self,
        rows: np.ndarray,
        labels: Sequence[str],
        splits: Sequence[str | None],
        class_names: Sequence[str],
    ) -> list[tuple]:
        """What `write_index` takes for some of these images with other labels and splits.

        Args:
            rows: (M,) int, the images.
            labels: (M,) their class names.
            splits: (M,) their own splits, or None.
            class_names: in the order of the new labels.
        """
        numbers = {name: number for number, name in enumerate(class_names)}
        modes = self._columns.modes.to_list()
        return [
            (self.files[row], numbers[label], split, *place, self.hashes[row], *size, modes[row])
            for row, label, split, place, size in zip(
                rows.tolist(),
                labels,
                splits,
                self.places[rows].tolist(),
                self.sizes_px[rows].tolist(),
                strict=True,
            )
        ]

    def write_looks_of(self, into: Path, rows: np.ndarray, copies: Copies) -> None:
        """Write the looks of some of these images, if they are known."""
        if self.looks is None:
            return
        write_looks(into, self.looks[rows])
        write_copies(into, copies)
