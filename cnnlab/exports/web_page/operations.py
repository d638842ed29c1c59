"""The operations that `network.mjs` computes, while they are put together."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlab.domain.errors import ExportError


@dataclass
class Operation:
    """One step of the network.

    Attributes:
        layer: name of the Keras layer.
        kind: a function of `network.mjs`.
        inputs: numbers of the operations whose results it takes; -1 is the picture.
        shape: of the result, (H, W, C) or (values,).
        facts: JSON values that the function wants, such as strides.
        arrays: float32, by the names that the function has for them.
        activation: applied to the result.
    """

    layer: str
    kind: str
    inputs: list[int]
    shape: tuple[int, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    activation: str = "linear"


class Operations:
    """What there is so far.

    Attributes:
        made: the operations.
    """

    def __init__(self, shared: set[int]) -> None:
        """Nothing yet.

        Args:
            shared: ids of the tensors that several layers take.
        """
        self.made: list[Operation] = []
        self._shared = shared

    def append(self, operation: Operation) -> int:
        """Add an operation; gives its number."""
        self.made.append(operation)
        return len(self.made) - 1

    def sole_maker(self, tensor: Any, number: int) -> Operation | None:  # noqa: ANN401
        """The operation that gives a tensor, if one layer alone takes it and it may be changed."""
        if number < 0 or id(tensor) in self._shared:
            return None
        made = self.made[number]
        return made if made.activation == "linear" else None


def refused(layer: Any, reason: str) -> ExportError:  # noqa: ANN401 - a Keras layer
    """The error of a layer that no page holds."""
    return ExportError(
        f"The layer {layer.name!r} can't be part of an offline page: {reason}. Take another "
        "format, such as ONNX."
    )
