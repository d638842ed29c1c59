"""How large the weights of each layer are: what L1, L2 and dropout do to them."""

import numpy as np

from cnnlab.domain.records.training import WeightRow
from cnnlab.training.loop.checkpoint import State

NEAR_ZERO = 1e-3
"""A weight of smaller magnitude counts as near zero."""

_MODEL, _AVERAGE, _KERNEL = "model/", "average/", "kernel"


class KernelStats:
    """Norm and share near zero of every kernel, from the state that is kept anyway.

    Averaged weights, where the optimizer keeps them, because the evaluation uses these. Biases and
    the parameters of normalizations are left out: no penalty is on them. What two states in a row
    share, because it is frozen, is measured once.
    """

    def __init__(self) -> None:
        self._measured: dict[str, tuple[np.ndarray, WeightRow]] = {}

    def __call__(self, state: State) -> list[WeightRow]:
        """Measure.

        Args:
            state: from `capture`.

        Returns:
            In the order of the layers.
        """
        return [
            self._stats(layer, state.get(name.replace(_MODEL, _AVERAGE, 1), state[name]))
            for name in state
            if name.startswith(_MODEL) and (layer := _layer_of(name)) is not None
        ]

    def _stats(self, layer: str, kernel: np.ndarray) -> WeightRow:
        before, row = self._measured.get(layer, (None, None))
        if row is None or before is not kernel:
            row = _stats(layer, kernel)
            self._measured[layer] = kernel, row
        return row


def _layer_of(name: str) -> str | None:
    """`block1_conv` from `model/block1_conv/kernel`; None for what isn't a kernel."""
    layer, _, variable = name.removeprefix(_MODEL).rpartition("/")
    if not variable.endswith(_KERNEL):
        return None
    part = variable.removesuffix(_KERNEL).rstrip("_")
    return f"{layer}/{part}" if part else layer


def _stats(layer: str, kernel: np.ndarray) -> WeightRow:
    squares = np.square(kernel, dtype=np.float64)  # finite for every finite float32
    return {
        "layer": layer,
        "norm": float(np.sqrt(np.sum(squares))),
        "near_zero": np.count_nonzero(squares < NEAR_ZERO**2) / kernel.size,
    }
