"""The layers that an own network is made of: a union on `kind`."""

from typing import Annotated, Literal

from pydantic import Field

from cnnlab.fields import ConfigModel

Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "relu6", "hard_silu"]


class _Layer(ConfigModel):
    """What every entry of the list has.

    Attributes:
        enabled: False leaves it out as if it wasn't in the list.
    """

    kind: str
    enabled: bool = True


class _Convolution(_Layer):
    """What a convolution of either kind has, its activation included."""

    filters: int = Field(32, ge=1, le=2048)
    kernel_size: int = Field(3, ge=1, le=31)
    strides: int = Field(1, ge=1, le=8)
    use_bias: bool = True
    activation: Activation | Literal["linear"] | None = None


class Conv(_Convolution):
    """A convolution (Keras Conv2D)."""

    kind: Literal["conv"] = "conv"


class SeparableConv(_Convolution):
    """A depthwise separable convolution (Keras SeparableConv2D)."""

    kind: Literal["separable_conv"] = "separable_conv"


class DepthwiseConv(_Layer):
    """One filter a channel (Keras DepthwiseConv2D)."""

    kind: Literal["depthwise_conv"] = "depthwise_conv"
    kernel_size: int = Field(3, ge=1, le=31)
    strides: int = Field(1, ge=1, le=8)
    use_bias: bool = True
    activation: Activation | Literal["linear"] | None = None


class MaxPool(_Layer):
    """The largest value of each window (Keras MaxPooling2D)."""

    kind: Literal["max_pool"] = "max_pool"
    pool_size: int = Field(2, ge=2, le=16)


class AveragePool(_Layer):
    """The mean of each window (Keras AveragePooling2D)."""

    kind: Literal["average_pool"] = "average_pool"
    pool_size: int = Field(2, ge=2, le=16)


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
    units: int = Field(128, ge=1, le=8192)
    activation: Activation | Literal["linear"] | None = None


class Dropout(_Layer):
    """Zeroes a share of the values while training (Keras Dropout)."""

    kind: Literal["dropout"] = "dropout"
    rate: float = Field(0.5, ge=0, lt=1)


class SpatialDropout(_Layer):
    """Zeroes a share of whole channels while training (Keras SpatialDropout2D)."""

    kind: Literal["spatial_dropout"] = "spatial_dropout"
    rate: float = Field(0.2, ge=0, lt=1)


class GaussianNoise(_Layer):
    """Adds noise to the values while training (Keras GaussianNoise)."""

    kind: Literal["gaussian_noise"] = "gaussian_noise"
    stddev: float = Field(0.1, ge=0, le=1)


class BatchNorm(_Layer):
    """Normalizes over the batch (Keras BatchNormalization)."""

    kind: Literal["batch_norm"] = "batch_norm"


class LayerNorm(_Layer):
    """Normalizes over the channels of each image (Keras LayerNormalization)."""

    kind: Literal["layer_norm"] = "layer_norm"


class GroupNorm(_Layer):
    """Normalizes over groups of channels (Keras GroupNormalization)."""

    kind: Literal["group_norm"] = "group_norm"
    groups: int = Field(8, ge=1, le=256)


class ActivationLayer(_Layer):
    """An activation of its own (Keras Activation)."""

    kind: Literal["activation"] = "activation"
    activation: Activation = "relu"


class ResidualBlock(_Layer):
    """Two convolutions with a shortcut around them (He et al., arXiv:1512.03385)."""

    kind: Literal["residual_block"] = "residual_block"
    filters: int = Field(64, ge=1, le=2048)
    strides: int = Field(1, ge=1, le=8)


class Rescaling(_Layer):
    """Multiplies every value and adds to it (Keras Rescaling); the image comes as 0..1."""

    kind: Literal["rescaling"] = "rescaling"
    scale: float = Field(1.0, ge=-1000, le=1000)
    offset: float = Field(0.0, ge=-1000, le=1000)


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
    filters: int = Field(32, ge=1, le=2048)
    expanded_filters: int = Field(128, ge=0, le=8192)
    kernel_size: int = Field(3, ge=1, le=31)
    strides: int = Field(1, ge=1, le=8)
    squeeze_filters: int = Field(0, ge=0, le=2048)
    activation: Activation | Literal["linear"] | None = None


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
    merge: Literal["concatenate", "add"] = "concatenate"


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
