"""Which fields the rest of the form leaves without effect: they aren't shown."""

from collections.abc import Collection
from typing import Any

from cnnlab.augmentations.table import MEMBERS
from cnnlab.diagnosis.effective import network_layers
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.optimizer import MOMENTUM_OPTIMIZERS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.ui.form.fields import field

_OF_COLOURS = ("hue_fraction", "saturation_fraction", "color_degeneration_fraction")

_DRAWN = "split.validation"


def without_effect(
    values: dict[str, Any], config: RunConfig | None, own_parts: Collection[str]
) -> frozenset[str]:
    """The fields that no run would heed as the form stands, and that are at their defaults.

    One that somebody has set is shown all the same: it is part of the config. So isn't the
    validation share where the upload has the images or folds do: nothing says that it is on.

    Args:
        values: of the form, legal or not, as JSON values.
        config: the same as a run would have it; None where none can be launched.
        own_parts: `validation`, `test`: those that the upload brought.

    Returns:
        Dotted names.
    """
    optimizer, defaults = values["optimizer"], RunConfig().model_dump(mode="json")
    ignored = {
        "optimizer.momentum": optimizer["name"] not in MOMENTUM_OPTIMIZERS,
        "optimizer.nesterov": optimizer["name"] != "sgd" or not optimizer["momentum"],
        "optimizer.clip_value": optimizer["clip_norm"] is not None,
        "optimizer.clip_norm": optimizer["clip_value"] is not None,
        "training.focal_gamma": values["training"]["loss"] != "focal",
        _DRAWN: "validation" in own_parts or values["split"]["folds"] is not None,
        "split.validation_draw": "validation" in own_parts,
        "split.folds": "validation" in own_parts,
        "split.test": "test" in own_parts,
    }
    is_grey = values["image"]["color"] == "grayscale"
    ignored |= {f"augmentation.{name}": is_grey for name in (*_OF_COLOURS, "grayscale_fraction")}
    for member in MEMBERS:
        is_off = not values["augmentation"][member.name]
        ignored |= {f"augmentation.{name}": is_off for name in member.details}
    ignored |= _of_the_network(config)
    return frozenset(
        name
        for name, is_ignored in ignored.items()
        if is_ignored and (name == _DRAWN or value_at(values, name) == value_at(defaults, name))
    )


def _of_the_network(config: RunConfig | None) -> dict[str, bool]:
    """Regularizers that this network has no place for."""
    if config is None:
        return {}
    layers = network_layers(config)
    return {
        "regularization.spatial_dropout": all(
            layer.regularizer != "spatial_dropout" for layer in layers
        ),
        "regularization.stochastic_depth": all(
            "noise_shape" not in layer.arguments for layer in layers
        ),
    }


def that_apply(ignored: Collection[str], *keys: str) -> list[str]:
    """Those of some widgets whose field is shown.

    Args:
        ignored: dotted names.
        keys: of widgets.
    """
    return [key for key in keys if field(key)[0] not in ignored]
