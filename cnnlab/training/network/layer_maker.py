"""Makes single Keras layers with their name, seeds, penalty and precision."""

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.plan import PlannedLayer
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
    """Applies the layers of a plan to tensors.

    Each initializer and each random layer is seeded by (run seed, layer name, purpose), so that a
    regularizer that is switched on changes no initial weight of any other layer.
    """

    def __init__(self, config: RunConfig, board: DialBoard | None = None) -> None:
        self._seed = config.training.seed
        self._precision = config.training.precision
        self._initializer = config.architecture.initializer
        self._board = board
        self._regularization = config.regularization
        self._penalty = self._build_penalty()

    def apply(
        self, planned: PlannedLayer, inputs: keras.KerasTensor | list[keras.KerasTensor]
    ) -> keras.KerasTensor:
        """Apply one layer; where it trains, in its fastest form.

        A random layer of strength 0 is left out, unless it is a regularizer that a dial may turn.

        Args:
            planned: from `plan_network`.
            inputs: what it takes, in the plan's order.
        """
        kind: type[keras.Layer] = getattr(layers, planned.keras_class)
        if planned.strength is not None:
            return self._random(kind, planned, inputs)
        if self._board:
            kind = _FUSED.get(kind, kind)
        precision = "float32" if planned.in_float32 else self._precision
        arguments = dict(planned.arguments) | self._kernels(planned)
        return kind(name=planned.name, dtype=precision, **arguments)(inputs)

    def _random(
        self, kind: type[keras.Layer], planned: PlannedLayer, tensor: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Apply a seeded random layer such as Dropout."""
        strength: float | tf.Variable | None = planned.strength
        dial = self._board and self._board.value(f"regularization.{planned.regularizer}")
        if dial is not None:
            kind, strength = _DIALLED[kind], dial
        elif not strength:
            return tensor
        seed = derive_seed(self._seed, planned.name, "draws")
        arguments = {"name": planned.name, "seed": seed, "dtype": self._precision}
        return kind(strength, **arguments, **planned.arguments)(tensor)

    def _kernels(self, planned: PlannedLayer) -> dict[str, Any]:
        """How the kernels of a layer are drawn, and their L1 / L2 penalty."""
        drawn = _INITIALIZERS[planned.initializer or self._initializer]
        arguments: dict[str, Any] = {}
        for kernel in planned.kernels:
            seed = derive_seed(self._seed, planned.name, kernel)
            arguments[f"{kernel}_initializer"] = drawn(seed=seed)
            arguments[f"{kernel}_regularizer"] = self._penalty
        return arguments

    def _build_penalty(self) -> keras.regularizers.Regularizer | None:
        """Keras' L1L2: l1 * sum(|w|) + l2 * sum(w^2), without a factor of one half."""
        if self._board:
            dials = (self._board.value(f"regularization.{name}") for name in ("l1", "l2"))
            return dialled.L1L2(*dials)
        l1, l2 = self._regularization.l1, self._regularization.l2
        return keras.regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None
