"""What an augmentation says of itself, and when it is applied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic.fields import FieldInfo

from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import extra

Draw = Callable[[Strengths, Draws, Shape, ArrayOps], Parameters]
"""What is random about each image of a batch; nothing, where these images can't be changed."""

Apply = Callable[[Array, Parameters, ArrayOps], Array]
"""From images (B, H, W, C) float32 and what was drawn for them to changed ones."""

OFF = (0, "none", False)
"""Values of the first field of an augmentation that leave it out."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A change of the images that one or several augmentations together make.

    Attributes:
        order: stages follow each other in this order.
        apply: changes the images by what all of its augmentations drew.
        leaves_range: whether values may leave 0..255; they are clipped before they are needed.
        needs_range: whether it wants values in 0..255.
    """

    order: int
    apply: Apply
    leaves_range: bool = False
    needs_range: bool = True


@dataclass(frozen=True, kw_only=True)
class OwnArm:
    """A ready-made arm that switches on one augmentation alone.

    Attributes:
        name: by which it is asked for.
        help: what it does, in a sentence.
        strength: value of the first field.
    """

    name: str
    help: str
    strength: float


@dataclass(frozen=True, kw_only=True)
class Member:
    """One augmentation.

    Attributes:
        fields: type and description (by `knob`) of its config fields; the first one switches it
            on, others say how.
        place: where its fields stand in config and form.
        icon: what it does, as the name of a Material symbol.
        stage: when it is applied, and with which others.
        draw: what is random about it.
        drawn_strength: from what was drawn (numpy arrays) to how far each image is changed, (B,)
            and at least 0, in the unit of the first field where that has one.
        mean: of `drawn_strength` over many images at the usual strength.
        is_dial: whether the first field may be turned while a run trains: it must be continuous,
            and 0 must change nothing.
        is_in_front: whether the form shows it above 'More augmentations'.
        sets: strengths in the form's sets Light, Medium and Strong.
        in_ready_arm: strength in the ready-made arm 'augmentation'.
        own_arm: the arm that switches on this one alone.
        doses: strengths of a dose-response study, from none to surely too much.
        mix_labels: from labels (B, classes) and what was drawn to blended ones, for those that
            blend images; no two of them can be on.
    """

    fields: Mapping[str, tuple[Any, FieldInfo]]
    place: int
    icon: str
    stage: Stage
    draw: Draw
    drawn_strength: Callable[[Parameters, Shape], Array]
    mean: float
    is_dial: bool
    is_in_front: bool = False
    sets: tuple[float, float, float] | None = None
    in_ready_arm: float | None = None
    own_arm: OwnArm | None = None
    doses: tuple[float, ...] = ()
    mix_labels: Apply | None = None

    @property
    def name(self) -> str:
        """Name of the field that switches it on."""
        return next(iter(self.fields))

    @property
    def label(self) -> str:
        """What it is called on screen."""
        return extra(self.fields[self.name][1], "label")

    @property
    def details(self) -> tuple[str, ...]:
        """Names of the fields that say how, and switch nothing on."""
        return tuple(self.fields)[1:]

    @property
    def usual(self) -> Any:  # noqa: ANN401 - float | str | bool, as the field's type is
        """A value of the first field that switches it on: its usual strength, if it has one."""
        annotation, info = self.fields[self.name]
        if annotation is bool:
            return True
        return extra(info, "usual") or next(iter(get_args(annotation)[1:]), None)
