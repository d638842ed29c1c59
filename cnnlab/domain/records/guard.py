"""What a look at augmented images says of augmentations that would change what they show."""

from typing import TypedDict

SIDE_PX = 32
"""Side of the images that are looked at, at most."""


class ConfusedPair(TypedDict):
    """Images of one class that, augmented, look like another.

    Attributes:
        shown: what the image shows, a class.
        taken_for: what it is taken for once it is augmented; empty where the object is lost, so
            that it is taken for anything.
        fraction: share of the looked-at images of the class to which that happens beyond what
            happens to them as they are, 0..1.
        low: lower end of its 95 % interval.
        images: rows of the dataset with examples, the clearest first; at most 4, and none where
            the net errs about plain ones too.
    """

    shown: str
    taken_for: str
    fraction: float
    low: float
    images: list[int]


class GuardFinding(TypedDict):
    """One augmentation at the strength that was asked about, which changes what images show.

    Attributes:
        field: dotted name in the config, such as `augmentation.flip`.
        value: the strength or choice that was asked about.
        safe: the largest tried strength that changes nothing, in the field's own unit, or the
            choice that is safe; 0, `none` where there is none.
        pairs: the clearest first; at most 6.
        words: what is wrong and what to do, in a sentence or two.
    """

    field: str
    value: float | str
    safe: float | str
    pairs: list[ConfusedPair]
    words: str


class GuardOutcome(TypedDict):
    """What is known of a dataset's augmentations.

    Attributes:
        findings: those that change what images show; empty where none was found.
        notes: of augmentations that change no label although a net must see such images first to
            know what they show, a sentence or two each.
        noted: dotted fields of the notes.
        checked: dotted fields that were looked at.
        judged: names of the classes of which something can be said.
        can_tell: whether images as they are can be told apart well enough to say anything.
        words: where nothing can be said, why; else how it was found.
        images: how many were looked at.
        accuracy: of the net that judges, on images as they are that it wasn't trained on.
        seconds: how long it took.
    """

    findings: list[GuardFinding]
    notes: list[str]
    noted: list[str]
    checked: list[str]
    judged: list[str]
    can_tell: bool
    words: str
    images: int
    accuracy: float
    seconds: float
