"""The network: from a config to a Keras model, of built-in layers only unless dials turn it."""

from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import layers

from cnnlab.domain.config import architecture as specs
from cnnlab.domain.config.presets import layers_of
from cnnlab.domain.config.regularization import Regularization
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.records.training import LayerRow
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network import dialled
from cnnlab.training.network.layer_maker import LayerMaker

_POOLINGS = {"max_pool": layers.MaxPooling2D, "average_pool": layers.AveragePooling2D}
_FLATTENINGS = {
    "global_average_pool": layers.GlobalAveragePooling2D,
    "global_max_pool": layers.GlobalMaxPooling2D,
    "flatten": layers.Flatten,
}
_TAKE_FLAT_VALUES = {"dense", "dropout", "gaussian_noise", "batch_norm", "layer_norm", "activation"}


def build_model(
    config: RunConfig,
    input_shape: tuple[int, int, int],
    classes: int,
    board: DialBoard | None = None,
) -> keras.Model:
    """Build the network of a config, with initial weights that depend on its seed alone.

    Layers are named by their role (`block1_conv`, `dense`, `probabilities`), the same whatever
    regularizers are on. The config's regularizers apply to presets and own layers alike; where
    flat values are needed and none are there, a `flatten` is put in.

    With a board, the regularizers that are dials read their strengths from it, and their layers are
    there even at strength 0. Names, initial weights and the order of the weights stay the same, so
    the weights of such a model fit one without a board, which is the one to give away.

    Args:
        config: the run's config; augmentation is no part of the model.
        input_shape: (height, width, channels) of an image.
        classes: number of classes, at least 2.
        board: the dials of a run that trains, made from the same config.

    Returns:
        A model from images (N, H, W, C) in 0..255, uint8 or float, to (N, classes) float32
        probabilities.

    Raises:
        ConfigError: a layer doesn't fit where it stands; the message names it.
    """
    wanted = layers_of(config.architecture, min(input_shape[:2]))
    residual_blocks = sum(spec.kind == "residual_block" for spec in wanted)
    builder = _Builder(LayerMaker(config, board), config.regularization, residual_blocks)
    image = keras.Input(input_shape, name="image")
    tensor = builder.scale(image)
    for spec in wanted:
        tensor = builder.add(spec, tensor)
    kind = keras.Model if board is None else dialled.Model
    model = kind(image, builder.classify(tensor, classes), name="cnnlab")
    _freeze(model, config.architecture.frozen_layers)
    return model


def layer_table(model: keras.Model) -> list[LayerRow]:
    """Name, kind, output shape (without the batch) and parameters of every layer.

    A layer whose dial is at 0 is left out: it does nothing now.
    """
    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "output_shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
        if not hasattr(layer, "dial") or layer.dial.numpy()
    ]


def _freeze(model: keras.Model, count: int) -> None:
    """Keep the weights of the first `count` layers that have weights."""
    weighted = [layer for layer in model.layers if layer.weights]
    if count >= len(weighted):
        raise ConfigError(
            f"architecture.frozen_layers must leave a layer to train: this network has "
            f"{len(weighted)} layers with weights. Received: frozen_layers={count}"
        )
    for layer in weighted[:count]:
        layer.trainable = False


