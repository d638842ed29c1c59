"""Images in Parquet files and arrays."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.datasets.corpus.case import accepted, refused, written, zipped
from tests.datasets.corpus.parts import in_folder
from tests.datasets.uploads import images, jpeg

_CAT_DOG = {
    "info": {
        "features": {
            "image": {"_type": "Image"},
            "label": {"names": ["cat", "dog"], "_type": "ClassLabel"},
        }
    }
}
_SPLITS = {"train": 2, "validation": 0, "test": 2}
_BOTH_TWICE = {"cat": 2, "dog": 2}


def parquet(
    labels, first: int = 0, metadata: object = None, image: str = "image", label: str = "label"
) -> bytes:
    """A Parquet file with a row for each label, as Hugging Face writes it."""
    pictures = [{"bytes": jpeg(first + n), "path": f"../{n}.jpg"} for n in range(len(labels))]
    table = pa.table({"id": list(range(len(labels))), image: pictures, label: labels})
    if metadata is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps(metadata)})
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=1)
    return file.getvalue()


def npy(array: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def pictures(shape: tuple[int, ...], dtype=np.uint8, high: float = 256) -> np.ndarray:
    return (np.random.default_rng(0).random(shape) * high).astype(dtype)


def _huge_npy() -> bytes:
    """A header that declares 100 TB, and 10 bytes."""
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (10**8, 1000, 1000)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + bytes(10)


_X, _Y = pictures((4, 12, 12, 3)), np.array([0, 1, 0, 1])
_INTS = {"0": 2, "1": 2}
_HF = {
    "data/train-00000-of-00001.parquet": parquet([0, 1], metadata=_CAT_DOG),
    "data/test-00000-of-00001.parquet": parquet([1, 0], 2, metadata=_CAT_DOG),
    "README.md": b"hello",
}
_MEDMNIST = npz(
    train_images=_X,
    train_labels=_Y.reshape(-1, 1),
    test_images=_X[::-1] // 2,
    test_labels=_Y.reshape(-1, 1),
)


def _arrays(name: str, content: bytes, classes=_INTS, **more):
    return accepted(name, written(content, "set.npz"), classes, warnings=["arrays"], **more)


_LINES = b'{"file_name": "1.jpg", "label": "%s"}\n{"file_name": "2.jpg", "label": "%s"}\n'
_FOUR = images("train/1.jpg", "train/2.jpg", "test/1.jpg", "test/2.jpg")

CASES = (
    accepted(
        "metadata.jsonl for each split, whose files have the same names",
        zipped(
            _FOUR
            | {
                "train/metadata.jsonl": _LINES % (b"cat", b"dog"),
                "test/metadata.jsonl": _LINES % (b"dog", b"cat"),
            }
        ),
        _BOTH_TWICE,
        splits=_SPLITS,
    ),
    refused(
        "metadata.jsonl that is none",
        zipped(images("1.jpg", "2.jpg") | {"metadata.jsonl": b"file_name,label\n1.jpg,cat"}),
        "metadata.jsonl doesn't hold a JSON object in each line",
    ),
    accepted(
        "Hugging Face's Parquet in a folder",
        in_folder(_HF),
        _BOTH_TWICE,
        splits=_SPLITS,
        skipped={"README.md": "not an image"},
    ),
    accepted(
        "one Parquet file with labels of text", written(parquet(["cat", "dog"]), "set.parquet")
    ),
    accepted(
        "Parquet in a zip under other names",
        zipped({"set.parquet": parquet(["cat", "dog"], image="img", label="fine_label")}),
    ),
    _arrays(
        "arrays as Keras has them",
        npz(x_train=_X, y_train=_Y, x_test=_X[:2] // 2, y_test=_Y[:2]),
        {"0": 3, "1": 3},
        splits={"train": 4, "validation": 0, "test": 2},
    ),
    _arrays(
        "arrays as MedMNIST has them",
        _MEDMNIST,
        {"0": 4, "1": 4},
        splits={"train": 4, "validation": 0, "test": 4},
    ),
    _arrays(
        "arrays of floats, one-hot, with names",
        npz(
            images=pictures((4, 9, 9, 3), np.float32, 1),
            labels=np.eye(2)[_Y],
            class_names=np.array(["cat", "dog"]),
        ),
        _BOTH_TWICE,
    ),
    _arrays("grey arrays with channels first", npz(X=pictures((4, 1, 9, 9), np.float64, 1), y=_Y)),
    accepted(
        "arrays in a folder",
        in_folder({"X.npy": npy(pictures((4, 9, 9))), "y.npy": npy(np.array(["cat", "dog"] * 2))}),
        _BOTH_TWICE,
        warnings=["arrays"],
    ),
    refused(
        "arrays with pickled labels",
        zipped(
            {"X.npy": npy(_X), "y.npy": npy(np.array([{}, 1, 2, 3], object), allow_pickle=True)}
        ),
        "Python objects, which could run programs",
    ),
    refused(
        "an array of 100 TB",
        zipped({"X.npy": _huge_npy(), "y.npy": npy(_Y)}),
        "larger than what may be unpacked",
    ),
    refused(
        "an array that ends early",
        zipped({"X.npy": npy(_X)[:-50], "y.npy": npy(_Y)}),
        "ends too early",
    ),
    refused(
        "arrays without labels",
        written(npz(images=_X), "set.npz"),
        "has no labels for the 4 images of 'images'",
    ),
    refused(
        "a bomb of an array",
        written(npz(x=np.zeros((5000, 100, 100), np.uint8), y=np.zeros(5000)), "set.npz"),
        "looks like a zip bomb",
    ),
    refused(
        "a damaged Parquet file",
        written(parquet(["cat", "dog"])[:-30], "set.parquet"),
        "damaged or incomplete Parquet",
    ),
    refused(
        "Parquet without labels",
        written(parquet(["a", "b"], label="caption"), "set.parquet"),
        "no column of labels",
    ),
    refused(
        "Parquet that holds no images",
        zipped(
            {
                "a.parquet": parquet([1, 2])
                .replace(jpeg(0)[:20], b"x" * 20)
                .replace(jpeg(1)[:20], b"x" * 20)
            }
        ),
        "not an image that can be read",
    ),
)
