"""Makes single Keras layers with their name, seeds, penalty and precision."""

from collections import Counter
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network import dialled, fused
from cnnlab.training.seeds import derive_seed

_INITIALIZERS: dict[str, type[keras.initializers.Initializer]] = {
    "glorot_uniform": keras.initializers.GlorotUniform,
    "glorot_normal": keras.initializers.GlorotNormal,
    "he_uniform": keras.initializers.HeUniform,
    "he_normal": keras.initializers.HeNormal,
    "lecun_normal": keras.initializers.LecunNormal,
    "orthogonal": keras.initializers.Orthogonal,
}
_DIALLED: dict[type[keras.Layer], type[keras.Layer]] = {
    layers.Dropout: dialled.Dropout,
    layers.SpatialDropout2D: dialled.SpatialDropout2D,
    layers.GaussianNoise: dialled.GaussianNoise,
}
_FUSED: dict[type[keras.Layer], type[keras.Layer]] = {
    layers.BatchNormalization: fused.BatchNormalization,
}


class LayerMaker:
    """Applies layers of a config to tensors.

    Each initializer and each random layer is seeded by (run seed, layer name, purpose), and a
    layer's name counts only layers of its own role, so that a regularizer that is switched on
    changes neither name nor initial weights of any other layer.
    """

    def __init__(self, config: RunConfig, board: DialBoard | None = None) -> None:
        self._seed = config.training.seed
        self._precision = config.training.precision
        self._initializer_class = _INITIALIZERS[config.architecture.initializer]
        self._default_activation = config.architecture.activation
        self._regularization = config.regularization
        self._board = board
        self._penalty = self._build_penalty()
        self._block = 1
        self._taken: Counter[str] = Counter()

    def name(self, role: str, tensor: keras.KerasTensor) -> str:
        """A new name: `block2_conv`, `block2_conv2`; without the block on flat values."""
        stem = f"block{self._block}_{role}" if len(tensor.shape) == 4 else role
        self._taken[stem] += 1
        return stem if self._taken[stem] == 1 else f"{stem}{self._taken[stem]}"

    def end_block(self) -> None:
        """Count the layers that follow to the next block."""
        self._block += 1

    def plain(
        self,
        kind: type[keras.Layer],
        name: str,
        inputs: keras.KerasTensor | list[keras.KerasTensor],
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> keras.KerasTensor:
        """Apply a layer that draws nothing at random; where it trains, in its fastest form."""
        if self._board:
            kind = _FUSED.get(kind, kind)
        return kind(name=name, **({"dtype": self._precision} | arguments))(inputs)

    def random(
        self,
        kind: type[keras.Layer],
        name: str,
        tensor: keras.KerasTensor,
        strength: float,
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> keras.KerasTensor:
        """Apply a seeded random layer such as Dropout, or none at strength 0."""
        if not strength:
            return tensor
        return self._seeded(kind, name, strength, **arguments)(tensor)

    def regularized(
        self, kind: type[keras.Layer], name: str, tensor: keras.KerasTensor, regularizer: str
    ) -> keras.KerasTensor:
        """Apply the random layer of one of the config's regularizers.

        With a dial it is there whatever the strength is.

        Args:
            kind: the layer's class.
            name: its name, on which its draws depend.
            tensor: its input.
            regularizer: name of the field.
        """
        dial = self._board and self._board.value(f"regularization.{regularizer}")
        if dial is None:
            return self.random(kind, name, tensor, getattr(self._regularization, regularizer))
        return self._seeded(_DIALLED[kind], name, dial)(tensor)

    def weighted(
        self,
        kind: type[keras.Layer],
        name: str,
        tensor: keras.KerasTensor,
        kernels: tuple[str, ...] = ("kernel",),
        initializer: type[keras.Initializer] | None = None,
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> keras.KerasTensor:
        """Apply a layer whose kernels are seeded and carry the L1 / L2 penalty.

        Args:
            kind: the layer's class.
            name: its name, on which its initial weights depend.
            tensor: its input.
            kernels: names of its kernels.
            initializer: how they are drawn; default is the config's way.
            arguments: passed on to the layer.
        """
        for kernel in kernels:
            seed = derive_seed(self._seed, name, kernel)
            drawn = initializer or self._initializer_class
            arguments[f"{kernel}_initializer"] = drawn(seed=seed)
            arguments[f"{kernel}_regularizer"] = self._penalty
        return self.plain(kind, name, tensor, **arguments)

    def activated(
        self, tensor: keras.KerasTensor, name: str, activation: str | None
    ) -> keras.KerasTensor:
        """Apply the activation of the layer `name`: its own, or else the network's."""
        function = activation or self._default_activation
        if function == "linear":
            return tensor
        return self.plain(layers.Activation, f"{name}_activation", tensor, activation=function)

    def normalized(self, tensor: keras.KerasTensor, name: str) -> keras.KerasTensor:
        """Apply batch norm behind the layer `name` if the config wants it everywhere."""
        if not self._regularization.batch_norm:
            return tensor
        return self.plain(layers.BatchNormalization, f"{name}_norm", tensor)

    def _seeded(
        self,
        kind: type[keras.Layer],
        name: str,
        strength: float | tf.Variable,
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> keras.Layer:
        seed = derive_seed(self._seed, name, "draws")
        return kind(strength, name=name, seed=seed, dtype=self._precision, **arguments)

    def _build_penalty(self) -> keras.regularizers.Regularizer | None:
        """Keras' L1L2: l1 * sum(|w|) + l2 * sum(w^2), without a factor of one half."""
        if self._board:
            dials = (self._board.value(f"regularization.{name}") for name in ("l1", "l2"))
            return dialled.L1L2(*dials)
        l1, l2 = self._regularization.l1, self._regularization.l2
        return keras.regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None