class _Builder:
    """Adds one layer of the config after another; one method for each kind of the union."""

    def __init__(
        self, make: LayerMaker, regularization: Regularization, residual_blocks: int
    ) -> None:
        self._make = make
        self._stochastic_depth = regularization.stochastic_depth
        self._residual_blocks = residual_blocks
        self._residual_blocks_built = 0

    def scale(self, image: Tensor) -> Tensor:
        """Turn 0..255 into 0..1, in float32 whatever the precision, and add the input noise."""
        scaled = layers.Rescaling(1 / 255, dtype="float32", name="scale")(image)
        return self._make.regularized(layers.GaussianNoise, "input_noise", scaled, "gaussian_noise")

    def classify(self, tensor: Tensor, classes: int) -> Tensor:
        """Add the layer of the class probabilities, float32 so that they sum to 1.

        Its weights are Glorot's, whatever the others are: those made for ReLU would let a network
        that knows nothing begin with great certainty.
        """
        tensor = self._dropped(self._flat(tensor), "probabilities")
        return self._make.weighted(
            layers.Dense,
            "probabilities",
            tensor,
            units=classes,
            activation="softmax",
            dtype="float32",
            initializer=keras.initializers.GlorotUniform,
        )

    def add(self, spec: specs.Layer, tensor: Tensor) -> Tensor:
        """Add one layer.

        Raises:
            ConfigError: it doesn't fit here.
        """
        if len(tensor.shape) != 4 and spec.kind not in _TAKE_FLAT_VALUES:
            raise ConfigError(
                f"The layer {spec.kind} needs an image, but the layers before it leave flat "
                "values: move it before flatten, global pooling and dense layers."
            )
        return getattr(self, f"_{spec.kind}")(spec, tensor)

    def _conv(self, spec: specs.Conv, tensor: Tensor) -> Tensor:
        return self._convolved(layers.Conv2D, spec, tensor, filters=spec.filters)

    def _separable_conv(self, spec: specs.SeparableConv, tensor: Tensor) -> Tensor:
        kernels = ("depthwise", "pointwise")
        return self._convolved(
            layers.SeparableConv2D, spec, tensor, kernels=kernels, filters=spec.filters
        )

    def _depthwise_conv(self, spec: specs.DepthwiseConv, tensor: Tensor) -> Tensor:
        return self._convolved(layers.DepthwiseConv2D, spec, tensor, kernels=("depthwise",))

    def _convolved(
        self,
        kind: type[keras.Layer],
        spec: specs.Conv | specs.SeparableConv | specs.DepthwiseConv,
        tensor: Tensor,
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> Tensor:
        """A convolution, its batch norm and its activation."""
        name = self._make.name(spec.kind, tensor)
        arguments |= {"kernel_size": spec.kernel_size, "strides": spec.strides, "padding": "same"}
        tensor = self._make.weighted(kind, name, tensor, **arguments)
        return self._make.activated(self._make.normalized(tensor, name), name, spec.activation)

    def _pooled(self, spec: specs.MaxPool | specs.AveragePool, tensor: Tensor) -> Tensor:
        side = min(tensor.shape[1:3])
        if spec.pool_size > side:
            raise ConfigError(
                f"The layer {spec.kind} takes {spec.pool_size} px at a time, but the layers "
                f"before it leave {side} px: take fewer pooling layers or larger images."
            )
        name = self._make.name("pool", tensor)
        kind = _POOLINGS[spec.kind]
        return self._end_block(self._make.plain(kind, name, tensor, pool_size=spec.pool_size))

    _max_pool = _average_pool = _pooled

    def _flattened(
        self,
        spec: specs.Flatten | specs.GlobalAveragePool | specs.GlobalMaxPool,
        tensor: Tensor,
    ) -> Tensor:
        return self._make.plain(_FLATTENINGS[spec.kind], spec.kind, tensor)

    _flatten = _global_average_pool = _global_max_pool = _flattened

    def _dense(self, spec: specs.Dense, tensor: Tensor) -> Tensor:
        tensor = self._flat(tensor)
        name = self._make.name("dense", tensor)
        tensor = self._dropped(tensor, name)
        tensor = self._make.weighted(layers.Dense, name, tensor, units=spec.units)
        return self._make.activated(tensor, name, spec.activation)

    def _dropout(self, spec: specs.Dropout, tensor: Tensor) -> Tensor:
        name = self._make.name("dropout", tensor)
        return self._make.random(layers.Dropout, name, tensor, spec.rate)

    def _spatial_dropout(self, spec: specs.SpatialDropout, tensor: Tensor) -> Tensor:
        name = self._make.name("spatial_dropout", tensor)
        return self._make.random(layers.SpatialDropout2D, name, tensor, spec.rate)

    def _gaussian_noise(self, spec: specs.GaussianNoise, tensor: Tensor) -> Tensor:
        name = self._make.name("gaussian_noise", tensor)
        return self._make.random(layers.GaussianNoise, name, tensor, spec.stddev)

    def _batch_norm(self, spec: specs.BatchNorm, tensor: Tensor) -> Tensor:
        name = self._make.name(spec.kind, tensor)
        return self._make.plain(layers.BatchNormalization, name, tensor)

    def _layer_norm(self, spec: specs.LayerNorm, tensor: Tensor) -> Tensor:
        name = self._make.name(spec.kind, tensor)
        return self._make.plain(layers.LayerNormalization, name, tensor)

    def _group_norm(self, spec: specs.GroupNorm, tensor: Tensor) -> Tensor:
        channels = tensor.shape[-1]
        if channels % spec.groups:
            raise ConfigError(
                f"The layer group_norm can't share {channels} channels out to {spec.groups} "
                "groups: take a number of groups that divides the channels."
            )
        name = self._make.name(spec.kind, tensor)
        return self._make.plain(layers.GroupNormalization, name, tensor, groups=spec.groups)

    def _activation(self, spec: specs.ActivationLayer, tensor: Tensor) -> Tensor:
        name = self._make.name(spec.kind, tensor)
        return self._make.plain(layers.Activation, name, tensor, activation=spec.activation)

    def _residual_block(self, spec: specs.ResidualBlock, tensor: Tensor) -> Tensor:
        """Two convolutions with batch norm, and a shortcut (arXiv:1512.03385, figure 2)."""
        name = self._make.name("residual", tensor)
        branch = self._residual_conv(tensor, f"{name}_conv", spec.filters, 3, spec.strides)
        branch = self._make.activated(branch, f"{name}_conv", None)
        branch = self._residual_conv(branch, f"{name}_conv2", spec.filters, 3, 1)
        branch = self._skipped(branch, f"{name}_depth")
        if tensor.shape[1:] != branch.shape[1:]:
            tensor = self._residual_conv(tensor, f"{name}_shortcut", spec.filters, 1, spec.strides)
        tensor = self._make.plain(layers.Add, f"{name}_add", [tensor, branch])
        return self._end_block(self._make.activated(tensor, f"{name}_add", None))

    def _residual_conv(
        self, tensor: Tensor, name: str, filters: int, kernel_size: int, strides: int
    ) -> Tensor:
        """A convolution and its batch norm, whose shift stands for the bias."""
        tensor = self._make.weighted(
            layers.Conv2D,
            name,
            tensor,
            padding="same",
            use_bias=False,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
        )
        return self._make.plain(layers.BatchNormalization, f"{name}_norm", tensor)

    def _skipped(self, branch: Tensor, name: str) -> Tensor:
        """Stochastic depth, rising linearly with the depth (arXiv:1603.09382, equation 4)."""
        self._residual_blocks_built += 1
        depth = self._residual_blocks_built / self._residual_blocks
        rate = self._stochastic_depth * depth
        one_draw_per_image = (None, 1, 1, 1)
        return self._make.random(layers.Dropout, name, branch, rate, noise_shape=one_draw_per_image)

    def _end_block(self, tensor: Tensor) -> Tensor:
        name = self._make.name("dropout", tensor)
        self._make.end_block()
        return self._make.regularized(layers.SpatialDropout2D, name, tensor, "spatial_dropout")

    def _flat(self, tensor: Tensor) -> Tensor:
        if len(tensor.shape) != 4:
            return tensor
        return self._make.plain(layers.Flatten, "flatten", tensor)

    def _dropped(self, tensor: Tensor, name: str) -> Tensor:
        """The config's dropout in front of the dense layer `name`."""
        return self._make.regularized(layers.Dropout, f"{name}_dropout", tensor, "dropout")
