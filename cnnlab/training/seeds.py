"""Seeds that depend on nothing but names, and checksums that prove equal starts."""

import hashlib
from collections.abc import Iterable

import keras
import numpy as np


def derive_seed(run_seed: int, *names: str) -> int:
    """Seed of one random thing, as a pure function of the run's seed and the thing's name.

    Because no common generator is consumed, adding a layer changes no other layer's seed.

    Args:
        run_seed: the config's `training.seed`.
        names: what is seeded, such as a layer's name and `kernel`.

    Returns:
        0 .. 2**31 - 1, from sha256.
    """
    digest = hashlib.sha256("/".join((str(run_seed), *names)).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def checksum(variables: Iterable[keras.Variable]) -> str:
    """Hex sha256 over path, dtype, shape and bytes of every variable, in order."""
    digest = hashlib.sha256()
    for variable in variables:
        values = np.ascontiguousarray(variable.numpy())
        digest.update(f"{variable.path} {values.dtype} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def layer_checksums(model: keras.Model) -> dict[str, str]:
    """Checksum of the weights of every layer that has weights, by layer name."""
    return {layer.name: checksum(layer.weights) for layer in model.layers if layer.weights}
