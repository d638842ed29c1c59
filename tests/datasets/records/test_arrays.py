import io

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.pictures.decode import open_image
from cnnlab.datasets.records.arrays import pair_arrays, read_pair, say_arrays, shared_range
from cnnlab.datasets.records.npy import read_npy, read_npz
from cnnlab.datasets.records.record import split_in
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import UploadError
from tests.datasets.corpus.records import pictures


def decoded(tmp_path, images, labels):
    """Pixels, labels and splits of saved arrays."""
    np.save(tmp_path / "x_test.npy", images)
    np.save(tmp_path / "y_test.npy", labels)
    names = ("x_test.npy", "y_test.npy")
    (pair,) = pair_arrays([read_npy(tmp_path / name, name) for name in names], "set")
    records = list(read_pair(pair, (), shared_range([pair])))
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


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 255), (0, 4095)])
def test_deep_colours_have_one_range_and_keep_their_order(tmp_path, low, high):
    images = np.linspace(low, high, 2 * 3 * 25, dtype=np.float32).reshape(2, 3, 5, 5)
    pixels, _ = decoded(tmp_path, images, np.array(["a", "b"]))
    expected = np.round((np.moveaxis(images, 1, -1) - low) / (high - low) * 255)
    assert np.abs(np.array(pixels) - expected).max() <= 1


def stored(tmp_path, **arrays):
    np.savez(tmp_path / "set.npz", **arrays)
    return list(read_npz(tmp_path / "set.npz"))


def test_labels_belong_to_one_array_of_images(tmp_path):
    images, labels = np.zeros((6, 16, 16, 3), np.uint8), np.arange(6)
    more = {"masks": images[..., 0], "landmarks": np.zeros((6, 68, 2))}
    arrays = stored(tmp_path, **more, images=images, labels=labels)
    pairs = pair_arrays(arrays, "set")
    assert [(pair.images.name, pair.labels.name) for pair in pairs] == [("images", "labels")]
    said = say_arrays(pairs, arrays, None).message
    assert "Not taken: masks (6, 16, 16); landmarks (6, 68, 2)." in said


def of_both_splits(tmp_path, dtype, train, test):
    ones, labels = np.ones((2, 5, 5, 3)), np.arange(2)
    ones[:, 0] = 0
    names = {"x_train": (ones * train).astype(dtype), "x_test": (ones * test).astype(dtype)}
    arrays = stored(tmp_path, **names, y_train=labels, y_test=labels)
    pairs = pair_arrays(arrays, "set")
    records = [list(read_pair(pair, (), shared_range(pairs)))[0].content for pair in pairs]
    return [open_image(one, value_range=ValueRange(0, 4095)).getpixel((2, 2))[0] for one in records]


@pytest.mark.parametrize("dtype", [np.uint16, np.int64, np.float32])
def test_both_splits_have_one_range(tmp_path, dtype):
    assert of_both_splits(tmp_path, dtype, 4000, 2000) == [249, 125]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((4, 0)), "no labels"),
        (np.zeros(4, [("a", "i4")]), "no labels"),
        (np.array(["2020-01-01"] * 4, "M8[D]"), "no labels"),
        (np.zeros(4, complex), "no labels"),
        (np.array([0, np.nan, 1, 1]), "not classes"),
        (np.array([0, np.inf, 1, 1]), "not classes"),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path, labels, message):
    arrays = {"x": np.zeros((4, 5, 5), np.uint8), "y": labels}
    with pytest.raises(UploadError, match=message):
        for pair in pair_arrays(stored(tmp_path, **arrays), "set"):
            list(read_pair(pair, ()))


def test_texts_of_no_length_are_refused(tmp_path):
    with (tmp_path / "names.npy").open("wb") as file:
        header = {"descr": "<U0", "fortran_order": False, "shape": (4,)}
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(UploadError, match="nothing but empty texts"):
        read_npy(tmp_path / "names.npy", "names.npy")


@pytest.mark.parametrize(
    ("labels", "expected"), [([0, 1, -1], ["0", "1", ""]), ([-1, 1, -1], ["-1", "1", "-1"])]
)
def test_a_negative_number_is_no_label_unless_it_is_a_sign(tmp_path, labels, expected):
    _, said = decoded(tmp_path, np.zeros((3, 5, 5), np.uint8), np.array(labels))
    assert [label for label, _ in said] == expected


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
