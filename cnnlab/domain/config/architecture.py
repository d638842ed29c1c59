"""What the network is built of: a preset with a few dials, or a list of layers."""

from typing import Any, Literal

from pydantic import field_validator

from cnnlab.domain.config.layer_specs import Activation, Layer
from cnnlab.domain.config.phases import MOST_PHASES, Phase
from cnnlab.fields import ConfigModel, knob

Preset = Literal[
    "tiny_cnn",
    "small_cnn",
    "vgg_small",
    "resnet_small",
    "mobilenet_v3_small",
    "efficientnet_lite0",
]
MOST_LAYERS = 200
"""Of an own list."""

Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal"
]

IMAGENET = "imagenet"
"""What `pretrained` says for the preset's own weights."""

_MOST_PATH = 1000


class Architecture(ConfigModel):
    """The network between the image and the class probabilities."""

    preset: Preset = knob(
        "small_cnn",
        "Network",
        "tiny_cnn: fast, for first tries. small_cnn: the good default. vgg_small: more layers, "
        "three times the time. resnet_small: deeper with shortcuts, half again the time. "
        "mobilenet_v3_small, efficientnet_lite0: published nets, best with pretrained weights "
        "and from 96 px on.",
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
    pretrained: str | None = knob(
        None,
        "Pretrained weights",
        "What the network starts with; empty draws its weights at random. imagenet: the preset's "
        "own, trained on a million photos. Or those of another run or of an added file, by its "
        "id. Taken is what fits by layer name and shape; the last layer only where the weights "
        "are known to be for the same classes. They help most on few images.",
    )
    frozen_layers: int = knob(
        0,
        "Frozen layers",
        "How many of the first layers keep their initial weights. Usual: 0.",
        ge=0,
        le=1000,
        increment=1,
    )
    phases: tuple[Phase, ...] | None = knob(
        None,
        "Phases",
        "Trains in stretches of epochs, each with its own layers that train, learning rate and a "
        "fresh optimizer; the schedule runs anew in each. Their epochs add up to training.epochs, "
        "which is set to the sum. Usual: 2 with pretrained weights, first the last layer alone, "
        "then the last blocks at a tenth of the rate.",
    )

    @field_validator("pretrained")
    @classmethod
    def _names_weights(cls, value: str | None) -> str | None:
        if value is not None and not (1 <= len(value) <= _MOST_PATH and value.isprintable()):
            raise ValueError(
                f"must be null, imagenet, the id of weights or of a run, or (in `train` and "
                f"`study`) the path of a weights file, in 1 to {_MOST_PATH} printable characters"
            )
        return value

    @field_validator("layers", mode="before")
    @classmethod
    def _layers_can_be_counted(cls, value: Any) -> Any:  # noqa: ANN401 - not validated yet
        """Before any of them is looked at: somebody may bring a million."""
        if isinstance(value, list | tuple) and not 1 <= len(value) <= MOST_LAYERS:
            raise ValueError(f"needs 1 to {MOST_LAYERS} layers. Received: {len(value):,}")
        return value

    @field_validator("phases", mode="before")
    @classmethod
    def _phases_can_be_counted(cls, value: Any) -> Any:  # noqa: ANN401 - not validated yet
        if isinstance(value, list | tuple) and not 1 <= len(value) <= MOST_PHASES:
            raise ValueError(
                f"needs 1 to {MOST_PHASES} phases, or null for none. Received: {len(value):,}"
            )
        return value
