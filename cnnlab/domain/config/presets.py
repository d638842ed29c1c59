"""Presets: each is a list of layers, scaled by dials."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnlab.domain.config.architecture import Architecture
from cnnlab.domain.config.layer_specs import (
    Conv,
    Dense,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    ResidualBlock,
)
from cnnlab.domain.config.mobile_presets import efficientnet_lite0, mobilenet_v3_small
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


FIXED_PRESETS: dict[str, tuple[Layer, ...]] = {
    "mobilenet_v3_small": mobilenet_v3_small(),
    "efficientnet_lite0": efficientnet_lite0(),
}
"""Nets that others have published: their convolutions are as they are."""


PRESET_WORDS: dict[str, str] = {
    "tiny_cnn": "For first tries: two convolutions. On a CPU, a third of the time of Small CNN.",
    "small_cnn": "The good default: three convolutions.",
    "vgg_small": "Two convolutions a block: three times the time of Small CNN on a CPU, and more "
    "memory.",
    "resnet_small": "Convolutions with shortcuts: after 15 epochs ahead of Small CNN on drawn "
    "shapes, behind it on 480 photos. On a CPU, one and a half times the time of Small CNN.",
    "mobilenet_v3_small": "A published net, made for pretrained weights: from scratch it learnt "
    "little in 15 epochs on 480 photos. On a CPU, twice the time of Small CNN.",
    "efficientnet_lite0": "A published net, made for ImageNet weights. Frozen with these, from 96 "
    "px on: ahead on photos and few images, behind where colour alone decides, on a CPU in a ninth "
    "of the time of Small CNN at 48 px. Trained as a whole: a hundred times as long.",
}
"""What each is good for and costs, evaluation included, in one sentence or two.

Measured by `tests/benchmarks/preset_table.py` on 72 to 600 images, with one seed, on one CPU core.
Seconds of that machine say nothing of another one, so times are multiples of Small CNN's, all at
48 px unless it is said: 0.6, 1.8, 5.6, 2.8, 4 and 0.2 ms an image and epoch.
"""


def preset_dials(preset: str) -> dict[str, int]:
    """Fields of `architecture` that scale a preset, each with what it is where it is left empty."""
    if preset in FIXED_PRESETS:
        return {"dense_units": 0}
    dials = PRESETS[preset]
    return {name: getattr(dials, name) for name in ("conv_blocks", "filters", "dense_units")}


def entries_of(architecture: Architecture, image_size: int) -> tuple[Layer, ...]:
    """The layer list between the scaled image and the class probabilities, as it is drawn.

    Args:
        architecture: own `layers`, those included that are switched off, or a preset and its dials.
        image_size: px; every block of a scaled preset halves it.

    Raises:
        ConfigError: the preset has more blocks than the image can be halved, or no such dial.
    """
    if architecture.layers is not None:
        return architecture.layers
    if architecture.preset in FIXED_PRESETS:
        body = _fixed(architecture)
        dense_units = architecture.dense_units or 0
    else:
        preset = PRESETS[architecture.preset]
        filters = _filters(architecture, preset, image_size)
        body = tuple(
            _residual(filters) if preset.residual else _plain(filters, preset.convs_per_block)
        )
        dense_units = _or(architecture.dense_units, preset.dense_units)
    return (*body, *([Dense(units=dense_units)] if dense_units else []))


def layers_of(architecture: Architecture, image_size: int) -> tuple[Layer, ...]:
    """As `entries_of`, without what is switched off."""
    return tuple(entry for entry in entries_of(architecture, image_size) if entry.enabled)


def _fixed(architecture: Architecture) -> tuple[Layer, ...]:
    for name in ("conv_blocks", "filters"):
        if getattr(architecture, name) is not None:
            raise ConfigError(
                f"architecture.{name} must be empty: {architecture.preset} is built as it was "
                "published. Take its layers as your own to change them. Received: "
                f"{getattr(architecture, name)}"
            )
    return FIXED_PRESETS[architecture.preset]


def _filters(architecture: Architecture, preset: PresetDials, image_size: int) -> list[int]:
    """Filters of each block."""
    blocks = _or(architecture.conv_blocks, preset.conv_blocks)
    fitting = image_size.bit_length() - 1
    if blocks > fitting:
        raise ConfigError(
            f"{blocks} conv blocks halve the image {blocks} times, but {image_size} px can be "
            f"halved {fitting} times: set architecture.conv_blocks to at most {fitting}, or take "
            f"images of at least {2**blocks} px."
        )
    first = _or(architecture.filters, preset.filters)
    return [min(first * 2**block, max(_MOST_FILTERS, first)) for block in range(blocks)]


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
