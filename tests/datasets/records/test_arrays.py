import io

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.records.arrays import pair_arrays, read_pair
from cnnlab.datasets.records.npy import read_npy
from cnnlab.datasets.records.record import split_in
from cnnlab.domain.errors import UploadError
from tests.datasets.corpus.records import pictures


def decoded(tmp_path, images, labels):
    """Pixels, labels and splits of saved arrays."""
    np.save(tmp_path / "x_test.npy", images)
    np.save(tmp_path / "y_test.npy", labels)
    names = ("x_test.npy", "y_test.npy")
    (pair,) = pair_arrays([read_npy(tmp_path / name, name) for name in names], "set")
    records = list(read_pair(pair, ()))
    pixels = [np.asarray(Image.open(io.BytesIO(record.content))) for record in records]
    return pixels, [(record.label, record.split) for record in records]


@pytest.mark.parametrize(
    ("shape", "dtype", "high"),
    [
        ((3, 5, 7), np.uint8, 256),
        ((3, 5, 7, 1), np.uint8, 256),
        ((3, 5, 7, 3), np.uint8, 256),
        ((3, 5, 7, 4), np.uint8, 256),
        ((3, 5, 7), np.uint16, 4096),
        ((3, 5, 7), np.float32, 1),
        ((3, 5, 7), np.int64, 3000),
    ],
)
def test_every_depth_that_a_file_can_have_is_kept(tmp_path, shape, dtype, high):
    images = pictures(shape, dtype, high)
    pixels, said = decoded(tmp_path, images, np.array([2, 0, 1]))
    assert np.array_equal(np.array(pixels), images.reshape(shape[:3] if shape[-1] == 1 else shape))
    assert said == [("2", "test"), ("0", "test"), ("1", "test")]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 255), (100, 5000)])
def test_deep_colours_have_one_range_and_keep_their_order(tmp_path, low, high):
    images = np.linspace(low, high, 2 * 3 * 25, dtype=np.float32).reshape(2, 3, 5, 5)
    pixels, _ = decoded(tmp_path, images, np.array(["a", "b"]))
    expected = np.round((np.moveaxis(images, 1, -1) - low) / (high - low) * 255)
    assert np.abs(np.array(pixels) - expected).max() <= 1


def test_a_shape_without_colours_is_refused(tmp_path):
    with pytest.raises(UploadError, match="no axis is that of the colours"):
        decoded(tmp_path, np.zeros((2, 9, 9, 9), np.uint8), np.arange(2))


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("x_train", "train"),
        ("X_test.npy", "test"),
        ("val_images", "validation"),
        ("xtrain", "train"),
        ("trainX", "train"),
        ("data/test-00000-of-00001.parquet", "test"),
        ("default/validation/0000.parquet", "validation"),
        ("images", None),
        ("latest", None),
    ],
)
def test_the_split_stands_in_a_name(name, split):
    assert split_in(name) == split
