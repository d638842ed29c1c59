"""The numbers of a plan as a text: half as many bits where that doesn't matter, packed, base64."""

import base64
import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab.exports.web_page.operations import Operation

_KERNEL = "kernel"
_ALIGNED_BYTES = 4


def to_text(plan: Sequence[Operation], *, in_halves: bool) -> tuple[list[dict[str, Any]], str]:
    """A plan as `network.mjs` reads it.

    Args:
        plan: of a model.
        in_halves: whether kernels are written as float16, else as float32 like all other arrays.

    Returns:
        JSON values, one for each operation, whose arrays say where they lie; and all arrays, gzip
        in base64.
    """
    parts: list[bytes] = []
    rows = []
    at = 0
    for operation in plan:
        places = {}
        for name, array in operation.arrays.items():
            kind = "<f2" if in_halves and name == _KERNEL else "<f4"
            content = array.astype(kind).tobytes()
            content += bytes(-len(content) % _ALIGNED_BYTES)
            places[name] = {"at": at, "count": array.size, "bits": 8 * np.dtype(kind).itemsize}
            parts.append(content)
            at += len(content)
        rows.append(
            {
                "layer": operation.layer,
                "kind": operation.kind,
                "inputs": operation.inputs,
                "shape": list(operation.shape),
                "activation": operation.activation,
                "arrays": places,
                **operation.facts,
            }
        )
    packed = gzip.compress(b"".join(parts), compresslevel=6, mtime=0)
    return rows, base64.b64encode(packed).decode("ascii")


def fits_halves(plan: Sequence[Operation]) -> bool:
    """Whether no kernel has a number that float16 can't hold."""
    most = float(np.finfo(np.float16).max)
    kernels = [operation.arrays[_KERNEL] for operation in plan if _KERNEL in operation.arrays]
    return all(bool(np.all(np.abs(kernel) <= most)) for kernel in kernels)


def halved(weights: np.ndarray) -> np.ndarray:
    """Weights as float16 leaves them, float32; those of one dimension are always kept whole."""
    return weights.astype(np.float16).astype(np.float32) if weights.ndim > 1 else weights
