"""What a change is worth in images, as one plain sentence."""

import math

from cnnlab.domain.words import capitalized
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.kinds.worth import Side, Worth, WorthInImages

_ROUNDING = 1e-6
_OUTSIDE = {Side.BEYOND: ("better", "largest"), Side.BELOW: ("worse", "smallest")}


def worth_words(found: WorthInImages, change: str = "the change") -> str:
    """The headline's distance in all images and per class, or why there is none.

    Args:
        found: from `worth_in_images`.
        change: what the change is called, in lower case, such as `augmentation`.
    """
    worth = found.headline
    if worth is None:
        return (
            f"What {change} is worth in images can't be read: without it, more images aren't shown "
            f"to give better {found.metric.label} yet."
        )
    name = capitalized(change)
    at = f"at {_images(worth.size)} a class ({_images(worth.total)} in all)"
    if worth.seeds < FEWEST_PAIRS:
        said = "1 seed proves nothing" if worth.seeds == 1 else "2 seeds prove nothing"
        return f"{name} {at} {_does(worth, found)}; but {said}: run at least {FEWEST_PAIRS}."
    if found.is_open:
        so_far = f"So far {change} {at} {_does(worth, found)}"
        return f"{so_far}. What it is worth is told with the last run."
    if not worth.told:
        return f"Can't tell what {change} is worth {at}: {found.why_not or _between(worth)}."
    return f"{name} {at} {_does(worth, found)}{_ends(worth, found)}."


def about(images: float) -> str:
    """A number of images with two digits that count: 187.3 as `190`."""
    if abs(images) < 10:
        return f"{images:.0f}"
    step = 10 ** (math.floor(math.log10(abs(images))) - 1)
    return f"{round(images / step) * step:d}"


def worth_label(worth: Worth, found: WorthInImages) -> str:
    """The distance by itself, for a figure: `worth about 180 images`."""
    if found.is_open:
        return "can't tell yet"
    if worth.seeds >= FEWEST_PAIRS and not worth.told:
        return "can't tell"
    if worth.images is not None:
        return _cost_or_gain(worth.images)
    return _at_least(worth, found) or f"{_OUTSIDE[worth.side][0]} than any size"


def _does(worth: Worth, found: WorthInImages) -> str:
    if worth.images is None or worth.equal is None or worth.equal_size is None:
        return _does_outside(worth, found)
    only = "as well as" if worth.images >= 0 else "only as well as"
    return (
        f"does {only} about {about(worth.equal)} images ({about(worth.equal_size)} a class) "
        f"without it: {_cost_or_gain(worth.images)}"
    )


def _does_outside(worth: Worth, found: WorthInImages) -> str:
    better, largest = _OUTSIDE[worth.side]
    images = found.largest if worth.side is Side.BEYOND else found.plain[0].total
    least = _at_least(worth, found)
    gain = f": {least}" if least else ""
    if _is_proven(worth, found):
        return f"does {better} than the {largest} set tried without it ({_images(images)}){gain}"
    return (
        f"does about as well as the {largest} set tried without it ({_images(images)}), or "
        f"{better}{gain}"
    )


def _is_proven(worth: Worth, found: WorthInImages) -> bool:
    """Whether even the interval lies outside of the sizes tried."""
    if worth.side is Side.BEYOND:
        return worth.low is not None and worth.low > found.largest * (1 - _ROUNDING)
    return worth.high is not None and worth.high < found.plain[0].total * (1 + _ROUNDING)


def _at_least(worth: Worth, found: WorthInImages) -> str:
    """The near end of what lies outside of the sizes tried; empty where that is nothing."""
    if worth.side is Side.BEYOND:
        images, verb = (worth.low or found.largest) - worth.total, "worth"
    else:
        images, verb = worth.total - (worth.high or found.plain[0].total), "costs"
    return f"{verb} at least about {about(images)} images" if images > _ROUNDING else ""


def _cost_or_gain(images: float) -> str:
    verb = "worth" if images >= 0 else "costs"
    return f"{verb} about {about(abs(images))} images"


def _ends(worth: Worth, found: WorthInImages) -> str:
    """The interval of a gain or of a cost within the sizes tried, in brackets."""
    if worth.images is None:
        return ""
    low, high = worth.low or found.plain[0].total, worth.high or found.largest
    near, far = sorted((abs(low - worth.total), abs(high - worth.total)))
    is_open = (worth.low if worth.images < 0 else worth.high) is None
    return f" ({about(near)} to {'more than ' if is_open else ''}{about(far)})"


def _between(worth: Worth) -> str:
    """Where it lies while it can't be told, as far as the sizes tried reach."""
    low = None if worth.low is None else _signed(worth.low - worth.total)
    high = None if worth.high is None else _signed(worth.high - worth.total)
    if low and high:
        return f"between {low} and {high} images"
    if high:
        return f"at most about {high} images"
    return f"at least about {low} images" if low else "anything is possible"


def _signed(images: float) -> str:
    shown = about(images)
    return f"+{shown}" if images > 0 and shown != "0" else "0" if shown == "-0" else shown


def _images(count: float) -> str:
    return f"{count:,.0f}".replace(",", " ")
