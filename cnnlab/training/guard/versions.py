"""Which augmentations are looked at, and the augmented images that are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Strengths
from cnnlab.augmentations.table import MEMBERS
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.fields import extra
from cnnlab.training.guard.judge_net import augmented

_VERSIONS = 4
_OF_A_SHARE = ("autocontrast_fraction", "clahe_fraction", "equalize_fraction",
               "grayscale_fraction", "invert_fraction")  # fmt: skip
"""Those that change a share of the images wholly: all are looked at when they are changed."""

_IN_STEPS = ("randaugment_operations", "augmix", "posterize_bits")
"""Their strength isn't one number that may be anything between off and full."""

_UNDONE = ("flip", "rotation_degrees", "shear_degrees", "hue_fraction", "invert_fraction",
           "elastic_px", "sharpness_fraction")  # fmt: skip
"""What can be undone, but for the edges: it takes nothing away."""

_WEAKER = (0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05)
_AXES: dict[str, tuple[tuple[int, ...], ...]] = {
    "horizontal": ((2,),),
    "vertical": ((1,),),
    "both": ((2,), (1,), (1, 2)),
}
_SEED = 0x60A2D


@dataclass(frozen=True)
class Asked:
    """One augmentation at a strength or choice.

    Attributes:
        member: the augmentation.
        value: as in the config.
        details: those of its fields that say how.
        scale: a strength in pixels is multiplied by it, because the images are smaller here.
    """

    member: Member
    value: float | str | bool
    details: Strengths
    scale: float

    @property
    def field(self) -> str:
        """Dotted name in the config."""
        return f"augmentation.{self.member.name}"

    @property
    def may_lose(self) -> bool:
        """Whether it can take away what shows the class."""
        return self.member.name not in _UNDONE

    def at(self, value: float | str | bool) -> "Asked":
        """The same augmentation, otherwise strong."""
        return Asked(self.member, value, self.details, self.scale)

    def trained(self) -> Strengths:
        """What the second net is trained with: every other image, where it changes a share."""
        return self._strengths(0.5 if self.member.name in _OF_A_SHARE else self.value)

    def versions(self, images: np.ndarray) -> list[np.ndarray]:
        """Augmented versions of images (N, H, W, C) uint8, each float32 or uint8 alike.

        A flip flips all, and what changes a share of the images changes all: what happens to
        those that it leaves alone is known.
        """
        if self.member.name == "flip":
            return [np.flip(images, axes) for axes in _AXES[str(self.value)]]
        if self.member.name in _OF_A_SHARE:
            return [augmented(images, self._strengths(1.0), _SEED)]
        strengths = self._strengths(self.value)
        return [augmented(images, strengths, _SEED + number) for number in range(_VERSIONS)]

    def weaker(self) -> Sequence[float | str]:
        """What may be tried instead, the strongest first; nothing where it is on or off."""
        if self.member.name == "flip":
            return ("horizontal", "vertical") if self.value == "both" else ()
        if self.member.name in (*_OF_A_SHARE, *_IN_STEPS):
            return ()
        strength = float(self.value)
        step = extra(self.member.fields[self.member.name][1], "increment") or 0.01
        tried = (np.floor(strength * part / step + 1e-9) * step for part in _WEAKER)
        return sorted({round(float(value), 6) for value in tried if value > 0}, reverse=True)

    def _strengths(self, value: float | str | bool) -> Strengths:
        name = self.member.name
        if name.endswith("_px") and not isinstance(value, str):
            value = float(value) * self.scale
        return {name: value, **self.details}


def asked_of(augmentation: Augmentation, scale: float) -> list[Asked]:
    """The augmentations of a config that are on, but for those that blend images and labels.

    Args:
        augmentation: of the config.
        scale: side of the images here, divided by that of the run's.
    """
    values = augmentation.strengths()
    on = augmentation.active()
    return [
        Asked(member, on[member.name], {name: values[name] for name in member.details}, scale)
        for member in MEMBERS
        if member.name in on and not member.mix_labels
    ]
