"""Whether an augmentation changes what images show, by what two nets say of images they never saw.

The first net was trained on images as they are, the second one went on with augmented ones, each
under the label of its original. That the first one takes augmented images for another class proves
nothing: it may merely never have seen such images. But a class that the augmentation really makes
look like another one comes to the second net under two labels, so that it no longer tells *plain*
images of the two apart, which the first one did. And where what shows the class is taken away, the
second net still knows plain images, yet not augmented ones, not even those it was trained on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

LEAST_IMAGES = 10
"""Of a class with fewer nothing is said."""

TOLD_APART = 0.8
"""Share of the plain images of two classes that the first net must tell apart; of one class, must
recognize: else nothing is said of them."""

_SUSPECT_TAKEN, _SUSPECT_WRONG = 0.08, 0.12
_TAKEN = 0.08
_UNLEARNED = 0.15
_UNSETTLED, _SETTLED = 0.07, 0.3
_LOST, _LOST_OWN = 0.2, 0.08
_STILL_LOST = 0.5
_UNFAMILIAR = 0.15
_FALSE_ALARMS = 0.05
_Z = 1.96


@dataclass(frozen=True)
class Evidence:
    """What two nets said of the images of one augmentation; logarithms of probabilities.

    Attributes:
        labels: (N,) int.
        before: (N, classes), the first net of plain images.
        changed: (V, N, classes), the first net of V augmented versions of each.
        after: (N, classes), the second net of plain images.
        after_changed: (V, N, classes), the second net of augmented ones.
        after_own: (V, N, classes), of augmented images whose originals it was trained on.
        may_lose: whether the augmentation can take something away. What can be undone, such as a
            turn, can only make classes alike: that a net doesn't learn turned images is its fault.
        sooner: the same with a second net trained more shortly; None where it wasn't trained on.
    """

    labels: np.ndarray
    before: np.ndarray
    changed: np.ndarray
    after: np.ndarray
    after_changed: np.ndarray
    after_own: np.ndarray
    may_lose: bool = True
    sooner: "Evidence | None" = None


@dataclass(frozen=True)
class Change:
    """What an augmentation does to the images of a class.

    Attributes:
        shown: the class, a label.
        taken_for: another label; None where what shows the class is lost.
        fraction: share of its augmented images to which that happens, beyond plain ones.
        low: lower end of its 95 % interval, at least 0.
        examples: (row, version) of the clearest images, rows within the evidence.
    """

    shown: int
    taken_for: int | None
    fraction: float
    low: float
    examples: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Swap:
    """Two classes that may have been made alike, and how probable it is by luck."""

    field: str
    pair: tuple[int, int]
    p: float


def large_classes(labels: np.ndarray) -> list[int]:
    """Classes with enough images to say something of them."""
    return [int(label) for label in np.flatnonzero(np.bincount(labels) >= LEAST_IMAGES)]


def judged_classes(labels: np.ndarray, before: np.ndarray) -> list[int]:
    """Classes with enough images that can be told apart, as they are, from some other."""
    able = large_classes(labels)
    return [
        one
        for one in able
        if any(
            _told_apart(labels, before, one, other) >= TOLD_APART for other in able if other != one
        )
    ]


def is_suspicious(labels: np.ndarray, before: np.ndarray, changed: np.ndarray) -> bool:
    """Whether the first net takes enough augmented images for others to ask the second one.

    Args:
        labels: (N,) int.
        before: (N, classes), the first net of plain images.
        changed: (V, N, classes), the first net of augmented ones.
    """
    for label in judged_classes(labels, before):
        taken = _taken(labels, before, changed, label)
        taken[label] = 0
        wrong = _wrong(labels, before, changed, label).mean()
        if taken.max() >= _SUSPECT_TAKEN or wrong >= _SUSPECT_WRONG:
            return True
    return False


def is_unsettled(one: Evidence) -> bool:
    """Whether the second net may have learned too little to tell: it is to be trained longer.

    Classes that were made alike are told apart the less the longer it learns that they are one;
    those that are merely hard to learn, the better. So what seems lost is looked at again, too: it
    may only not have been learned yet.
    """
    if _lost(one):
        return True
    shares = (_unlearned(one, *swap.pair)[2] for swap in _swaps("", one))
    return any(_UNSETTLED <= share < _SETTLED for share in shares)


def find_changes(evidence: Mapping[str, Evidence]) -> dict[str, list[Change]]:
    """What each of several augmentations changes, the clearest first; empty lists for nothing.

    Pairs are tested by McNemar's exact test, over all pairs and augmentations together by Holm's
    procedure (1979, Scand. J. Statist. 6), so that luck of the images, with these two nets, raises
    an alarm in 5 % of the looks at most. Another second net would err elsewhere: that luck is in no
    p-value, and only the least size of an effect stands against it. What is lost is held against
    limits alone, without a test: how often it raises a false alarm isn't bounded.
    """
    confirmed = _holm([swap for field, one in evidence.items() for swap in _swaps(field, one)])
    found: dict[str, list[Change]] = {}
    for field, one in evidence.items():
        pairs = [swap.pair for swap in confirmed if swap.field == field]
        swapped = [change for pair in pairs for change in _both_ways(one, pair)]
        known = {label for pair in pairs for label in pair}
        lost = [one_lost for one_lost in _lost(one) if one_lost.shown not in known]
        found[field] = sorted([*swapped, *lost], key=lambda change: -change.fraction)
    return found


def unfamiliar(one: Evidence) -> Change | None:
    """What the first net alone takes for another class most, where nothing was found to change.

    None where that is little. The second net tells these classes apart: it had to learn it.
    """
    judged = judged_classes(one.labels, one.before)
    ways = [_towards(one, shown, other) for shown in judged for other in judged if shown != other]
    worst = max(ways, key=lambda way: way.low, default=None)
    return worst if worst is not None and worst.low >= _UNFAMILIAR else None


def taken_share(
    labels: np.ndarray, before: np.ndarray, changed: np.ndarray, change: Change
) -> float:
    """How much of a change the first net sees at another strength, 0..1.

    Args:
        labels: (N,) int.
        before: (N, classes), the first net of plain images.
        changed: (V, N, classes), of images augmented at that strength.
        change: what was found at the strength that was asked about.
    """
    if change.taken_for is None:
        return max(0.0, float(_wrong(labels, before, changed, change.shown).mean()))
    return max(0.0, float(_taken(labels, before, changed, change.shown)[change.taken_for]))


def _told_apart(labels: np.ndarray, said: np.ndarray, one: int, other: int) -> float:
    """Share of the images of two classes that are told apart, of the worse one of the two."""
    right = said[:, one] > said[:, other]
    return float(min(right[labels == one].mean(), (~right)[labels == other].mean()))


def _taken(labels: np.ndarray, before: np.ndarray, changed: np.ndarray, label: int) -> np.ndarray:
    """(classes,) share of a class's augmented images taken for each class, minus plain ones."""
    return np.asarray(_taken_each(labels, before, changed, label).mean(axis=0))


