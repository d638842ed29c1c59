"""Which part of a network is computed once for each image: what is frozen and draws nothing.

Everything here depends on the config and the numbers of images and classes alone, never on a
machine, so that every attempt of a run decides the same.
"""

from collections.abc import Collection
from dataclasses import dataclass

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import spans_of, trained_layers
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.plan import Plan, PlannedLayer
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.words import counted

MOST_BYTES = 10**9
"""That features may take; with more, they are computed anew at every step."""

MOST_COPIES = 8
LEAST_COPIES = 4
"""With fewer augmented copies of an image, of as many epochs, it would be learnt by heart."""

_FLOAT_BYTES = 4


@dataclass(frozen=True)
class CachedFeatures:
    """Features that are computed once and kept.

    Attributes:
        layer: name of the layer whose output they are.
        values: of one image.
        copies: augmented ones of each training image; 0 without augmentation.
        augmented_bytes: what these copies take, with their labels.
        plain_bytes: what the features of the images as they are take.
    """

    layer: str
    values: int
    copies: int
    augmented_bytes: int
    plain_bytes: int

    @property
    def bytes(self) -> int:
        """What all of them take."""
        return self.augmented_bytes + self.plain_bytes

    @property
    def words(self) -> str:
        """What was done, in one sentence."""
        said = f"The frozen layers are computed once: {self.values:,} features of each image"
        if not self.copies:
            return f"{said}."
        copies = counted(self.copies, "augmented copy", "augmented copies")
        return f"{said}, and of {copies} of each training image, which the epochs take in turn."


def last_fixed_layer(plan: Plan, trained: Collection[str]) -> PlannedLayer | None:
    """The last layer with flat values up to which all is frozen and nothing is drawn.

    A regularizer that a dial may switch on while the run trains counts as drawing.

    Args:
        plan: of the network.
        trained: names of the layers with weights that train.

    Returns:
        None where there is no such layer, or no frozen one before it.
    """
    frozen, last = 0, None
    for layer in plan.layers:
        is_dial = layer.regularizer == "dropout"  # at 0 too
        draws = layer.strength is not None and (layer.is_there or is_dial)
        if draws or (layer.parameters and layer.name in trained):
            break
        frozen += layer.parameters
        if frozen and layer.is_there and not layer.is_image:
            last = layer
    return last


def cached_features(
    config: RunConfig,
    plan: Plan,
    trained: Collection[str],
    epochs: int,
    *,
    train_images: int,
    other_images: int,
) -> CachedFeatures | None:
    """What is computed once while some layers train; None where nothing can be, or it is too much.

    Args:
        config: of the run.
        plan: of its network.
        trained: names of the layers with weights that train.
        epochs: for which they do.
        train_images: how many train.
        other_images: how many validate.
    """
    layer = last_fixed_layer(plan, trained)
    if layer is None:
        return None
    values, classes = layer.shape[0], plan.layers[-1].shape[0]
    plain = _FLOAT_BYTES * values * (train_images + other_images)
    copy = _FLOAT_BYTES * (values + classes) * train_images
    copies = 0
    if config.augmentation.is_on:
        wanted = min(epochs, MOST_COPIES)
        copies = min(wanted, (MOST_BYTES - plain) // copy)
        if copies < min(wanted, LEAST_COPIES):
            return None
    found = CachedFeatures(layer.name, values, copies, copies * copy, plain)
    return found if found.bytes <= MOST_BYTES else None


def augments_once(config: RunConfig) -> bool:
    """Whether the augmented images of a run may be made once, so that no dial can change them.

    It asks for the frozen layers alone, not for the number of images: with so many that they are
    made at every step after all, these dials stay away too. One phase in which it is so is enough.
    """
    return config.augmentation.is_on and any(_spans_with_fixed_layers(config))


def trains_head_alone(config: RunConfig) -> bool:
    """Whether every step of a run may compute what follows its frozen layers alone.

    It asks for the frozen layers alone, not for the number of images, as `augments_once` does.
    """
    return all(_spans_with_fixed_layers(config))


def _spans_with_fixed_layers(config: RunConfig) -> list[bool]:
    """Of each phase, whether there are layers in it that could be computed once."""
    architecture, spans = config.architecture, spans_of(config)
    if not (architecture.frozen_layers or architecture.phases):
        return [False]
    try:
        plan = plan_network(config, config.image.shape, classes=2)
    except ConfigError:  # said where the network is built
        return [False]
    trained = (trained_layers(plan, config, [span]) for span in spans)
    return [last_fixed_layer(plan, names) is not None for names in trained]
