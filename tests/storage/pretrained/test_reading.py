"""Files of weights that anybody may have made: those that hold some are read, others refused."""

import io

import h5py
import numpy as np
import pytest

from cnnlab.domain.errors import DiskFullError, StorageError, WeightsError
from cnnlab.storage.pretrained.classes import classes_in
from cnnlab.storage.pretrained.reading import read_apart, read_file
from cnnlab.storage.pretrained.weights import read_npz
from tests import made_weights as made


def assert_same(found, wanted):
    assert list(found) == list(wanted)
    for name, values in wanted.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize(
    "write",
    [
        made.npz,
        lambda path: made.npz(path, **{"architecture.json": "{}", "model.json": "{}"}),
        lambda path: made.npz(
            path, {name: values.astype(np.float64) for name, values in made.WEIGHTS.items()}
        ),
        lambda path: made.npz(
            path, {name: np.asfortranarray(values) for name, values in made.WEIGHTS.items()}
        ),
        made.weights_h5,
        made.keras,
    ],
    ids=["npz", "our_export", "float64", "in_columns", "weights_h5", "keras_with_a_lambda"],
)
def test_weights_are_read_by_layer_whatever_the_file_is_called(tmp_path, write):
    path = tmp_path / "any.npz"
    write(path)
    assert_same(read_file(path), made.WEIGHTS)


def test_what_keras_numbers_gets_its_name_by_class_and_number(tmp_path):
    one, norm = np.ones(2), [np.full(3, float(number)) for number in range(4)]
    layers = {
        "batch_normalization_12": ("norm", norm),
        "separable_conv2d": ("apart", [one, one]),
        "dense_1": ("probabilities", [one]),
        "lstm": ("unknown", [one, one, one]),  # no layer of ours: left out
        "dropout/seed_generator": ("draws", [np.array([1, 2], np.uint32)]),
    }
    found = read_file(made.weights_h5(tmp_path / "a.h5", layers))
    assert sorted(found) == [
        "apart/depthwise_kernel", "apart/pointwise_kernel", "norm/beta", "norm/gamma",
        "norm/moving_mean", "norm/moving_variance", "probabilities/kernel",
    ]  # fmt: skip
    assert [found[f"norm/{name}"][0] for name in ("gamma", "moving_variance")] == [0, 3]


def cut(write):
    def write_half(path):
        write(path)
        path.write_bytes(path.read_bytes()[:-40])

    return write_half


def linked(link):
    def write(path):
        made.weights_h5(path)
        with h5py.File(path, "a") as file:
            file["layers/dense/vars/0"] = link

    return write


def external(path):
    with h5py.File(path, "w") as file:
        places = [("/etc/hostname", 0, 4)]
        file.create_dataset("layers/dense/vars/0", (1,), "f4", external=places)


def unwritten(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (2**20, 2**20), "f4")


def bomb_in_keras(path):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_dataset(
            "layers/dense/vars/0", data=np.zeros((2**12, 2**10), "f4"), compression="gzip"
        )
    made.zipped(path, {"model.weights.h5": content.getvalue()})


HOSTILE = {
    "pickle": (lambda path: made.npz(path, {"a/b": np.array([open], object)}), "Python objects"),
    "claims_more": (
        lambda path: made.zipped(path, {"a/b.npy": made.npy((2**40,))}), "lie in the file"
    ),
    "claims_less_than_nothing": (
        lambda path: made.zipped(path, {"a/b.npy": made.npy((-4, -4), bytes(64))}), "damaged"
    ),
    "long_header": (
        lambda path: made.zipped(path, {"a/b.npy": made.npy((1,) * 9000, bytes(4))}), "damaged"
    ),
    "many_axes": (
        lambda path: made.zipped(path, {"a/b.npy": made.npy((1,) * 12, bytes(4))}), "shape"
    ),
    "no_npy": (lambda path: made.zipped(path, {"a/b.npy": b"#!/bin/sh"}), "damaged"),
    "empty": (lambda path: made.zipped(path, {}), "no weights"),
    "texts_alone": (lambda path: made.npz(path, {"model.json": np.array("{}")}), "no weights"),
    "no_layer": (lambda path: made.npz(path, {"arr_0": np.ones(3)}), "layer/weight"),
    "path": (lambda path: made.npz(path, {"../../a": np.ones(3)}), "layer/weight"),
    "long_name": (lambda path: made.npz(path, {"a/" + "b" * 300: np.ones(3)}), "200 characters"),
    "whole_numbers": (lambda path: made.npz(path, {"a/b": np.ones(3, int)}), "floating-point"),
    "nothing_in_it": (lambda path: made.npz(path, {"a/b": np.ones((0, 3))}), "shape"),
    "nan": (lambda path: made.npz(path, {"a/b": np.array([1, np.nan])}), "aren't finite"),
    "too_large_for_float32": (lambda path: made.npz(path, {"a/b": np.array([1e300])}), "finite"),
    "cut_npz": (cut(made.npz), "npz"),
    "cut_h5": (cut(made.weights_h5), "damaged"),
    "text": (lambda path: path.write_text("no weights"), "isn't a .npz"),
    "pth": (lambda path: made.torch(path, {"a.b": np.ones(3, np.float32)}), "isn't a .npz"),
    "soft_link": (linked(h5py.SoftLink("/layers")), "another place"),
    "external_link": (linked(h5py.ExternalLink("/etc/other.h5", "/")), "another place"),
    "other_file": (external, "another file"),
    "never_written": (unwritten, "are said to take"),
    "bomb_in_keras": (bomb_in_keras, "are said to take"),
    "alike": (
        lambda path: made.weights_h5(
            path, {"dense": ("a", [np.ones(2)]), "dense_1": ("a", [np.ones(2)])}
        ),
        "two of its layers",
    ),
    "nan_in_h5": (
        lambda path: made.weights_h5(path, {"dense": ("a", [np.full(2, np.inf)])}), "finite"
    ),
    "no_layers_in_h5": (
        lambda path: made.weights_h5(path, {"lstm": ("a", [np.ones(2)])}), "no weights"
    ),
    "of_old_keras": (
        lambda path: made.legacy_h5(path, [[np.ones(2)]]), "load it there and save it as .keras"
    ),
    "path_in_h5": (
        lambda path: made.weights_h5(path, {"dense": ("a/../b", [np.ones(2)])}), "layer/weight"
    ),
}  # fmt: skip