def _taken_each(
    labels: np.ndarray, before: np.ndarray, changed: np.ndarray, label: int
) -> np.ndarray:
    """(M, classes) the same for every image of the class."""
    own, classes = labels == label, np.arange(before.shape[1])
    then = (changed[:, own].argmax(axis=2)[..., None] == classes).mean(axis=0)
    return np.asarray(then - (before[own].argmax(axis=1)[:, None] == classes))


def _wrong(labels: np.ndarray, before: np.ndarray, changed: np.ndarray, label: int) -> np.ndarray:
    """(M,) how much more often each image of a class isn't recognized, -1..1."""
    own = labels == label
    return np.asarray(
        (changed[:, own].argmax(axis=2) != label).mean(axis=0)
        - (before[own].argmax(axis=1) != label)
    )


def _swaps(field: str, one: Evidence) -> list[_Swap]:
    """Pairs of which the first net takes augmented images for the other, each with its p-value.

    Too small an effect has p = 1: it counts as a test.
    """
    found = []
    judged = judged_classes(one.labels, one.before)
    for place, first in enumerate(judged):
        for second in judged[place + 1 :]:
            if _told_apart(one.labels, one.before, first, second) < TOLD_APART:
                continue
            there = _taken(one.labels, one.before, one.changed, first)[second]
            back = _taken(one.labels, one.before, one.changed, second)[first]
            if max(there, back) >= _TAKEN:
                found.append(_Swap(field, (first, second), _unlearned_p(one, first, second)))
    return found


