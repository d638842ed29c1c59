"""What a look at augmented images found, in words."""

from collections.abc import Sequence

from cnnlab.augmentations.table import MEMBERS
from cnnlab.domain.records.guard import ConfusedPair
from cnnlab.domain.words import called, counted, listed, percent, with_unit
from cnnlab.fields import extra

_MOST_NAMED = 3
_FLIPS = {
    "horizontal": "a horizontal flip",
    "vertical": "a vertical flip",
    "both": "a flip in both directions",
}
_KNOBS = {
    f"augmentation.{name}": info for member in MEMBERS for name, (_, info) in member.fields.items()
}


def spoken(field: str) -> str:
    """What an augmentation is called within a sentence, by its dotted name: `rotation`."""
    return str(extra(_KNOBS[field], "label")).lower()


def strength(field: str, value: float | str) -> str:
    """A strength with its unit: `15°`; a choice as it is."""
    if isinstance(value, str):
        return value
    return with_unit(f"{value:g}", extra(_KNOBS[field], "unit"))


def finding(
    field: str, value: float | str, safe: float | str, pairs: Sequence[ConfusedPair]
) -> str:
    """What is wrong with an augmentation, and what to do.

    Args:
        field: dotted name.
        value: that was asked about.
        safe: that changes nothing; 0 or `none` where only off does.
        pairs: the clearest first, at least one.
    """
    what = _called(field, value)
    taken = [pair for pair in pairs if pair["taken_for"]]
    lost = [pair for pair in pairs if not pair["taken_for"]]
    said = []
    if taken:
        looks = [
            f"{called(pair['shown'])} look like {called(pair['taken_for'])}"
            for pair in taken[:_MOST_NAMED]
        ]
        said.append(f"makes images of {listed(looks)} ({_share(taken[0])})")
    if lost:
        names = listed([called(pair["shown"]) for pair in lost[:_MOST_NAMED]])
        said.append(f"takes away what shows {names} ({_share(lost[0])})")
    return f"{what} {listed(said)}. {_advice(field, safe)}"


def note(field: str, value: float | str, shown: str, taken_for: str, fraction: float) -> str:
    """What looks like a change of labels and isn't one.

    Args:
        field: dotted name.
        value: that was asked about.
        shown: a class.
        taken_for: another one.
        fraction: of the first one's augmented images, taken for the other one.
    """
    return (
        f"{_called(field, value)} changes no label that was found, but has to be learned: a net "
        f"that never saw such images takes {percent(fraction, decimals=0)} of {called(shown)} for "
        f"{called(taken_for)}, one that trained with them tells the two apart. Switch it off where "
        "images to come are never so."
    )


def how(
    images: str,
    accuracy: float,
    judged: Sequence[str],
    class_names: Sequence[str],
    *,
    is_on: bool,
) -> str:
    """How it was found out, or why it couldn't be.

    Args:
        images: how many of which sort were looked at: `80 training images`.
        accuracy: of the first net on images as they are that it wasn't trained on; 0 where there
            were too few images for one.
        judged: classes of which something can be said.
        class_names: all classes.
        is_on: whether there was any augmentation to look at.
    """
    if not is_on:
        return "No augmentation is on that could change what images show."
    told = f"A small net tells {percent(accuracy)} of {images} right, unseen."
    if not judged:
        reason = f"{told} That is too little" if accuracy else "There are too few images"
        return (
            f"{reason} to say what augmentation changes, which takes at least 10 images of each of "
            "two classes that can be told apart: import more images, or look at the preview."
        )
    missing = len(class_names) - len(judged)
    left = (
        f" Of {counted(missing, 'class', 'classes')} nothing can be said: too few images, or not "
        "told apart."
        if missing
        else ""
    )
    return f"{told} Each augmentation was looked at alone.{left}"


def _called(field: str, value: float | str) -> str:
    """An augmentation as the subject of a sentence: `A horizontal flip`."""
    flip = _FLIPS.get(str(value)) if field == "augmentation.flip" else None
    what = flip or f"{spoken(field)} of up to {strength(field, value)}"
    return f"{what[0].upper()}{what[1:]}"


def _share(pair: ConfusedPair) -> str:
    return f"{percent(pair['fraction'], decimals=0)} of {called(pair['shown'])}"


def _advice(field: str, safe: float | str) -> str:
    if safe in (0, "none"):
        return f"Switch {field} off."
    if isinstance(safe, str):
        return f"Set {field} to {safe}."
    return f"Set {field} to {strength(field, safe)} at most."
