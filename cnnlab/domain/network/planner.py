"""From the layer list of a config to the Keras layers that stand for it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from cnnlab.domain.config import layer_specs as specs
from cnnlab.domain.config.presets import entries_of
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.arithmetic import cost_of, reach_of
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.domain.network.plan import IMAGE, PROBABILITIES, LayerError, Plan, PlannedLayer, Shape

MOST_PARAMETERS = 2**31 - 1
"""Of one layer: TensorFlow's kernels count values in 32 bits."""

_POOLINGS = {"max_pool": "MaxPooling2D", "average_pool": "AveragePooling2D"}
_FLATTENINGS = {
    "global_average_pool": "GlobalAveragePooling2D",
    "global_max_pool": "GlobalMaxPooling2D",
    "flatten": "Flatten",
}
_TAKE_FLAT_VALUES = {
    "dense",
    "dropout",
    "gaussian_noise",
    "batch_norm",
    "layer_norm",
    "activation",
    "rescaling",
}
_SKIPPED_BLOCKS = ("residual_block", "inverted_residual_block")


def plan_network(config: RunConfig, input_shape: Shape, classes: int) -> Plan:
    """Say which layers the network of a config consists of.

    Layers are named by their role (`block1_conv`, `dense`, `probabilities`), the same whatever
    regularizers are on. The config's regularizers apply to presets and own layers alike; where
    flat values are needed and none are there, a `flatten` is put in. A regularizer of strength 0
    is there as a layer that does nothing (`PlannedLayer.is_there`).

    Args:
        config: of the run; augmentation is no part of the network.
        input_shape: (height, width, channels) of an image.
        classes: number of classes, at least 2.

    Raises:
        LayerError: a layer doesn't fit where it stands; the message names it.
        ConfigError: a preset doesn't fit the image, or every layer would be frozen.
    """
    plan, error = plan_up_to_error(config, input_shape, classes)
    if error is not None:
        raise error
    frozen, weighted = config.architecture.frozen_layers, plan.layers_with_weights()
    if frozen >= weighted:
        raise ConfigError(
            "architecture.frozen_layers must leave a layer to train: this network has "
            f"{weighted} layers with weights. Received: frozen_layers={frozen}"
        )
    return plan


def plan_up_to_error(
    config: RunConfig, input_shape: Shape, classes: int
) -> tuple[Plan, LayerError | None]:
    """As `plan_network`, for a network that may be wrong: what comes before the error, and it.

    Raises:
        ConfigError: a preset doesn't fit the image.
    """
    planner = _Planner(config, input_shape)
    tensor = planner.scale()
    entries = entries_of(config.architecture, min(input_shape[:2]))
    planner.count_skipped(entries)
    whole = len(planner.layers)
    try:
        for place, spec in enumerate(entries):
            planner.block, planner.name_of_block = place, LAYER_KINDS[spec.kind].name
            if spec.enabled:
                tensor = planner.add(spec, tensor)
            whole = len(planner.layers)
        planner.block = None
        planner.classify(tensor, classes)
    except LayerError as error:
        return Plan(input_shape, tuple(planner.layers[:whole])), error
    return Plan(input_shape, tuple(planner.layers)), None


def check_network(config: RunConfig, classes: int = 2) -> int:
    """See that a network can be built for so many classes; return how many parameters it has.

    Raises:
        ConfigError: it can't; see `plan_network`.
    """
    return plan_network(config, config.image.shape, classes).parameters


