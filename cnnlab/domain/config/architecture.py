"""What the network is built of: a preset with a few dials, or a list of layers."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cnnlab.fields import ConfigModel, knob

Preset = Literal["tiny_cnn", "small_cnn", "vgg_small", "resnet_small"]
Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh"]
Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal"
]


class _Convolution(ConfigModel):
    """What a convolution of either kind has, its activation included."""

    kind: str
    filters: int = Field(32, ge=1, le=2048)
    kernel_size: int = Field(3, ge=1, le=31)
    strides: int = Field(1, ge=1, le=8)
    activation: Activation | Literal["linear"] | None = None


class Conv(_Convolution):
    """A convolution (Keras Conv2D)."""

    kind: Literal["conv"] = "conv"


class SeparableConv(_Convolution):
    """A depthwise separable convolution (Keras SeparableConv2D)."""

    kind: Literal["separable_conv"] = "separable_conv"


class DepthwiseConv(ConfigModel):
    """One filter a channel (Keras DepthwiseConv2D)."""

    kind: Literal["depthwise_conv"] = "depthwise_conv"
    kernel_size: int = Field(3, ge=1, le=31)
    strides: int = Field(1, ge=1, le=8)
    activation: Activation | Literal["linear"] | None = None


class MaxPool(ConfigModel):
    """The largest value of each window (Keras MaxPooling2D)."""

    kind: Literal["max_pool"] = "max_pool"
    pool_size: int = Field(2, ge=2, le=16)


class AveragePool(ConfigModel):
    """The mean of each window (Keras AveragePooling2D)."""

    kind: Literal["average_pool"] = "average_pool"
    pool_size: int = Field(2, ge=2, le=16)


class GlobalAveragePool(ConfigModel):
    """The mean of each channel (Keras GlobalAveragePooling2D)."""

    kind: Literal["global_average_pool"] = "global_average_pool"


class GlobalMaxPool(ConfigModel):
    """The maximum of each channel (Keras GlobalMaxPooling2D)."""

    kind: Literal["global_max_pool"] = "global_max_pool"


class Flatten(ConfigModel):
    """All values in one row (Keras Flatten)."""

    kind: Literal["flatten"] = "flatten"


class Dense(ConfigModel):
    """A fully connected layer with its activation (Keras Dense)."""

    kind: Literal["dense"] = "dense"
    units: int = Field(128, ge=1, le=8192)
    activation: Activation | Literal["linear"] | None = None


class Dropout(ConfigModel):
    """Zeroes a share of the values while training (Keras Dropout)."""

    kind: Literal["dropout"] = "dropout"
    rate: float = Field(0.5, ge=0, lt=1)


class SpatialDropout(ConfigModel):
    """Zeroes a share of whole channels while training (Keras SpatialDropout2D)."""

    kind: Literal["spatial_dropout"] = "spatial_dropout"
    rate: float = Field(0.2, ge=0, lt=1)


class GaussianNoise(ConfigModel):
    """Adds noise to the values while training (Keras GaussianNoise)."""

    kind: Literal["gaussian_noise"] = "gaussian_noise"
    stddev: float = Field(0.1, ge=0, le=1)


class BatchNorm(ConfigModel):
    """Normalizes over the batch (Keras BatchNormalization)."""

    kind: Literal["batch_norm"] = "batch_norm"


class LayerNorm(ConfigModel):
    """Normalizes over the channels of each image (Keras LayerNormalization)."""

    kind: Literal["layer_norm"] = "layer_norm"


class GroupNorm(ConfigModel):
    """Normalizes over groups of channels (Keras GroupNormalization)."""

    kind: Literal["group_norm"] = "group_norm"
    groups: int = Field(8, ge=1, le=256)


class ActivationLayer(ConfigModel):
    """An activation of its own (Keras Activation)."""

    kind: Literal["activation"] = "activation"
    activation: Activation = "relu"


class ResidualBlock(ConfigModel):
    """Two convolutions with a shortcut around them (He et al., arXiv:1512.03385)."""

    kind: Literal["residual_block"] = "residual_block"
    filters: int = Field(64, ge=1, le=2048)
    strides: int = Field(1, ge=1, le=8)


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
    | ResidualBlock,
    Field(discriminator="kind"),
]


class Architecture(ConfigModel):
    """The network between the image and the class probabilities."""

    preset: Preset = knob(
        "small_cnn",
        "Network",
        "tiny_cnn: fast, for first tries. small_cnn: the good default. vgg_small: more layers, "
        "more memory. resnet_small: deeper with shortcuts, slower, best on larger sets.",
    )
    conv_blocks: int | None = knob(
        None,
        "Conv blocks",
        "How many times the image is convolved and halved; empty takes the preset's number. "
        "More blocks see larger shapes; the image must stay at least 1 px wide.",
        ge=1,
        le=6,
        increment=1,
    )
    filters: int | None = knob(
        None,
        "Filters in the first block",
        "Each further block has twice as many, up to 512; empty takes the preset's number. "
        "More filters learn more and overfit sooner. Usual: 16 to 64.",
        ge=4,
        le=256,
        increment=4,
    )
    dense_units: int | None = knob(
        None,
        "Dense units",
        "Width of the fully connected layer before the classes, 0 for none; empty takes the "
        "preset's number. Usual: 64 to 256.",
        ge=0,
        le=4096,
        increment=16,
    )
    layers: tuple[Layer, ...] | None = knob(
        None,
        "Layers",
        "A list of layers that replaces the preset; the layer that gives the class "
        "probabilities is added at the end.",
    )
    activation: Activation = knob(
        "relu", "Activation", "The non-linearity of every layer that names none itself."
    )
    initializer: Initializer = knob(
        "he_normal",
        "Initial weights",
        "How the weights are drawn before the first step; those of the last layer always as "
        "glorot_uniform.",
    )
    pretrained: None = knob(
        None,
        "Pretrained weights",
        "Only null for now: every network starts from random weights.",
        planned=True,
    )
    frozen_layers: int = knob(
        0,
        "Frozen layers",
        "How many of the first layers keep their initial weights. Usual: 0.",
        ge=0,
        le=1000,
        increment=1,
    )

    @model_validator(mode="after")
    def _layers_are_not_empty(self) -> "Architecture":
        if self.layers is not None and not 1 <= len(self.layers) <= 200:
            raise ValueError(
                f"architecture.layers needs 1 to 200 layers. Received: {len(self.layers)}"
            )
        return self
