"""What a network will be: every Keras layer with its shape, before one is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnlab.domain.errors import ConfigError

IMAGE = "image"
"""What the first layer takes."""

PROBABILITIES = "probabilities"
"""The last layer."""

Shape = tuple[int, ...]


class LayerError(ConfigError):
    """An entry of the layer list can't stand where it does.

    Attributes:
        words: the sentence without its subject: `needs an image, but ...`.
        name: what people call the entry; empty where it is none of the list's.
        block: its 0-based place in the list; None where it is none of the list's.
    """

    def __init__(
        self, words: str, block: int | None, name: str, path: tuple[int, int] | None
    ) -> None:
        if block is None:
            words = f"The layer {PROBABILITIES} {words}"
        elif path is not None:
            words = f"path {path[0] + 1}, layer {path[1] + 1} {words}"
        super().__init__(words if block is None else f"Block {block + 1}, {name}: {words}")
        self.words = words
        self.name = name
        self.block = block


@dataclass(frozen=True)
class PlannedLayer:
    """One Keras layer of the network.

    Attributes:
        name: such as `block2_conv`; its initial weights and draws depend on it.
        keras_class: name of its class in `keras.layers`.
        arguments: what the class is given beside name, precision, seeds and penalty.
        inputs: names of the layers whose outputs it takes; `image` is the network's input.
        shape: of its output for one image: (height, width, channels) or (values,).
        parameters: of all its weights, those of batch norm's statistics included.
        multiply_adds: multiplications with a kernel's weight for one image.
        receptive_field: px of the image's side that one output value depends on; None where it
            is the whole image.
        jump: px of the image between two neighbouring output values; None of flat values.
        block: 0-based place of its entry in the layer list; None where it is none of the list's.
        kernels: names of the weights that are drawn at random and carry the penalty.
        initializer: how these are drawn, in Keras' name; None is the config's way.
        strength: rate or standard deviation of a layer that draws while training.
        regularizer: field of `regularization` that the strength is of.
        in_float32: whether it computes in float32 whatever the precision.
        path: of a branch block: 0-based path and place in it; None of all others.
    """

    name: str
    keras_class: str
    arguments: Mapping[str, Any]
    inputs: tuple[str, ...]
    shape: Shape
    parameters: int
    multiply_adds: int
    receptive_field: int | None
    jump: int | None
    block: int | None
    kernels: tuple[str, ...] = ()
    initializer: str | None = None
    strength: float | None = None
    regularizer: str | None = None
    in_float32: bool = False
    path: tuple[int, int] | None = None

    @property
    def is_there(self) -> bool:
        """Whether Keras gets such a layer where no dial may switch it on."""
        return self.strength is None or self.strength > 0

    @property
    def is_image(self) -> bool:
        """Whether its output still has the shape of a picture."""
        return len(self.shape) == 3


@dataclass(frozen=True)
class Plan:
    """All layers of a network, in an order in which they can be applied.

    Attributes:
        input_shape: (height, width, channels) of an image.
        layers: the last one gives the probabilities.
    """

    input_shape: Shape
    layers: tuple[PlannedLayer, ...] = field(repr=False)

    @property
    def parameters(self) -> int:
        """Of all layers, those of batch norm's statistics included."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Of one image."""
        return sum(layer.multiply_adds for layer in self.layers)

    def of_block(self, block: int | None) -> tuple[PlannedLayer, ...]:
        """The layers that an entry of the layer list stands for, without those that do nothing."""
        return tuple(layer for layer in self.layers if layer.block == block and layer.is_there)

    def layers_with_weights(self) -> int:
        """What `architecture.frozen_layers` counts."""
        return sum(layer.parameters > 0 for layer in self.layers)

    def trained_layers(self, frozen_layers: int, last_blocks: int | None = None) -> set[str]:
        """Names of the layers with weights that train.

        Args:
            frozen_layers: how many of the first layers with weights don't.
            last_blocks: how many of the last entries of the list with weights do, beside the layers
                that are none of the list's; None is all of them.
        """
        entries = self.trainable_entries()
        count = len(entries) if last_blocks is None else last_blocks
        last = {None, *entries[max(0, len(entries) - count) :]}
        weighted = [layer for layer in self.layers if layer.parameters]
        return {layer.name for layer in weighted[frozen_layers:] if layer.block in last}

    def trainable_entries(self) -> list[int]:
        """Places of the entries that have weights: the blocks that a phase counts from the end."""
        return sorted(
            {layer.block for layer in self.layers if layer.parameters and layer.block is not None}
        )
