"""The functions of a program that make a block of several layers, where its network has such."""

from collections.abc import Sequence

from cnnlab.domain.config import layer_specs as specs
from cnnlab.exports.code.lines import INDENT, call, string

Function = list[str]
"""Lines of one function."""


class BlockFunctions:
    """What the functions need of a run, and what they are given at each call.

    Attributes:
        residual: the blocks with two convolutions.
        inverted: the blocks that are wide in the middle.
    """

    def __init__(
        self,
        layers: Sequence[specs.Layer],
        activation: str,
        kernels: Sequence[str],
        depthwise: Sequence[str],
        *,
        is_skipped: bool,
    ) -> None:
        """Find the blocks.

        Args:
            layers: of the network.
            activation: of those that name none.
            kernels: what a convolution is told of its kernel.
            depthwise: the same of one that filters each channel.
            is_skipped: whether blocks are skipped at random.
        """
        self.residual = [spec for spec in layers if isinstance(spec, specs.ResidualBlock)]
        self.inverted = [spec for spec in layers if isinstance(spec, specs.InvertedResidualBlock)]
        self._default, self._kernels, self._depthwise = activation, kernels, depthwise
        self._is_skipped = is_skipped
        activations = {self.activation_of(spec) for spec in self.inverted}
        self.has_activations = len(activations) > 1
        self.has_squeeze = any(spec.squeeze_filters for spec in self.inverted)
        self._one = string(next(iter(activations), activation))

    def activation_of(self, spec: specs.InvertedResidualBlock) -> str:
        """Of the layers within a block."""
        return spec.activation or self._default

    def written(self) -> list[Function]:
        """Those that the network calls, each before its callers."""
        functions = [self._convolved()] if self.residual or self.inverted else []
        functions += [self._residual_block()] if self.residual else []
        functions += [self._squeezed()] if self.has_squeeze else []
        return functions + ([self._inverted_residual_block()] if self.inverted else [])

    def _convolved(self) -> Function:
        told = ["filters", "size", "strides", '"same"', "use_bias=False", *self._kernels]
        return [
            "def convolved(x, name, filters, size, strides):",
            f'{INDENT}"""A convolution and its batch norm, whose shift stands for the bias."""',
            *call("x = layers.Conv2D(", [*told, "name=name"], ")(x)"),
            f'{INDENT}return layers.BatchNormalization(name=f"{{name}}_norm")(x)',
        ]

    def _residual_block(self) -> Function:
        taken = ["x", "name", "filters", "strides", *(["skipped"] if self._is_skipped else [])]
        activation = f"layers.Activation({string(self._default)})"
        return [
            f"def residual_block({', '.join(taken)}):",
            f'{INDENT}"""Two convolutions with a shortcut around them (arXiv:1512.03385)."""',
            f'{INDENT}branch = convolved(x, f"{{name}}_conv", filters, 3, strides)',
            f"{INDENT}branch = {activation}(branch)",
            f'{INDENT}branch = convolved(branch, f"{{name}}_conv2", filters, 3, 1)',
            *self._skip(),
            f"{INDENT}if x.shape != branch.shape:",
            f'{INDENT}{INDENT}x = convolved(x, f"{{name}}_shortcut", filters, 1, strides)',
            f"{INDENT}return {activation}(layers.Add()([x, branch]))",
        ]

    def _squeezed(self) -> Function:
        few = ["filters", "1", *self._kernels, 'activation="relu"']
        many = ["x.shape[-1]", "1", *self._kernels, 'activation="hard_sigmoid"']
        names = [f'name=f"{{name}}_{part}_conv"' for part in ("squeeze", "excite")]
        return [
            "def squeezed(x, name, filters):",
            f'{INDENT}"""Each channel weighted by what all of them hold (arXiv:1709.01507)."""',
            f"{INDENT}mean = layers.GlobalAveragePooling2D(keepdims=True)(x)",
            *call("few = layers.Conv2D(", [*few, names[0]], ")(mean)"),
            *call("many = layers.Conv2D(", [*many, names[1]], ")(few)"),
            f"{INDENT}return layers.Multiply()([x, many])",
        ]

    def _inverted_residual_block(self) -> Function:
        taken = ["x", "name", "filters", "expanded", "size", "strides"]
        taken += ["squeeze"] if self.has_squeeze else []
        taken += ["activation"] if self.has_activations else []
        taken += ["skipped"] if self._is_skipped else []
        activation = f"layers.Activation({'activation' if self.has_activations else self._one})"
        told = ["size", "strides", '"same"', "use_bias=False", *self._depthwise]
        told.append('name=f"{name}_depthwise"')
        squeeze = [
            f"{INDENT}if squeeze:",
            f"{INDENT}{INDENT}branch = squeezed(branch, name, squeeze)",
        ]
        return [
            *call("def inverted_residual_block(", taken, "):", depth=0),
            f'{INDENT}"""Widen, filter each channel, narrow again (arXiv:1801.04381)."""',
            f"{INDENT}branch = x",
            f"{INDENT}if expanded:",
            f'{INDENT}{INDENT}branch = convolved(x, f"{{name}}_expand", expanded, 1, 1)',
            f"{INDENT}{INDENT}branch = {activation}(branch)",
            *call("branch = layers.DepthwiseConv2D(", told, ")(branch)"),
            f'{INDENT}branch = layers.BatchNormalization(name=f"{{name}}_depthwise_norm")(branch)',
            f"{INDENT}branch = {activation}(branch)",
            *(squeeze if self.has_squeeze else []),
            f'{INDENT}branch = convolved(branch, f"{{name}}_project", filters, 1, 1)',
            f"{INDENT}if strides > 1 or x.shape != branch.shape:",
            f"{INDENT}{INDENT}return branch",
            *self._skip(),
            f"{INDENT}return layers.Add()([x, branch])",
        ]

    def _skip(self) -> Function:
        """The line of stochastic depth."""
        skip = 'layers.Dropout(skipped, (None, 1, 1, 1), seed_of(f"{name}_depth"))(branch)'
        return [f"{INDENT}branch = {skip}"] if self._is_skipped else []