def _unlearned_p(one: Evidence, first: int, second: int) -> float:
    """How probable it is that the second net tells plain images apart no worse than the first."""
    lost, gained, share = _unlearned(one, first, second)
    if share < _UNLEARNED:
        return 1.0
    from scipy import stats  # noqa: PLC0415 - 20 MB that most servers never need

    return float(stats.binomtest(lost, lost + gained, 0.5, alternative="greater").pvalue)


def _unlearned(one: Evidence, first: int, second: int) -> tuple[int, int, float]:
    """Plain images of two classes that only the first, only the second net tells apart rightly.

    Returns:
        Both counts, and their difference as a share of all images of the two.
    """
    own = np.isin(one.labels, (first, second))
    truth = one.labels[own] == first
    was = (one.before[own, first] > one.before[own, second]) == truth
    now = (one.after[own, first] > one.after[own, second]) == truth
    lost, gained = int(np.sum(was & ~now)), int(np.sum(~was & now))
    return lost, gained, (lost - gained) / len(truth)


def _holm(swaps: Sequence[_Swap]) -> list[_Swap]:
    """Those that hold when all of them are tested."""
    confirmed = []
    for place, swap in enumerate(sorted(swaps, key=lambda swap: swap.p)):
        if swap.p > _FALSE_ALARMS / (len(swaps) - place):
            break
        confirmed.append(swap)
    return confirmed


def _both_ways(one: Evidence, pair: tuple[int, int]) -> list[Change]:
    """Which of the two classes is taken for which; at least the clearer one."""
    ways = [_towards(one, pair[0], pair[1]), _towards(one, pair[1], pair[0])]
    clear = [way for way in ways if way.fraction >= _TAKEN]
    return clear or [max(ways, key=lambda way: way.fraction)]


def _towards(one: Evidence, shown: int, taken_for: int) -> Change:
    each = _taken_each(one.labels, one.before, one.changed, shown)[:, taken_for]
    score = one.changed[:, :, taken_for]
    right = one.before.argmax(axis=1) == shown
    wrong = one.changed.argmax(axis=2) == taken_for
    examples = _examples(one, shown, np.where(wrong & right, score, -np.inf))
    return Change(shown, taken_for, *_share(each), examples)


def _lost(one: Evidence) -> list[Change]:
    """Classes that the second net knows as they are, and not augmented.

    Those of the shorter training stay, unless the longer one halved what is lost: they were being
    learned. In the longer one a net learns its own images by heart, so that the limits alone would
    let go of what is lost.
    """
    found = _unknown(one)
    known = {change.shown for change in found}
    for change in _unknown(one.sooner) if one.sooner else ():
        left = _wrong(one.labels, one.before, one.after_changed, change.shown).mean()
        if change.shown not in known and left >= _STILL_LOST * change.fraction:
            found.append(change)
    return found


def _unknown(one: Evidence) -> list[Change]:
    """Classes that are lost by the limits."""
    found: list[Change] = []
    for label in large_classes(one.labels) if one.may_lose else ():
        own = one.labels == label
        known = min(np.mean(said[own].argmax(axis=1) == label) for said in (one.before, one.after))
        if known < TOLD_APART:
            continue
        each = _wrong(one.labels, one.before, one.after_changed, label)
        on_own = np.mean(one.after_own[:, own].argmax(axis=2) != label)
        fraction, low = _share(each)
        if fraction >= _LOST and low >= _LOST / 2 and on_own >= _LOST_OWN:
            wrong = one.after_changed.argmax(axis=2) != label
            score = np.where(wrong, -one.after_changed[:, :, label], -np.inf)
            examples = _examples(one, label, score)
            found.append(Change(label, None, fraction, low, examples))
    return found


def _examples(one: Evidence, label: int, score: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Of the images of a class the clearest four by (V, N) scores, each once."""
    score = np.where(one.labels == label, score, -np.inf)
    version = score.argmax(axis=0)
    best = score.max(axis=0)
    order = [row for row in np.argsort(-best, kind="stable")[:4] if np.isfinite(best[row])]
    return tuple((int(row), int(version[row])) for row in order)


def _share(each: np.ndarray) -> tuple[float, float]:
    """The mean of many images, and the lower end of its 95 % interval, at least 0."""
    mean = float(each.mean())
    spread = float(each.std(ddof=1)) / len(each) ** 0.5
    return max(0.0, mean), max(0.0, mean - _Z * spread)
