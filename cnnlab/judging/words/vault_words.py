"""What is said of looks at test images."""

import math
from collections.abc import Mapping

import numpy as np
import scipy

from cnnlab.domain.data.vault import VaultLooks
from cnnlab.domain.words import counted, listed, points

_NAMED_RUNS = 5


def look_words(vault: VaultLooks) -> str:
    """How often the images that are test images now were looked at, in one or two sentences.

    Looks at few of them, such as of another dataset that shares some, are told apart.
    """
    unreadable = (
        f" {counted(vault.unreadable, 'record')} of looks can't be read, so there may be more."
        if vault.unreadable
        else ""
    )
    return f"{_at_most_words(vault)}{_at_few_words(vault)}.{unreadable}"


def _at_most_words(vault: VaultLooks) -> str:
    images = f"the {counted(vault.images, 'test image')}"
    if not vault.at_most:
        return f"Nobody has looked at {images} yet"
    runs = counted(len(vault.runs), "run")
    return f"{counted(len(vault.at_most), 'look')} at {images} so far, of {runs}"


def _at_few_words(vault: VaultLooks) -> str:
    if not vault.at_few:
        return ""
    count = len(vault.at_few)
    looks = f"{count:,} more" if vault.at_most else counted(count, "look")
    return f"; {looks}, at other test images, touched {vault.touched:,} of them"


def choosing_words(runs: Mapping[str, str], images: int, accuracy: float | None) -> str:
    """What choosing between runs by test numbers is called; empty where one was looked at.

    Args:
        runs: names by id of those that were looked at on most of the test images.
        images: how many test images there are.
        accuracy: of one of them, 0..1; with it, how much luck alone would do is told.
    """
    if len(runs) < 2:
        return ""
    names = [f"'{name}'" for name in runs.values()]
    shown = names[:_NAMED_RUNS]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown):,} more")
    luck = 0.0 if accuracy is None else flattery(len(names), images, accuracy)
    by_luck = f" (by luck alone, up to about {points(luck)})" if luck else ""
    return (
        f"{len(names)} runs were looked at on these images: {listed(shown)}. To take the one that "
        "is best here is to choose by the test images: they are then a validation set like the "
        f"other, and the number of the chosen run is too good{by_luck}. Choose by validation; for "
        "an honest number after that, take new images."
    )


def flattery(runs: int, images: int, accuracy: float) -> float:
    """How much better the best of equally good runs looks than it is, 0..1: at most, on average.

    Runs that are judged on the same images err on the same ones, so that it is less than for
    independent ones; this is for those.

    Args:
        runs: how many are compared, at least 1.
        images: on which each is judged, at least 1.
        accuracy: of each, 0..1.
    """
    return _expected_largest(runs) * math.sqrt(accuracy * (1 - accuracy) / images)


def _expected_largest(count: int) -> float:
    """Mean of the largest of so many draws from the normal distribution."""
    x = np.linspace(-8, 8, 1601)
    density = (
        count * scipy.special.ndtr(x) ** (count - 1) * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    )
    return float(np.trapezoid(x * density, x))
