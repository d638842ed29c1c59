"""A `.keras` file that anybody may have made: judged before any Keras sees it.

What loads such a file builds whatever classes its config names, with whatever sizes. So its members
must be exactly those that we write, its config may name the classes of our networks alone, with
numbers that such networks have and no more weights than lie in the file, and these may lead to no
other file. Refused are files with code (`Lambda`), other frameworks' graphs, functions of modules,
layers too large for any memory.
"""

import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cnnlab.domain.errors import UploadError, WeightsError
from cnnlab.files import BROKEN_ZIP
from cnnlab.storage.h5_file import MAGIC, datasets_in, h5py

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {"metadata.json", _CONFIG, _WEIGHTS}
_OUR_OWN = "cnnlab.json"
_MOST_JSON_BYTES = 8 * 2**20
_MOST_WEIGHT_BYTES = 4 * 2**30
_MOST_RATIO = 50
"""Weights hardly shrink; what unpacks to more is a bomb."""

_MOST_DEPTH = 40
_MOST_LAYERS = 2000
_MOST_NUMBER = 2**31
"""No size or seed of a network of ours is larger."""

_MOST_SIZES = {
    "units": 65_536, "filters": 65_536, "depth_multiplier": 64, "kernel_size": 64,
    "groups": 65_536, "strides": 1024, "pool_size": 1024, "dilation_rate": 64, "padding": 1024,
}  # fmt: skip
_MOST_PADDING = 8192
"""Of all layers together, in pixels: an edge grows by no more."""

_SHAPES = {"shape", "batch_shape", "input_shape", "target_shape"}
_MOST_IN_A_SHAPE = 2**24
_LAYERS = {
    "Activation", "Add", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D", "Dense",
    "DepthwiseConv2D", "Dropout", "Flatten", "GaussianNoise", "GlobalAveragePooling2D",
    "GlobalMaxPooling2D", "GroupNormalization", "InputLayer", "LayerNormalization", "LeakyReLU",
    "MaxPooling2D", "Multiply", "ReLU", "Rescaling", "SeparableConv2D", "Softmax",
    "SpatialDropout2D", "ZeroPadding2D",
}  # fmt: skip
_NORMS = {"BatchNormalization", "GroupNormalization", "LayerNormalization"}
_WEIGHTED = {"Conv2D", "Dense", "DepthwiseConv2D", "SeparableConv2D", *_NORMS}
_INITIALIZERS = {
    "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal",
    "LecunUniform", "Ones", "Orthogonal", "OrthogonalInitializer", "RandomNormal", "RandomUniform",
    "TruncatedNormal", "VarianceScaling", "Zeros",
}  # fmt: skip
_ALLOWED = {
    "keras.layers": _LAYERS,
    "keras.initializers": _INITIALIZERS,
    "keras.regularizers": {"L1", "L2", "L1L2"},
    "keras": {"DTypePolicy"},
    "keras.dtype_policies": {"DTypePolicy"},
    "keras.src.models.functional": {"Functional"},
    "keras.models": {"Functional"},
    None: {"__keras_tensor__"},
}
"""Classes by module; a config of ours names no other."""


