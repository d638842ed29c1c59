"""Published nets for small machines, as layer lists; pretrained weights fit them."""

from cnnlab.domain.config.layer_specs import (
    Activation,
    ActivationLayer,
    BatchNorm,
    Conv,
    GlobalAveragePool,
    InvertedResidualBlock,
    Layer,
    Rescaling,
)

_FROM_BYTES = 255.0
"""The image comes as 0..1, and these nets were trained on bytes shifted and scaled."""

_SMALL = (
    # kernel, expanded, filters, squeeze, activation, strides
    (3, 0, 16, 8, "relu", 2),
    (3, 72, 24, 0, "relu", 2),
    (3, 88, 24, 0, "relu", 1),
    (5, 96, 40, 24, "hard_silu", 2),
    (5, 240, 40, 64, "hard_silu", 1),
    (5, 240, 40, 64, "hard_silu", 1),
    (5, 120, 48, 32, "hard_silu", 1),
    (5, 144, 48, 40, "hard_silu", 1),
    (5, 288, 96, 72, "hard_silu", 2),
    (5, 576, 96, 144, "hard_silu", 1),
    (5, 576, 96, 144, "hard_silu", 1),
)

_LITE0 = (
    # repeats, kernel, strides of the first, expansion, filters
    (1, 3, 1, 0, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def mobilenet_v3_small() -> tuple[Layer, ...]:
    """MobileNetV3-Small (Howard et al., arXiv:1905.02244, table 2) as Keras has it."""
    blocks = (
        InvertedResidualBlock(
            kernel_size=kernel,
            expanded_filters=expanded,
            filters=filters,
            squeeze_filters=squeeze,
            activation=activation,
            strides=strides,
        )
        for kernel, expanded, filters, squeeze, activation, strides in _SMALL
    )
    return (
        Rescaling(scale=_FROM_BYTES / 127.5, offset=-1),
        *_normed(16, 3, 2, "hard_silu"),
        *blocks,
        *_normed(576, 1, 1, "hard_silu"),
        GlobalAveragePool(),
    )


def efficientnet_lite0() -> tuple[Layer, ...]:
    """EfficientNet-Lite0 (Tan and Le, arXiv:1905.11946, without squeeze and with ReLU6)."""
    blocks: list[Layer] = []
    channels = 32
    for repeats, kernel, strides, expansion, filters in _LITE0:
        for turn in range(repeats):
            blocks.append(
                InvertedResidualBlock(
                    kernel_size=kernel,
                    expanded_filters=channels * expansion,
                    filters=filters,
                    activation="relu6",
                    strides=strides if turn == 0 else 1,
                )
            )
            channels = filters
    return (
        Rescaling(scale=_FROM_BYTES / 128, offset=-127 / 128),
        *_normed(32, 3, 2, "relu6"),
        *blocks,
        *_normed(1280, 1, 1, "relu6"),
        GlobalAveragePool(),
    )


def _normed(
    filters: int, kernel_size: int, strides: int, activation: Activation
) -> tuple[Layer, ...]:
    """A convolution, batch norm instead of a bias, and the activation."""
    return (
        Conv(
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            use_bias=False,
            activation="linear",
        ),
        BatchNorm(),
        ActivationLayer(activation=activation),
    )
