"""Presets: each is a list of layers, scaled by three dials."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnlab.domain.config.architecture import (
    Architecture,
    Conv,
    Dense,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    ResidualBlock,
)
from cnnlab.domain.errors import ConfigError

_MOST_FILTERS = 512


@dataclass(frozen=True)
class PresetDials:
    """What a preset is where the config leaves a dial empty."""

    conv_blocks: int
    filters: int
    dense_units: int
    convs_per_block: int = 1
    residual: bool = False


PRESETS: dict[str, PresetDials] = {
    "tiny_cnn": PresetDials(conv_blocks=2, filters=16, dense_units=64),
    "small_cnn": PresetDials(conv_blocks=3, filters=32, dense_units=128),
    "vgg_small": PresetDials(conv_blocks=3, filters=32, dense_units=256, convs_per_block=2),
    "resnet_small": PresetDials(conv_blocks=3, filters=32, dense_units=0, residual=True),
}


def layers_of(architecture: Architecture, image_size: int) -> tuple[Layer, ...]:
    """The layers between the scaled image and the class probabilities.

    Args:
        architecture: own `layers`, or a preset and its dials.
        image_size: px; every block of a preset halves it.

    Raises:
        ConfigError: the preset has more blocks than the image can be halved.
    """
    if architecture.layers is not None:
        return architecture.layers
    preset = PRESETS[architecture.preset]
    blocks = _or(architecture.conv_blocks, preset.conv_blocks)
    fitting = image_size.bit_length() - 1
    if blocks > fitting:
        raise ConfigError(
            f"{blocks} conv blocks halve the image {blocks} times, but {image_size} px can be "
            f"halved {fitting} times: set architecture.conv_blocks to at most {fitting}, or take "
            f"images of at least {2**blocks} px."
        )
    first = _or(architecture.filters, preset.filters)
    filters = [min(first * 2**block, max(_MOST_FILTERS, first)) for block in range(blocks)]
    dense_units = _or(architecture.dense_units, preset.dense_units)
    body = _residual(filters) if preset.residual else _plain(filters, preset.convs_per_block)
    return (*body, *([Dense(units=dense_units)] if dense_units else []))


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _plain(filters: list[int], convs_per_block: int) -> Iterator[Layer]:
    """Convolutions and max pooling (Simonyan and Zisserman, arXiv:1409.1556)."""
    for count in filters:
        yield from [Conv(filters=count)] * convs_per_block
        yield MaxPool()
    yield Flatten()


def _residual(filters: list[int]) -> Iterator[Layer]:
    """A stem and one residual block a stage, each halving (He et al., arXiv:1512.03385)."""
    yield Conv(filters=filters[0])
    for count in filters:
        yield ResidualBlock(filters=count, strides=2)
    yield GlobalAveragePool()