def vet_keras(path: Path) -> None:
    """See that a file is a model such as we write; it isn't loaded.

    Raises:
        UploadError: it isn't; the message says what is wrong with it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
            for name in sorted({_CONFIG, "metadata.json", _OUR_OWN} & set(archive.namelist())):
                _read_json(archive, name)
            config = _read_json(archive, _CONFIG)
            _check_config(config)
            held = _check_weights(archive)
            if (wanted := _weights_of(config)) > held:
                raise _refused(
                    f"its config has {wanted:,} weights or more, and {held:,} lie in the file"
                )
    except (*BROKEN_ZIP, OSError, ValueError, TypeError, LookupError) as error:
        raise _refused(f"it is damaged or no .keras file ({error!s:.100})") from error


def _refused(reason: str) -> UploadError:
    return UploadError(f"A model file of this bundle is refused: {reason}.")


def _check_members(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    names = sorted(info.filename for info in infos)
    if sorted({*names} - {_OUR_OWN}) != sorted(_MEMBERS) or len(set(names)) < len(names):
        raise _refused(f"it holds {', '.join(names)[:200]!r} in the place of what Keras writes")
    for info in infos:
        most = _MOST_WEIGHT_BYTES if info.filename == _WEIGHTS else _MOST_JSON_BYTES
        bomb = info.file_size > 2**20 and info.file_size > _MOST_RATIO * max(1, info.compress_size)
        if info.file_size > most or (bomb and info.filename == _WEIGHTS):
            raise _refused(f"{info.filename} unpacks to {info.file_size:,} bytes")
        if info.flag_bits & 1 or info.external_attr >> 28 == 0o12:
            raise _refused(f"{info.filename} is encrypted or a link")


def _read_json(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - any JSON value
    with archive.open(name) as member:
        content = member.read(_MOST_JSON_BYTES + 1)
    try:
        value = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refused(f"its {name} is no JSON ({error!s:.100})") from error
    for depth, _ in _values(value):
        if depth > _MOST_DEPTH:
            raise _refused(f"its {name} lies more than {_MOST_DEPTH} levels deep")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _values(value: object) -> Iterator[tuple[int, object]]:
    """Every value with how deep it lies, without recursion."""
    waiting = [(0, value)]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        if depth > _MOST_DEPTH:
            continue
        if isinstance(one, dict):
            waiting += [(depth + 1, held) for held in one.values()]
        elif isinstance(one, list):
            waiting += [(depth + 1, held) for held in one]


def _check_config(config: object) -> None:
    layers, padding = 0, 0.0
    for _, value in _values(config):
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isfinite(value) or abs(value) > _MOST_NUMBER:
                raise _refused(f"its config has the number {value!r:.40}")
        elif isinstance(value, dict):
            _check_class(value)
            _check_sizes(value)
            layers += value.get("module") == "keras.layers"
            padding += sum(_numbers(value.get("padding")))
    if layers > _MOST_LAYERS:
        raise _refused(f"it has {layers:,} layers, and at most {_MOST_LAYERS:,} are read")
    if padding > _MOST_PADDING:
        raise _refused(
            f"its layers pad by {padding:,.0f} pixels, and at most {_MOST_PADDING:,} are read"
        )
    if not isinstance(config, dict) or config.get("class_name") != "Functional":
        raise _refused("its config is no network of layers")


def _check_class(value: dict[str, Any]) -> None:
    if not {"class_name", "module", "fn", "registered_name"} & value.keys():
        return
    module, name = value.get("module"), value.get("class_name")
    known = _ALLOWED.get(module, set()) if module is None or isinstance(module, str) else set()
    if not isinstance(name, str) or name not in known:
        raise _refused(f"its config names the class {name!r:.80} of {module!r:.80}")
    if value.get("registered_name") not in (None, name):
        raise _refused(f"its config names the registered class {value['registered_name']!r:.80}")


def _check_sizes(value: dict[str, Any]) -> None:
    for name, most in _MOST_SIZES.items():
        for size in _numbers(value.get(name)):
            if not 0 <= size <= most:
                raise _refused(f"its config has {name} {size!r:.40}, and at most {most:,} are read")
    for name in _SHAPES & value.keys():
        _check_shape(name, value[name])


def _check_shape(name: str, shape: object) -> None:
    """One, or one for each input of a layer that has many."""
    if isinstance(shape, list) and shape and all(isinstance(one, list) for one in shape):
        for one in shape:
            _check_shape(name, one)
        return
    sizes = [size for size in shape if size is not None] if isinstance(shape, list) else []
    if any(not isinstance(size, int) or size < 0 for size in sizes):
        raise _refused(f"its config has the {name} {shape!r:.80}")
    if math.prod(sizes) > _MOST_IN_A_SHAPE:
        raise _refused(f"its config has the {name} {shape!r:.80}, which no memory holds")


def _numbers(value: object) -> list[int | float]:
    """A number, or those of a list of them or of pairs."""
    return [
        one
        for _, one in _values(value)
        if isinstance(one, int | float) and not isinstance(one, bool)
    ]


def _weights_of(config: object) -> int:
    """How many weights Keras would make at least of a config, before it reads any.

    It builds a layer by the shape that its `build_config` says, so that counts.

    Raises:
        UploadError: a layer with weights doesn't say it.
    """
    count = 0
    for _, value in _values(config):
        if isinstance(value, dict) and value.get("class_name") in _WEIGHTED:
            name, settings = value["class_name"], value["config"]
            shape = (value.get("build_config") or {}).get("input_shape")
            sizes = [size for size in shape or [] if size is not None]
            if not sizes or not all(type(size) is int and size > 0 for size in sizes):
                raise _refused(f"its layer {name} doesn't say the shape of what it gets")
            count += _weights(name, settings, sizes)
    return count


def _weights(name: str, settings: dict[str, Any], sizes: list[int]) -> int:
    channels = sizes[-1]
    if name == "Dense":
        return channels * int(settings["units"])
    if name in _NORMS:
        axis = settings.get("axis", -1)
        places = axis if isinstance(axis, list) else [axis]
        has_any = name == "BatchNormalization" or settings.get("center") or settings.get("scale")
        # an axis counts the batch, whose size isn't among these
        picked = [sizes[place if place < 0 else place - 1] for place in places]
        return math.prod(picked) if has_any else 0
    kernel = math.prod(_pair(settings["kernel_size"]))
    if name == "Conv2D":
        return (
            kernel * channels * int(settings["filters"]) // max(1, int(settings.get("groups", 1)))
        )
    deep = channels * int(settings.get("depth_multiplier", 1))
    return kernel * deep + (deep * int(settings["filters"]) if name == "SeparableConv2D" else 0)


def _pair(size: object) -> list[int]:
    return [int(one) for one in size] if isinstance(size, list) else [int(str(size))] * 2


def _check_weights(archive: zipfile.ZipFile) -> int:
    """Nothing in the weights leads to another file; return how many numbers they are."""
    with archive.open(_WEIGHTS) as member:
        if member.read(len(MAGIC)) != MAGIC:
            raise _refused("its weights are no HDF5 file")
        member.seek(0)
        size = archive.getinfo(_WEIGHTS).file_size
        try:
            with h5py().File(_Limited(member), "r") as file:
                return sum(int(part.size) for _, part in datasets_in(file, size))
        except WeightsError as error:
            raise _refused(str(error)) from error


class _Limited:
    """A member as a file for h5py, which reads and seeks."""

    def __init__(self, member: IO[bytes]) -> None:
        self._member = member

    def read(self, count: int = -1) -> bytes:
        """Bytes from here on."""
        return self._member.read(count)

    def readinto(self, buffer: bytearray) -> int:
        """Fill a buffer; return how many bytes there were."""
        content = self._member.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._member.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self._member.tell()
