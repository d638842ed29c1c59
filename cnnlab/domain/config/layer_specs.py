"""The layers that an own network is made of: a union on `kind`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from cnnlab.fields import ConfigModel, knob

Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "relu6", "hard_silu"]


def _kernel_size() -> Any:  # noqa: ANN401 - like knob
    return knob(
        3,
        "Kernel size",
        "Side of the square that a filter sees at a time. Usual: 3; 1 only mixes channels.",
        ge=1,
        le=31,
        unit="px",
        increment=1,
    )


def _strides() -> Any:  # noqa: ANN401 - like knob
    return knob(
        1,
        "Stride",
        "How far the filter moves each time: 2 halves the picture. Usual: 1 or 2.",
        ge=1,
        le=8,
        unit="px",
        increment=1,
    )


def _pool_size() -> Any:  # noqa: ANN401 - like knob
    return knob(
        2,
        "Window",
        "Side of the square that becomes one value: 2 halves the picture. Usual: 2.",
        ge=2,
        le=16,
        unit="px",
        increment=1,
    )


def _use_bias() -> Any:  # noqa: ANN401 - like knob
    return knob(
        True, "Bias", "Adds a number of its own to every channel; useless right before batch norm."
    )


def _activation() -> Any:  # noqa: ANN401 - like knob
    return knob(
        None,
        "Activation",
        "The non-linearity behind it; null takes the network's, linear none.",
    )


class _Layer(ConfigModel):
    """What every entry of the list has.

    Attributes:
        enabled: False leaves it out as if it wasn't in the list.
    """

    kind: str
    enabled: bool = knob(True, "On", "Off leaves it out as if it wasn't there.")


class _Convolution(_Layer):
    """What a convolution of either kind has, its activation included."""

    filters: int = knob(
        32,
        "Filters",
        "Patterns that it looks for, each a channel of its output. Usual: 16 to 256.",
        ge=1,
        le=2048,
        increment=8,
    )
    kernel_size: int = _kernel_size()
    strides: int = _strides()
    use_bias: bool = _use_bias()
    activation: Activation | Literal["linear"] | None = _activation()


class Conv(_Convolution):
    """A convolution (Keras Conv2D)."""

    kind: Literal["conv"] = "conv"


class SeparableConv(_Convolution):
    """A depthwise separable convolution (Keras SeparableConv2D)."""

    kind: Literal["separable_conv"] = "separable_conv"


class DepthwiseConv(_Layer):
    """One filter a channel (Keras DepthwiseConv2D)."""

    kind: Literal["depthwise_conv"] = "depthwise_conv"
    kernel_size: int = _kernel_size()
    strides: int = _strides()
    use_bias: bool = _use_bias()
    activation: Activation | Literal["linear"] | None = _activation()


class MaxPool(_Layer):
    """The largest value of each window (Keras MaxPooling2D)."""

    kind: Literal["max_pool"] = "max_pool"
    pool_size: int = _pool_size()


class AveragePool(_Layer):
    """The mean of each window (Keras AveragePooling2D)."""

    kind: Literal["average_pool"] = "average_pool"
    pool_size: int = _pool_size()


class GlobalAveragePool(_Layer):
    """The mean of each channel (Keras GlobalAveragePooling2D)."""

    kind: Literal["global_average_pool"] = "global_average_pool"


class GlobalMaxPool(_Layer):
    """The maximum of each channel (Keras GlobalMaxPooling2D)."""

    kind: Literal["global_max_pool"] = "global_max_pool"


class Flatten(_Layer):
    """All values in one row (Keras Flatten)."""

    kind: Literal["flatten"] = "flatten"


class Dense(_Layer):
    """A fully connected layer with its activation (Keras Dense)."""

    kind: Literal["dense"] = "dense"
    units: int = knob(
        128,
        "Units",
        "Values that it leaves, each a weighted sum of all it is given. Usual: 64 to 256.",
        ge=1,
        le=8192,
        increment=16,
    )
    activation: Activation | Literal["linear"] | None = _activation()


class Dropout(_Layer):
    """Zeroes a share of the values while training (Keras Dropout)."""

    kind: Literal["dropout"] = "dropout"
    rate: float = knob(
        0.5,
        "Rate",
        "Share of the values that become 0, others each time. Usual: 0.2 to 0.5.",
        ge=0,
        lt=1,
        increment=0.05,
    )


class SpatialDropout(_Layer):
    """Zeroes a share of whole channels while training (Keras SpatialDropout2D)."""

    kind: Literal["spatial_dropout"] = "spatial_dropout"
    rate: float = knob(
        0.2,
        "Rate",
        "Share of the channels that become 0, others each time. Usual: 0.1 to 0.3.",
        ge=0,
        lt=1,
        increment=0.05,
    )


class GaussianNoise(_Layer):
    """Adds noise to the values while training (Keras GaussianNoise)."""

    kind: Literal["gaussian_noise"] = "gaussian_noise"
    stddev: float = knob(
        0.1,
        "Standard deviation",
        "How strong the noise is, in the unit of the values. Usual: 0.05 to 0.2.",
        ge=0,
        le=1,
        increment=0.05,
    )


class BatchNorm(_Layer):
    """Normalizes over the batch (Keras BatchNormalization)."""

    kind: Literal["batch_norm"] = "batch_norm"


class LayerNorm(_Layer):
    """Normalizes over the channels of each image (Keras LayerNormalization)."""

    kind: Literal["layer_norm"] = "layer_norm"


class GroupNorm(_Layer):
    """Normalizes over groups of channels (Keras GroupNormalization)."""

    kind: Literal["group_norm"] = "group_norm"
    groups: int = knob(
        8,
        "Groups",
        "Into how many the channels are shared out; it must divide their number. Usual: 8.",
        ge=1,
        le=256,
        increment=1,
    )


class ActivationLayer(_Layer):
    """An activation of its own (Keras Activation)."""

    kind: Literal["activation"] = "activation"
    activation: Activation = knob("relu", "Activation", "The non-linearity.")


class ResidualBlock(_Layer):
    """Two convolutions with a shortcut around them (He et al., arXiv:1512.03385)."""

    kind: Literal["residual_block"] = "residual_block"
    filters: int = knob(
        64,
        "Filters",
        "Channels of both convolutions. Usual: 32 to 256.",
        ge=1,
        le=2048,
        increment=8,
    )
    strides: int = _strides()


class Rescaling(_Layer):
    """Multiplies every value and adds to it (Keras Rescaling); the image comes as 0..1."""

    kind: Literal["rescaling"] = "rescaling"
    scale: float = knob(
        1.0, "Factor", "What every value is multiplied by.", ge=-1000, le=1000, increment=0.1
    )
    offset: float = knob(
        0.0, "Offset", "What is added afterwards.", ge=-1000, le=1000, increment=0.1
    )


class InvertedResidualBlock(_Layer):
    """Widens by a 1 px convolution, filters each channel, narrows again; with a shortcut.

    Where it neither shrinks the image nor changes the channels, its input is added (Sandler et
    al., arXiv:1801.04381; squeeze and excitation as in Howard et al., arXiv:1905.02244). Batch norm
    stands behind each of its convolutions.

    Attributes:
        filters: channels that it leaves.
        expanded_filters: channels in between; 0 leaves the widening out.
        squeeze_filters: channels of squeeze and excitation; 0 leaves it out.
    """

    kind: Literal["inverted_residual_block"] = "inverted_residual_block"
    filters: int = knob(
        32, "Filters", "Channels that it leaves. Usual: 16 to 200.", ge=1, le=2048, increment=8
    )
    expanded_filters: int = knob(
        128,
        "Filters in between",
        "Channels while it filters, usually 3 to 6 times those that come in; 0 doesn't widen.",
        ge=0,
        le=8192,
        increment=8,
    )
    kernel_size: int = _kernel_size()
    strides: int = _strides()
    squeeze_filters: int = knob(
        0,
        "Squeeze",
        "Channels of squeeze and excitation, which weighs each channel by what all hold, usually "
        "a quarter of those in between; 0 leaves it out.",
        ge=0,
        le=2048,
        increment=8,
    )
    activation: Activation | Literal["linear"] | None = _activation()


SimpleLayer = Annotated[
    Conv
    | SeparableConv
    | DepthwiseConv
    | MaxPool
    | AveragePool
    | Dropout
    | SpatialDropout
    | GaussianNoise
    | BatchNorm
    | LayerNorm
    | GroupNorm
    | ActivationLayer
    | Rescaling,
    Field(discriminator="kind"),
]
Path = Annotated[tuple[SimpleLayer, ...], Field(max_length=8)]


class BranchBlock(_Layer):
    """Several ways from the same input, put together again (Szegedy et al., arXiv:1409.4842).

    Attributes:
        paths: 2 to 4 lists of at most 8 layers; an empty one passes its input on.
        merge: `concatenate` puts the channels side by side, `add` adds images of the same shape.
    """

    kind: Literal["branch_block"] = "branch_block"
    paths: Annotated[tuple[Path, ...], Field(min_length=2, max_length=4)] = (
        (Conv(filters=16, kernel_size=1),),
        (Conv(filters=16),),
    )
    merge: Literal["concatenate", "add"] = knob(
        "concatenate",
        "Put together",
        "concatenate puts the channels of all paths side by side; add needs the same from each.",
    )


Layer = Annotated[
    Conv
    | SeparableConv
    | DepthwiseConv
    | MaxPool
    | AveragePool
    | GlobalAveragePool
    | GlobalMaxPool
    | Flatten
    | Dense
    | Dropout
    | SpatialDropout
    | GaussianNoise
    | BatchNorm
    | LayerNorm
    | GroupNorm
    | ActivationLayer
    | Rescaling
    | ResidualBlock
    | InvertedResidualBlock
    | BranchBlock,
    Field(discriminator="kind"),
]
