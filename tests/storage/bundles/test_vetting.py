"""Model files that anybody may have made: ours pass, hostile ones are refused before any Keras."""

import sys
import zipfile

import h5py
import numpy as np
import pytest

from cnnlab.domain.errors import UploadError
from cnnlab.storage.bundles.vetting import vet_keras
from tests.made_bundles import keras_file


def layer(number, **changes):
    """A config whose layer of that number is changed."""

    def change(config):
        config["config"]["layers"][number] |= changes
        return config

    return change


def nested(config):
    deep = []
    for _ in range(100):
        deep = [deep]
    return config | {"deep": deep}


HOSTILE_CONFIGS = {
    "lambda": layer(1, class_name="Lambda"),
    "other_module": layer(1, module="os", class_name="system"),
    "builtin": layer(1, module="builtins", class_name="function"),
    "saved_model": layer(1, class_name="TFSMLayer"),
    "nested_model": layer(1, module="keras.src.models.sequential", class_name="Sequential"),
    "registered": layer(1, registered_name="mine>Evil"),
    "no_class": layer(1, class_name=None),
    "listed_class": layer(1, class_name=["Dense"]),
    "units": layer(2, config={"units": 10**9}),
    "negative": layer(2, config={"units": -1}),
    "shape": layer(0, config={"batch_shape": [None, 10**6, 10**6, 3]}),
    "odd_shape": layer(0, config={"batch_shape": [None, "a", 8, 3]}),
    "kernel": layer(2, config={"kernel_size": [10**4, 10**4]}),
    "more_than_the_file": layer(
        2, config={"units": 65_536}, build_config={"input_shape": [None, 2**24]}
    ),
    "one_more_unit": layer(2, config={"units": 3}),
    "built_by_a_larger_shape": layer(2, build_config={"input_shape": [None, 193]}),
    "no_shape": layer(2, build_config={}),
    "odd_built_shape": layer(2, build_config={"input_shape": "a"}),
    "wide_norm": layer(
        1, class_name="BatchNormalization", config={}, build_config={"input_shape": [None, 10**6]}
    ),
    "wide_kernel": layer(
        1,
        class_name="Conv2D",
        config={"filters": 64, "kernel_size": 3},
        build_config={"input_shape": [None, 8, 8, 512]},
    ),
    "padding": layer(
        1, class_name="ZeroPadding2D", config={"padding": [[10**9, 10**9], [10**9, 10**9]]}
    ),
    "paddings": lambda config: config | {"more": [{"padding": [1000, 1000]}] * 5},
    "strides": layer(1, config={"strides": [10**8, 1]}),
    "pool_size": layer(1, config={"pool_size": 10**8}),
    "dilation_rate": layer(1, config={"dilation_rate": [10**8, 1]}),
    "number": layer(2, config={"seed": 10**30}),
    "deep": nested,
    "no_network": lambda config: [config],
    "fn": layer(1, config={"fn": {"class_name": "__lambda__", "config": {"value": "x"}}}),
    "many_layers": lambda config: config | {"more": [config["config"]["layers"][1]] * 3000},
}


def link_out(file):
    file["out"] = h5py.ExternalLink("/etc/passwd", "/")


def link_soft(file):
    file["soft"] = h5py.SoftLink("/layers")


def stored_elsewhere(file):
    file.create_dataset("far", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def objects(file):
    file.create_dataset("words", data=["a"], dtype=h5py.string_dtype())


def huge(file):
    file.create_dataset("huge", (2**31, 4), "f4", chunks=(1024, 4))


def said(file):
    file.create_dataset("said", (2**16, 4), "f4", chunks=(1024, 4))


def held_by_itself(file):
    file["layers/again"] = file["layers"]


def long_path(file):
    file.create_group("/".join(["group"] * 200))


HOSTILE_WEIGHTS = {
    "external_link": link_out,
    "soft_link": link_soft,
    "external_storage": stored_elsewhere,
    "objects": objects,
    "huge": huge,
    "said_to_be_there": said,
    "long_path": long_path,
}
OTHER_MEMBERS = {
    "assets": {"assets/vocabulary.txt": b"a"},
    "traversal": {"../../evil.py": b"a"},
    "no_json": {"config.json": b"{"},
    "nan": {"config.json": b'{"class_name": "Functional", "x": NaN}'},
    "no_weights": {"model.weights.h5": b"pickle"},
    "half_weights": {"model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(64)},
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.keras"


def test_what_we_write_passes_without_keras(path):
    path.write_bytes(keras_file())
    vet_keras(path)
    assert "keras" not in sys.modules or "tensorflow" in sys.modules


def test_a_layer_of_two_inputs_passes(path):
    shape = [None, 8, 8, 3]
    add = layer(1, class_name="Add", build_config={"input_shape": [shape, shape]})
    path.write_bytes(keras_file(add))
    vet_keras(path)


@pytest.mark.parametrize("what", HOSTILE_CONFIGS)
def test_a_config_with_more_than_a_network_is_refused(path, what):
    path.write_bytes(keras_file(HOSTILE_CONFIGS[what]))
    with pytest.raises(UploadError, match="A model file of this bundle is refused"):
        vet_keras(path)


@pytest.mark.parametrize("what", HOSTILE_WEIGHTS)
def test_weights_that_lead_elsewhere_are_refused(path, what):
    path.write_bytes(keras_file(weights=HOSTILE_WEIGHTS[what]))
    with pytest.raises(UploadError, match="its weights"):
        vet_keras(path)


def test_weights_that_hold_themselves_are_refused_at_once(path):
    path.write_bytes(keras_file(weights=held_by_itself))
    with pytest.raises(UploadError, match="a part in two places"):
        vet_keras(path)


@pytest.mark.parametrize("what", OTHER_MEMBERS)
def test_other_members_than_those_of_keras_are_refused(path, what):
    path.write_bytes(keras_file(**OTHER_MEMBERS[what]))
    with pytest.raises(UploadError, match="refused"):
        vet_keras(path)


def test_a_bomb_is_refused_before_it_is_unpacked(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, "{}")
        archive.writestr("model.weights.h5", np.zeros(2**25, np.uint8).tobytes())
    with pytest.raises(UploadError, match="unpacks to 33,554,432 bytes"):
        vet_keras(path)


def test_another_file_is_no_model(path):
    path.write_bytes(b"\x80\x04\x95pickle")
    with pytest.raises(UploadError, match="damaged or no .keras file"):
        vet_keras(path)
