"""Files of weights that Keras has written, read without Keras: nothing in them is built or run.

A `.keras` file is a zip with a network's config and, as `model.weights.h5`, its weights; only these
are read. There a layer's weights are numbered, and which is which follows from its class, by which
its group is called; its own name stands beside them.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.errors import WeightsError
from cnnlab.files import BROKEN_ZIP
from cnnlab.storage.h5_file import datasets_in, h5py
from cnnlab.storage.pretrained.weights import MOST_BYTES, Weights, checked, damaged

IN_KERAS_FILE = "model.weights.h5"
"""The member of a `.keras` file that holds its weights."""

_KERNEL, _BIAS = "kernel", "bias"
_NORM = ("gamma", "beta")
_NAMES: dict[str, dict[int, tuple[str, ...]]] = {
    **dict.fromkeys(("conv2d", "dense", "depthwise_conv2d"), {1: (_KERNEL,), 2: (_KERNEL, _BIAS)}),
    "separable_conv2d": {
        2: ("depthwise_kernel", "pointwise_kernel"),
        3: ("depthwise_kernel", "pointwise_kernel", _BIAS),
    },
    "batch_normalization": {4: (*_NORM, "moving_mean", "moving_variance")},
    **dict.fromkeys(("layer_normalization", "group_normalization"), {2: _NORM}),
}
"""What the weights of a layer are called, by the name of its class and how many there are."""

_VARIABLES = re.compile(r"(?P<layer>layers/.+)/vars/(?P<number>\d{1,3})")
_COUNTED = re.compile(r"_\d+$")


def read_keras_zip(path: Path) -> Weights:
    """The weights of a `.keras` file.

    Raises:
        WeightsError: it is none, damaged, or built to do harm.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if (size := archive.getinfo(IN_KERAS_FILE).file_size) > MOST_BYTES:
                raise WeightsError(
                    f"its weights unpack to {size:,} bytes, and at most {MOST_BYTES:,} are read"
                )
            with archive.open(IN_KERAS_FILE) as member:
                content = member.read(size)
    except (*BROKEN_ZIP, KeyError) as error:
        raise damaged(".keras file", error) from error
    return read_weights_h5(io.BytesIO(content), len(content))


def read_weights_h5(file: Path | io.BytesIO, size_bytes: int) -> Weights:
    """The weights of a `.weights.h5` file; layers of classes that we don't use are left out.

    Args:
        file: its path or content.
        size_bytes: of the file.

    Raises:
        WeightsError: it is none, damaged, or built to do harm.
    """
    try:
        with h5py().File(file, "r") as root:
            layers = _layers(root, size_bytes)
    except (OSError, RuntimeError, ValueError, TypeError, LookupError) as error:
        raise damaged(".weights.h5 file", error) from error
    if not layers:
        raise WeightsError(
            "it holds no layers as Keras 3 lays them out: load it there and save it as .keras"
        )
    return checked(dict(_named(layers)))


@dataclass
class _Layer:
    """What a file holds of a layer.

    Attributes:
        kind: its class, as the file's groups are called.
        name: its own.
        numbered: its weights by their numbers.
    """

    kind: str
    name: str
    numbered: dict[int, np.ndarray] = field(default_factory=dict)


def _layers(root: Any, size_bytes: int) -> list[_Layer]:  # noqa: ANN401 - h5py's
    layers: dict[str, _Layer] = {}
    for place, part in datasets_in(root, size_bytes):
        found = _VARIABLES.fullmatch(place)
        if found is None:  # such as what an optimizer keeps
            continue
        if found["layer"] not in layers:
            group = found["layer"].rpartition("/")[2]
            told = root[f"{found['layer']}/vars"].attrs.get("name")
            name = _text(told) if told is not None else group
            layers[found["layer"]] = _Layer(_COUNTED.sub("", group), name)
        layers[found["layer"]].numbered[int(found["number"])] = part[()]
    return list(layers.values())


def _named(layers: list[_Layer]) -> Iterator[tuple[str, np.ndarray]]:
    seen = set()
    for layer in layers:
        count = len(layer.numbered)
        words = _NAMES.get(layer.kind, {}).get(count)
        if words is None or sorted(layer.numbered) != list(range(count)):
            continue
        if layer.name in seen:
            raise WeightsError(f"two of its layers are called {layer.name[:60]!r}")
        seen.add(layer.name)
        for number, word in enumerate(words):
            yield f"{layer.name}/{word}", layer.numbered[number]


def read_legacy_h5(path: Path) -> list[list[np.ndarray]]:
    """The weights of a file in Keras' format before version 3, as `keras.applications` still has.

    Returns:
        Of each layer that has any, in the network's order, its weights in Keras' order.

    Raises:
        WeightsError: it is none, or damaged.
    """
    try:
        with h5py().File(path, "r") as root:
            parts = dict(datasets_in(root, path.stat().st_size))
            layers = [_text(name) for name in root.attrs["layer_names"]]
            told = {
                layer: [_text(name) for name in root[layer].attrs["weight_names"]]
                for layer in layers
            }
            rows = [[parts[f"{layer}/{name}"][()] for name in told[layer]] for layer in layers]
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise damaged(".h5 file of weights", error) from error
    return [row for row in rows if row]


def _text(name: Any) -> str:  # noqa: ANN401 - bytes of older files
    return name.decode() if isinstance(name, bytes) else str(name)
