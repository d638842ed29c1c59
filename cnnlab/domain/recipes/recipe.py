"""Recipes: a whole config for a dataset, picked from what is known of it, with the reasons.

What a recipe leaves alone: the dataset, its split, the seed, the device and its precision. All else
is as it says, or at its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config

LEFT_ALONE = ("dataset", "split", "training.seed", "training.device", "training.precision")
"""Fields, or parts with all theirs, that no recipe sets."""


class RecipeName(StrEnum):
    """What the settings of a run are picked for."""

    GOOD = "good"
    """A model as good as the images allow, in minutes."""
    PLAIN = "plain"
    """The defaults: small and without any regularization, to compare with."""


@dataclass(frozen=True)
class SetFacts:
    """What a recipe knows of a dataset and of the machine.

    Attributes:
        train_counts: training images of each class.
        other_images: how many validate.
        side_px: the shorter side of the images, as nine of ten have it or more.
        is_grey: whether all of them are stored without colour.
        has_imagenet: whether the ImageNet weights that a good model begins with are there.
        cores: how many the run has.
        has_gpu: whether it gets one, so that its time is no matter.
        unsafe: dotted fields of augmentation that were found to change what images show, each with
            the largest value that doesn't.
        safe: dotted fields that were looked at, as strong as the good model has them, and of which
            nothing was found: images of all classes could be judged, and none looked strange.
    """

    train_counts: tuple[int, ...]
    other_images: int
    side_px: int
    is_grey: bool = False
    has_imagenet: bool = False
    cores: int = 1
    has_gpu: bool = False
    unsafe: Mapping[str, float | str] = field(default_factory=dict, hash=False)
    safe: frozenset[str] = frozenset()

    @property
    def train_images(self) -> int:
        """How many train."""
        return sum(self.train_counts)

    @property
    def classes(self) -> int:
        """How many there are, at least 2."""
        return max(2, len(self.train_counts))


@dataclass(frozen=True)
class Choice:
    """Something that a recipe has decided.

    Attributes:
        changes: dotted fields with their new JSON values.
        reason: why, in a sentence or two.
    """

    changes: Mapping[str, Any]
    reason: str


@dataclass(frozen=True)
class Recipe:
    """What is changed from the defaults, and why.

    Attributes:
        name: which recipe it is.
        choices: in the order of the form; empty for the defaults.
    """

    name: RecipeName
    choices: tuple[Choice, ...] = ()

    @property
    def changes(self) -> dict[str, Any]:
        """All of them, by dotted field."""
        return {name: value for choice in self.choices for name, value in choice.changes.items()}

    def to_json(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        choices = [{"changes": dict(one.changes), "reason": one.reason} for one in self.choices]
        return {"name": self.name, "choices": choices}

    def applied_to(self, config: RunConfig) -> RunConfig:
        """The config of the recipe, with what it leaves alone as in `config`.

        Raises:
            ConfigError: that doesn't go together with the recipe.
        """
        kept = left_alone(config.model_dump(mode="json"))
        return load_config(with_changes({}, kept | self.changes))


def left_alone(values: Mapping[str, Any]) -> dict[str, Any]:
    """What recipes keep of a config's JSON values, legal or not, by dotted name."""
    return {name: value_at(values, name) for name in LEFT_ALONE}
