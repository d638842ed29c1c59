"""The kinds of layers in words, and what each is for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from cnnlab.domain.config import layer_specs as specs
from cnnlab.domain.words import MINUS, counted

Role = Literal[
    "image",
    "convolution",
    "pooling",
    "normalization",
    "regularizer",
    "function",
    "dense",
    "classes",
]


@dataclass(frozen=True)
class LayerKind:
    """A kind of entries of the layer list.

    Attributes:
        name: what people call it.
        role: what it is for.
        help: what it does, in a sentence.
        model: of its fields.
        details: its fields in a few words: `3×3, 32 filters, stride 2`.
    """

    name: str
    role: Role
    help: str
    model: type[Any]
    details: Callable[[Any], str]

    @property
    def fits_a_path(self) -> bool:
        """Whether it may stand inside of a branch block."""
        return self.model in _members(specs.SimpleLayer)

    def title(self, spec: specs.Layer) -> str:
        """Name and details: `Convolution 3×3, 32 filters`."""
        return f"{self.name} {self.details(spec)}".strip()


def _members(union: Any) -> tuple[Any, ...]:  # noqa: ANN401 - an annotated union
    return get_args(get_args(union)[0])


def _window(spec: Any) -> str:  # noqa: ANN401 - any convolution
    return f"{spec.kernel_size}×{spec.kernel_size}"


def _filters(spec: Any) -> str:  # noqa: ANN401
    return counted(spec.filters, "filter")


def _stride(spec: Any) -> str:  # noqa: ANN401
    return f"stride {spec.strides}" if spec.strides > 1 else ""


def _function(spec: Any) -> str:  # noqa: ANN401
    return spec.activation.replace("_", " ") if spec.activation else ""


def _joined(*makers: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda spec: ", ".join(filter(None, (make(spec) for make in makers)))


def _nothing(spec: Any) -> str:  # noqa: ANN401
    return ""


def _pool(spec: Any) -> str:  # noqa: ANN401
    return f"{spec.pool_size}×{spec.pool_size}"


def _inverted(spec: specs.InvertedResidualBlock) -> str:
    return f"{spec.expanded_filters} → {spec.filters}" if spec.expanded_filters else _filters(spec)


LAYER_KINDS: dict[str, LayerKind] = {
    "conv": LayerKind(
        "Convolution",
        "convolution",
        "Looks for small patterns everywhere in the picture: edges first, then shapes.",
        specs.Conv,
        _joined(_window, _filters, _stride, _function),
    ),
    "separable_conv": LayerKind(
        "Separable convolution",
        "convolution",
        "A convolution in two cheap steps: each channel for itself, then channels mixed.",
        specs.SeparableConv,
        _joined(_window, _filters, _stride, _function),
    ),
    "depthwise_conv": LayerKind(
        "Depthwise convolution",
        "convolution",
        "One filter for each channel, which stays by itself; cheap.",
        specs.DepthwiseConv,
        _joined(_window, _stride, _function),
    ),
    "residual_block": LayerKind(
        "Residual block",
        "convolution",
        "Two convolutions with a shortcut around them, so that deep nets can be trained.",
        specs.ResidualBlock,
        _joined(_filters, _stride),
    ),
    "inverted_residual_block": LayerKind(
        "Inverted residual block",
        "convolution",
        "Widens the channels, filters each and narrows again; the block of small fast nets.",
        specs.InvertedResidualBlock,
        _joined(_window, _inverted, _stride, _function),
    ),
    "branch_block": LayerKind(
        "Branches",
        "convolution",
        "Several ways from the same picture, such as small and large filters, put together.",
        specs.BranchBlock,
        lambda spec: f"{len(spec.paths)} paths, {'added' if spec.merge == 'add' else 'joined'}",
    ),
    "max_pool": LayerKind(
        "Max pooling",
        "pooling",
        "Keeps the largest value of each square: a smaller picture of the strongest finds.",
        specs.MaxPool,
        _pool,
    ),
    "average_pool": LayerKind(
        "Average pooling",
        "pooling",
        "Keeps the mean of each square: a smaller, smoother picture.",
        specs.AveragePool,
        _pool,
    ),
    "global_average_pool": LayerKind(
        "Global average pooling",
        "pooling",
        "One value for each channel, its mean: how much of a pattern there is, not where.",
        specs.GlobalAveragePool,
        _nothing,
    ),
    "global_max_pool": LayerKind(
        "Global max pooling",
        "pooling",
        "One value for each channel, its largest: whether a pattern is anywhere.",
        specs.GlobalMaxPool,
        _nothing,
    ),
    "flatten": LayerKind(
        "Flatten",
        "pooling",
        "All values in one row, for dense layers; where something was stays known.",
        specs.Flatten,
        _nothing,
    ),
    "dense": LayerKind(
        "Dense",
        "dense",
        "Every value out of all values in: puts together what was found.",
        specs.Dense,
        _joined(lambda spec: counted(spec.units, "unit"), _function),
    ),
    "batch_norm": LayerKind(
        "Batch norm",
        "normalization",
        "Brings every channel to the same scale over the batch: trains faster and steadier.",
        specs.BatchNorm,
        _nothing,
    ),
    "layer_norm": LayerKind(
        "Layer norm",
        "normalization",
        "Brings the channels at each place to the same scale, whatever the batch.",
        specs.LayerNorm,
        _nothing,
    ),
    "group_norm": LayerKind(
        "Group norm",
        "normalization",
        "Brings groups of channels to the same scale; good with small batches.",
        specs.GroupNorm,
        lambda spec: counted(spec.groups, "group"),
    ),
    "dropout": LayerKind(
        "Dropout",
        "regularizer",
        "Forgets a share of the values at each step, so that none is relied on alone.",
        specs.Dropout,
        lambda spec: f"{spec.rate:g}",
    ),
    "spatial_dropout": LayerKind(
        "Spatial dropout",
        "regularizer",
        "Forgets whole channels at each step; dropout for convolutions.",
        specs.SpatialDropout,
        lambda spec: f"{spec.rate:g}",
    ),
    "gaussian_noise": LayerKind(
        "Gaussian noise",
        "regularizer",
        "Adds noise while training, so that small differences don't matter.",
        specs.GaussianNoise,
        lambda spec: f"{spec.stddev:g}",
    ),
    "activation": LayerKind(
        "Activation",
        "function",
        "A non-linearity by itself, such as behind a normalization.",
        specs.ActivationLayer,
        _function,
    ),
    "rescaling": LayerKind(
        "Rescaling",
        "function",
        "Multiplies every value and adds a number; the picture comes as 0 to 1.",
        specs.Rescaling,
        lambda spec: (
            f"× {spec.scale:.4g}"
            + (f" {spec.offset:+.4g}".replace("-", MINUS) if spec.offset else "")
        ),
    ),
}
"""By `kind`, in the order in which they are offered."""