class _Planner:
    """Adds one entry of the layer list after another; one method for each kind of the union.

    Attributes:
        layers: that there are so far.
        block: place of the entry that is added now; `name_of_block` is what people call it.
        path: path and place in it of the layer of a branch block that is added now.
    """

    def __init__(self, config: RunConfig, input_shape: Shape) -> None:
        self.layers: list[PlannedLayer] = []
        self.block: int | None = None
        self.path: tuple[int, int] | None = None
        self._default_activation = config.architecture.activation
        self._regularization = config.regularization
        self._input = PlannedLayer(IMAGE, "InputLayer", {}, (), input_shape, 0, 0, 1, 1, None)
        self._taken: Counter[str] = Counter()
        self.name_of_block, self._stage = "", 1
        self._skipped, self._skipped_so_far = 0, 0

    def count_skipped(self, entries: Sequence[specs.Layer]) -> None:
        """Learn how many blocks stochastic depth shares its strength out to."""
        self._skipped = sum(spec.kind in _SKIPPED_BLOCKS and spec.enabled for spec in entries)

    def scale(self) -> PlannedLayer:
        """Turn 0..255 into 0..1, in float32 whatever the precision, and add the input noise."""
        scaled = self._put("Rescaling", "scale", self._input, in_float32=True, scale=1 / 255)
        return self._regularized("GaussianNoise", "input_noise", scaled, "gaussian_noise")

    def classify(self, tensor: PlannedLayer, classes: int) -> PlannedLayer:
        """Add the layer of the class probabilities, float32 so that they sum to 1.

        Its weights are Glorot's, whatever the others are: those made for ReLU would let a network
        that knows nothing begin with great certainty.
        """
        return self._put(
            "Dense",
            PROBABILITIES,
            self._dropped(self._flat(tensor), PROBABILITIES),
            kernels=("kernel",),
            initializer="glorot_uniform",
            in_float32=True,
            units=classes,
            activation="softmax",
        )

    def add(self, spec: specs.Layer, tensor: PlannedLayer) -> PlannedLayer:
        """Add one entry.

        Raises:
            LayerError: it doesn't fit here.
        """
        if not tensor.is_image and spec.kind not in _TAKE_FLAT_VALUES:
            raise self._error(
                "needs an image, but the layers before it leave flat "
                "values: move it before flatten, global pooling and dense layers."
            )
        made: PlannedLayer = getattr(self, f"_{spec.kind}")(spec, tensor)
        return made

    def _conv(self, spec: specs.Conv, tensor: PlannedLayer) -> PlannedLayer:
        return self._convolved("Conv2D", spec, tensor, ("kernel",), filters=spec.filters)

    def _separable_conv(self, spec: specs.SeparableConv, tensor: PlannedLayer) -> PlannedLayer:
        kernels = ("depthwise", "pointwise")
        return self._convolved("SeparableConv2D", spec, tensor, kernels, filters=spec.filters)

    def _depthwise_conv(self, spec: specs.DepthwiseConv, tensor: PlannedLayer) -> PlannedLayer:
        return self._convolved("DepthwiseConv2D", spec, tensor, ("depthwise",))

    def _convolved(
        self,
        keras_class: str,
        spec: specs.Conv | specs.SeparableConv | specs.DepthwiseConv,
        tensor: PlannedLayer,
        kernels: tuple[str, ...],
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> PlannedLayer:
        """A convolution, its batch norm where the config wants it, and its activation."""
        name = self._name(spec.kind, tensor)
        arguments |= {"kernel_size": spec.kernel_size, "strides": spec.strides, "padding": "same"}
        if not spec.use_bias:
            arguments["use_bias"] = False
        tensor = self._put(keras_class, name, tensor, kernels=kernels, **arguments)
        if self._regularization.batch_norm:
            tensor = self._put("BatchNormalization", f"{name}_norm", tensor)
        return self._activated(tensor, name, spec.activation)

    def _pooled(
        self, spec: specs.MaxPool | specs.AveragePool, tensor: PlannedLayer
    ) -> PlannedLayer:
        return self._end_stage(self._pool(spec, tensor))

    _max_pool = _average_pool = _pooled

    def _pool(self, spec: specs.MaxPool | specs.AveragePool, tensor: PlannedLayer) -> PlannedLayer:
        side = min(tensor.shape[:2])
        if spec.pool_size > side:
            raise self._error(
                f"takes {spec.pool_size} px at a time, but the layers "
                f"before it leave {side} px: take fewer pooling layers or larger images."
            )
        name = self._name("pool", tensor)
        return self._put(_POOLINGS[spec.kind], name, tensor, pool_size=spec.pool_size)

    def _flattened(
        self,
        spec: specs.Flatten | specs.GlobalAveragePool | specs.GlobalMaxPool,
        tensor: PlannedLayer,
    ) -> PlannedLayer:
        return self._put(_FLATTENINGS[spec.kind], spec.kind, tensor)

    _flatten = _global_average_pool = _global_max_pool = _flattened

    def _dense(self, spec: specs.Dense, tensor: PlannedLayer) -> PlannedLayer:
        tensor = self._flat(tensor)
        name = self._name("dense", tensor)
        tensor = self._dropped(tensor, name)
        tensor = self._put("Dense", name, tensor, kernels=("kernel",), units=spec.units)
        return self._activated(tensor, name, spec.activation)

    def _dropout(self, spec: specs.Dropout, tensor: PlannedLayer) -> PlannedLayer:
        return self._put("Dropout", self._name("dropout", tensor), tensor, strength=spec.rate)

    def _spatial_dropout(self, spec: specs.SpatialDropout, tensor: PlannedLayer) -> PlannedLayer:
        name = self._name("spatial_dropout", tensor)
        return self._put("SpatialDropout2D", name, tensor, strength=spec.rate)

    def _gaussian_noise(self, spec: specs.GaussianNoise, tensor: PlannedLayer) -> PlannedLayer:
        name = self._name("gaussian_noise", tensor)
        return self._put("GaussianNoise", name, tensor, strength=spec.stddev)

    def _batch_norm(self, spec: specs.BatchNorm, tensor: PlannedLayer) -> PlannedLayer:
        return self._put("BatchNormalization", self._name(spec.kind, tensor), tensor)

    def _layer_norm(self, spec: specs.LayerNorm, tensor: PlannedLayer) -> PlannedLayer:
        return self._put("LayerNormalization", self._name(spec.kind, tensor), tensor)

    def _group_norm(self, spec: specs.GroupNorm, tensor: PlannedLayer) -> PlannedLayer:
        channels = tensor.shape[-1]
        if channels % spec.groups:
            raise self._error(
                f"can't share {channels} channels out to {spec.groups} "
                "groups: take a number of groups that divides the channels."
            )
        name = self._name(spec.kind, tensor)
        return self._put("GroupNormalization", name, tensor, groups=spec.groups)

    def _activation(self, spec: specs.ActivationLayer, tensor: PlannedLayer) -> PlannedLayer:
        name = self._name(spec.kind, tensor)
        return self._put("Activation", name, tensor, activation=spec.activation)

    def _rescaling(self, spec: specs.Rescaling, tensor: PlannedLayer) -> PlannedLayer:
        name = self._name(spec.kind, tensor)
        return self._put("Rescaling", name, tensor, scale=spec.scale, offset=spec.offset)

    def _residual_block(self, spec: specs.ResidualBlock, tensor: PlannedLayer) -> PlannedLayer:
        """Two convolutions with batch norm, and a shortcut (arXiv:1512.03385, figure 2)."""
        name = self._name("residual", tensor)
        branch = self._normed_conv(tensor, f"{name}_conv", spec.filters, 3, spec.strides)
        branch = self._activated(branch, f"{name}_conv", None)
        branch = self._normed_conv(branch, f"{name}_conv2", spec.filters, 3, 1)
        branch = self._maybe_skipped(branch, f"{name}_depth")
        if tensor.shape != branch.shape:
            tensor = self._normed_conv(tensor, f"{name}_shortcut", spec.filters, 1, spec.strides)
        tensor = self._put("Add", f"{name}_add", tensor, branch)
        return self._end_stage(self._activated(tensor, f"{name}_add", None))

    def _inverted_residual_block(
        self, spec: specs.InvertedResidualBlock, tensor: PlannedLayer
    ) -> PlannedLayer:
        """Wide in the middle, with a shortcut where the shapes agree (arXiv:1801.04381)."""
        name, branch = self._name("inverted", tensor), tensor
        if spec.expanded_filters:
            branch = self._normed_conv(branch, f"{name}_expand", spec.expanded_filters, 1, 1)
            branch = self._activated(branch, f"{name}_expand", spec.activation)
        branch = self._put(
            "DepthwiseConv2D",
            f"{name}_depthwise",
            branch,
            kernels=("depthwise",),
            kernel_size=spec.kernel_size,
            strides=spec.strides,
            padding="same",
            use_bias=False,
        )
        branch = self._put("BatchNormalization", f"{name}_depthwise_norm", branch)
        branch = self._activated(branch, f"{name}_depthwise", spec.activation)
        if spec.squeeze_filters:
            branch = self._squeezed(branch, name, spec.squeeze_filters)
        branch = self._normed_conv(branch, f"{name}_project", spec.filters, 1, 1)
        has_shortcut = spec.strides == 1 and tensor.shape == branch.shape
        branch = self._maybe_skipped(branch, f"{name}_depth", has_shortcut)
        if has_shortcut:
            branch = self._put("Add", f"{name}_add", tensor, branch)
        return self._end_stage(branch)

    def _squeezed(self, tensor: PlannedLayer, name: str, filters: int) -> PlannedLayer:
        """Squeeze and excitation: each channel weighted by what all of them hold."""
        channels = tensor.shape[-1]
        mean = self._put("GlobalAveragePooling2D", f"{name}_squeeze", tensor, keepdims=True)
        kernels = ("kernel",)
        few = self._put(
            "Conv2D", f"{name}_squeeze_conv", mean, kernels=kernels, filters=filters, kernel_size=1
        )
        few = self._activated(few, f"{name}_squeeze_conv", "relu")
        many = self._put(
            "Conv2D", f"{name}_excite_conv", few, kernels=kernels, filters=channels, kernel_size=1
        )
        many = self._activated(many, f"{name}_excite_conv", "hard_sigmoid")
        return self._put("Multiply", f"{name}_excite", tensor, many)

    def _branch_block(self, spec: specs.BranchBlock, tensor: PlannedLayer) -> PlannedLayer:
        """Every path from the same input, then all together."""
        name, ends = self._name("branch", tensor), []
        for number, path in enumerate(spec.paths):
            end = tensor
            for place, layer in enumerate(path):
                self.path = number, place
                if layer.enabled:
                    end = self._along_path(layer, end)
            ends.append(end)
        self.path = None
        self._check_ends(spec, [end.shape for end in ends])
        merge = "Concatenate" if spec.merge == "concatenate" else "Add"
        return self._end_stage(self._put(merge, f"{name}_{spec.merge}", *ends))

    def _along_path(self, layer: specs.SimpleLayer, tensor: PlannedLayer) -> PlannedLayer:
        if isinstance(layer, specs.MaxPool | specs.AveragePool):
            return self._pool(layer, tensor)  # the paths are all of one stage
        return self.add(layer, tensor)

    def _check_ends(self, spec: specs.BranchBlock, shapes: Sequence[Shape]) -> None:
        own = [shape if spec.merge == "add" else shape[:2] for shape in shapes]
        if len(set(own)) > 1:
            told = " and ".join(sorted({" x ".join(map(str, shape)) for shape in own}))
            what = "shapes" if spec.merge == "add" else "sizes"
            raise self._error(
                f"has paths that end in different {what} ({told}), so they "
                "can't be put together: give all paths the same strides and pooling"
                + (" and the same filters." if spec.merge == "add" else ".")
            )

    def _normed_conv(
        self, tensor: PlannedLayer, name: str, filters: int, kernel_size: int, strides: int
    ) -> PlannedLayer:
        """A convolution and its batch norm, whose shift stands for the bias."""
        tensor = self._put(
            "Conv2D",
            name,
            tensor,
            kernels=("kernel",),
            padding="same",
            use_bias=False,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
        )
        return self._put("BatchNormalization", f"{name}_norm", tensor)

    def _maybe_skipped(
        self, branch: PlannedLayer, name: str, has_shortcut: bool = True
    ) -> PlannedLayer:
        """Stochastic depth, rising linearly with the depth (arXiv:1603.09382, equation 4)."""
        self._skipped_so_far += 1
        if not has_shortcut:
            return branch
        rate = self._regularization.stochastic_depth * (self._skipped_so_far / self._skipped)
        one_draw_per_image = (None, 1, 1, 1)
        return self._put("Dropout", name, branch, strength=rate, noise_shape=one_draw_per_image)

    def _end_stage(self, tensor: PlannedLayer) -> PlannedLayer:
        name = self._name("dropout", tensor)
        self._stage += 1
        return self._regularized("SpatialDropout2D", name, tensor, "spatial_dropout")

    def _flat(self, tensor: PlannedLayer) -> PlannedLayer:
        return self._put("Flatten", "flatten", tensor) if tensor.is_image else tensor

    def _dropped(self, tensor: PlannedLayer, name: str) -> PlannedLayer:
        """The config's dropout in front of the dense layer `name`."""
        return self._regularized("Dropout", f"{name}_dropout", tensor, "dropout")

    def _regularized(
        self, keras_class: str, name: str, tensor: PlannedLayer, regularizer: str
    ) -> PlannedLayer:
        strength = getattr(self._regularization, regularizer)
        return self._put(keras_class, name, tensor, strength=strength, regularizer=regularizer)

    def _activated(self, tensor: PlannedLayer, name: str, activation: str | None) -> PlannedLayer:
        """The activation of the layer `name`: its own, or else the network's."""
        function = activation or self._default_activation
        if function == "linear":
            return tensor
        return self._put("Activation", f"{name}_activation", tensor, activation=function)

    def _name(self, role: str, tensor: PlannedLayer) -> str:
        """A new name: `block2_conv`, `block2_conv2`; without the block on flat values.

        It counts only layers of its own role, so that a regularizer that is switched on changes
        neither name nor initial weights of any other layer.
        """
        stem = f"block{self._stage}_{role}" if tensor.is_image else role
        self._taken[stem] += 1
        return stem if self._taken[stem] == 1 else f"{stem}{self._taken[stem]}"

    def _put(  # noqa: PLR0913 - all that a planned layer may say beside its arguments
        self,
        keras_class: str,
        name: str,
        *inputs: PlannedLayer,
        kernels: tuple[str, ...] = (),
        initializer: str | None = None,
        strength: float | None = None,
        regularizer: str | None = None,
        in_float32: bool = False,
        **arguments: Any,  # noqa: ANN401 - whatever the layer takes
    ) -> PlannedLayer:
        """Add a layer behind others."""
        shape, parameters, multiply_adds = cost_of(
            keras_class, arguments, [one.shape for one in inputs]
        )
        if parameters > MOST_PARAMETERS:
            raise self._error(
                f"would have {parameters:,} weights, and a layer can have "
                f"{MOST_PARAMETERS:,}: take fewer filters or units, or pooling before flat values."
            )
        seen, jump = reach_of(arguments, inputs, shape)
        layer = PlannedLayer(
            name,
            keras_class,
            arguments,
            tuple(one.name for one in inputs),
            shape,
            parameters,
            multiply_adds,
            seen,
            jump,
            self.block,
            kernels,
            initializer,
            strength,
            regularizer,
            in_float32,
            self.path,
        )
        self.layers.append(layer)
        return layer

    def _error(self, words: str) -> LayerError:
        return LayerError(words, self.block, self.name_of_block, self.path)
