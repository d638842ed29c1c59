"""A `.pth` file of PyTorch as arrays, without PyTorch and without running what it says.

Such a file is a row of pickles, then the numbers (the layout of PyTorch before 1.6, `torch.save`
with `_use_new_zipfile_serialization=False`). Unpickling calls what a file names, so here it may
name four things: an ordered dict, the function that makes a tensor, and two kinds of storage. None
of them is called: they stand for what our own code does.
"""

import io
import math
import pickle  # noqa: TID251 - reads one file that is known by its sha256, with four names allowed
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnlab.domain.errors import WeightsError
from cnnlab.storage.pretrained.weights import damaged

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class _Storage(NamedTuple):
    """The numbers of one tensor, which follow in the file."""

    dtype: str
    key: str
    length: int


class _Tensor(NamedTuple):
    """Which numbers of a storage a tensor consists of; strides are in numbers, not bytes."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Unpickler(pickle.Unpickler):
    """Knows four names; every other one is refused before anything is made of it."""

    _NAMES = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): lambda *told: _Tensor(*told[:4]),
        **{("torch", name): dtype for name, dtype in _DTYPES.items()},
    }

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - what the file names
        """What stands for a name of the file.

        Raises:
            WeightsError: the file names anything else, which might be code.
        """
        if (module, name) not in self._NAMES:
            raise WeightsError(f"it names {f'{module}.{name}'[:60]!r}, which is no part of weights")
        return self._NAMES[module, name]

    def persistent_load(self, told: Any) -> _Storage:  # noqa: ANN401 - what the file says
        """The storage that a tensor refers to."""
        kind, dtype, key, _, length, view = told
        if kind != "storage" or view is not None:
            raise WeightsError("a tensor of it lies in no storage of its own")
        return _Storage(dtype, key, length)


def read_torch(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a `.pth` file by their names, in the order in which they stand there.

    Raises:
        WeightsError: it is no such file, damaged, or names anything but tensors.
    """
    content = io.BytesIO(path.read_bytes())
    try:
        magic, protocol, _, tensors, keys = (_Unpickler(content).load() for _ in range(5))
        if (magic, protocol) != (_MAGIC, _PROTOCOL):
            raise WeightsError("it isn't in PyTorch's layout")
        storages = {one.storage.key: one.storage for one in tensors.values()}
        numbers = {key: _numbers(content, storages[key]) for key in keys}
        return {name: _array(one, numbers[one.storage.key]) for name, one in tensors.items()}
    except (
        pickle.UnpicklingError, struct.error, EOFError, ValueError, TypeError, LookupError,
        AttributeError, MemoryError,
    ) as error:  # fmt: skip
        raise damaged(".pth file", error) from error


def _numbers(content: io.BytesIO, storage: _Storage) -> np.ndarray:
    (count,) = struct.unpack("<q", content.read(8))
    if count != storage.length:
        raise WeightsError(f"a storage of it says {storage.length!r} numbers, and {count:,} follow")
    size = np.dtype(storage.dtype).itemsize
    return np.frombuffer(content.read(count * size), storage.dtype, count)


def _array(tensor: _Tensor, numbers: np.ndarray) -> np.ndarray:
    """A tensor's numbers in its own order: they may lie transposed."""
    shape, strides = tensor.shape, tensor.strides
    last = tensor.offset + sum(
        (side - 1) * stride for side, stride in zip(shape, strides, strict=True)
    )
    if min((tensor.offset, *shape, *strides), default=0) < 0 or last >= len(numbers):
        raise WeightsError("a tensor of it reaches beyond its numbers")
    if math.prod(shape) > len(numbers):
        raise WeightsError("a tensor of it says more numbers than there are")
    view = np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], shape, [numbers.itemsize * stride for stride in strides]
    )
    return view.copy()