@pytest.mark.parametrize("write, words", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_weights_or_does_harm_is_refused_in_a_sentence(tmp_path, write, words):
    path = tmp_path / "weights"
    write(path)
    with pytest.raises(WeightsError, match=words) as refused:
        read_file(path)
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "limit, most, words", [("MOST_BYTES", 4000, "unpacks to"), ("_MOST_ARRAYS", 2, "has 3 arrays")]
)
def test_neither_a_bomb_nor_a_crowd_is_unpacked(tmp_path, monkeypatch, limit, most, words):
    monkeypatch.setattr(f"cnnlab.storage.pretrained.weights.{limit}", most)
    arrays = {f"a/{number}": np.zeros(500, np.float32) for number in range(3)}
    with pytest.raises(WeightsError, match=words):
        read_file(made.npz(tmp_path / "a.npz", arrays))


def test_a_process_of_its_own_reads_them(tmp_path):
    target = tmp_path / "made.npz"
    known = read_apart(made.keras(tmp_path / "a.keras"), target)
    assert (known.source, known.classes) == (None, [])
    assert_same(read_npz(target), dict(sorted(made.WEIGHTS.items())))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ('{"class_names": ["a", "ß"]}', ["a", "ß"]),
        ('{"class_names": "ab"}', []),
        ('{"class_names": [1]}', []),
        ("{", []),
        ("[]", []),
        (3.0, []),
        (["{}", "{}"], []),
        (f'{{"class_names": ["{"a" * 2**21}"]}}', []),
    ],
    ids=["names", "text", "numbers", "no_json", "a_list", "a_number", "two_texts", "long"],
)
def test_classes_are_those_that_our_own_files_say(tmp_path, told, expected):
    path = made.npz(tmp_path / "a.npz", **{"model.json": np.array(told)})
    assert read_apart(path, tmp_path / "made.npz").classes == expected
    if isinstance(told, str):
        keras = {"cnnlab.json": told, "model.weights.h5": b""}
        is_short = len(told) < 2**20
        assert classes_in(made.zipped(tmp_path / "a.keras", keras)) == expected or not is_short


def test_the_process_refuses_and_makes_nothing(tmp_path):
    path = tmp_path / "a.npz"
    with pytest.raises(WeightsError, match="no weights"):
        read_apart(made.zipped(path, {}), tmp_path / "made.npz")
    assert list(tmp_path.iterdir()) == [path]


def test_a_process_that_ends_by_its_limits_ends_alone(tmp_path):
    path = made.npz(tmp_path / "a.npz", {"a/b": np.ones(2**23, np.float32)})
    with pytest.raises(WeightsError, match="more memory than weights need"):
        read_apart(path, tmp_path / "made.npz", memory_bytes=2**26)
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_no_fault_of_the_file(tmp_path):
    with pytest.raises(StorageError, match=r"Can't use .*gone"):
        read_apart(made.npz(tmp_path / "a.npz"), tmp_path / "gone" / "made.npz")


def test_a_full_disk_is_said_as_such(tmp_path, small_disk):
    path = made.npz(tmp_path / "a.npz", {"a/b": np.zeros(2**20, np.float32)})
    with pytest.raises(DiskFullError, match="disk is full"):
        read_apart(path, small_disk / "made.npz")


def test_a_file_that_is_too_large_is_not_opened(tmp_path):
    path = tmp_path / "large.npz"
    with path.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(WeightsError, match="at most"):
        read_apart(path, tmp_path / "made.npz")
