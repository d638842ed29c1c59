"""Files of weights as others write them, and as nobody should."""

import collections
import io
import pickle
import struct
import sys
import types
import zipfile
from unittest import mock

import h5py
import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.weight_shapes import weight_shapes

WEIGHTS = {
    "block1_conv/kernel": np.arange(24, dtype=np.float32).reshape(2, 2, 3, 2),
    "block1_conv/bias": np.array([0.5, -0.5], np.float32),
}
"""Those of a layer."""


def npz(path, arrays=WEIGHTS, **options):
    """A `.npz` as numpy writes it."""
    with path.open("wb") as file:  # else numpy adds a suffix
        np.savez(file, **options, **arrays)
    return path


def npy(shape, content=b"", dtype="<f4"):
    """A member of a `.npz` whose header says whatever one likes."""
    header = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def zipped(path, members, compression=zipfile.ZIP_STORED):
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def weights_h5(target, layers=None):
    """A `.weights.h5` in Keras' layout.

    Args:
        target: path or file object.
        layers: by the group's name: the layer's own name and its weights.
    """
    with h5py.File(target, "w") as file:
        for group, (name, arrays) in (layers or {"conv2d": ("block1_conv", _in_order())}).items():
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = name
            for number, values in enumerate(arrays):
                variables[str(number)] = values
        file.create_group("optimizer/vars")["0"] = np.int64(7)
    return target


def keras(path, layers=None):
    """A `.keras` file: its config names code, which nobody reads."""
    content = io.BytesIO()
    weights_h5(content, layers)
    config = '{"class_name": "Lambda", "module": "os", "config": {"function": "system"}}'
    return zipped(path, {"config.json": config, "model.weights.h5": content.getvalue()})


def legacy_h5(path, rows):
    """A file of weights as Keras wrote it before version 3, of so many layers."""
    with h5py.File(path, "w") as file:
        names = [f"expanded_conv/layer_{number}" for number in range(len(rows))]
        file.attrs["layer_names"] = np.array([b"input_1", *(name.encode() for name in names)])
        file.create_group("input_1").attrs["weight_names"] = np.array([], "S1")
        for name, row in zip(names, rows, strict=True):
            told = [f"{name}/weight_{number}:0" for number in range(len(row))]
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([each.encode() for each in told])
            for place, values in zip(told, row, strict=True):
                group[place] = values
    return path


def torch(path, tensors, *, also=None):
    """A `.pth` file in PyTorch's layout before 1.6, whose tensors lie transposed.

    Args:
        path: where to write it.
        tensors: arrays by name.
        also: something else among them.
    """
    content = io.BytesIO()
    held = collections.OrderedDict(
        (name, _Tensor(name, values)) for name, values in tensors.items()
    )
    if also is not None:
        held["also"] = also
    with mock.patch.dict(sys.modules, {"torch": _TORCH, "torch._utils": _UTILS}):
        for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, held, list(tensors)):
            _Pickler(content, 2).dump(value)
    for values in tensors.values():
        content.write(struct.pack("<q", values.size))
        content.write(np.asarray(values, order="F").tobytes(order="A"))
    path.write_bytes(content.getvalue())
    return path


def rows_of(preset):
    """Random weights of a preset, layer by layer, in Keras' order and shapes."""
    config = load_config({"architecture": {"preset": preset}})
    draw, rows = np.random.default_rng(0), {}
    for name, shape in weight_shapes(plan_network(config, (48, 48, 3), 2)).items():
        values = draw.normal(size=shape).astype(np.float32)
        rows.setdefault(name.partition("/")[0], []).append(values)
    del rows["probabilities"]
    return list(rows.values())


def _in_order():
    return list(WEIGHTS.values())


def _rebuild_tensor_v2(*told):
    raise AssertionError("nobody calls what a file names")


_UTILS = types.ModuleType("torch._utils")
_UTILS._rebuild_tensor_v2 = _rebuild_tensor_v2
_rebuild_tensor_v2.__module__ = "torch._utils"
_TORCH = types.ModuleType("torch")
for _name in ("FloatStorage", "LongStorage"):
    setattr(_TORCH, _name, type(_name, (), {"__module__": "torch"}))


class _Storage:
    def __init__(self, key, values):
        kind = _TORCH.FloatStorage if values.dtype == np.float32 else _TORCH.LongStorage
        self.told = ("storage", kind, key, "cpu", values.size, None)


class _Tensor:
    def __init__(self, name, values):
        lying = np.asarray(values, order="F")
        strides = tuple(stride // lying.itemsize for stride in lying.strides)
        self._told = (_Storage(name, values), 0, values.shape, strides, False, None)

    def __reduce__(self):
        return _rebuild_tensor_v2, self._told


class _Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.told if isinstance(value, _Storage) else None
