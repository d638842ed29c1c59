"""Worth in images: how many more images would do what a change does.

Accuracy is drawn against the number of training images, without and with the change. The horizontal
distance between the curves is what the change is worth at a size.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cnnlab.domain.study import Study
from cnnlab.study.chance.guards import collapsed
from cnnlab.study.chance.paired import FEWEST_PAIRS, paired_interval
from cnnlab.study.verdicts import METRICS, Metric, never_far

CONFIDENCE = 0.95
_GRID = 200
_DRAWN = 60
_ROUNDING = 1e-9
_SIZE, _EPOCHS = "split.images_per_class", "training.epochs"
Values = Mapping[int, float]


class Side(StrEnum):
    """Where the number of images lies that does as well without the change."""

    BELOW = "below"
    WITHIN = "within"
    BEYOND = "beyond"


@dataclass(frozen=True)
class SizePoint:
    """What one size gave.

    Attributes:
        size: training images per class that were asked for.
        total: training images in all.
        values: the metric by seed, finite.
        mean: over the seeds.
        low: lower end of the 95 % t interval of the mean; None with one seed, and while planned
            runs are missing.
        high: upper end, likewise.
    """

    size: int
    total: int
    values: dict[int, float]
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Worth:
    """What the change is worth at one size; numbers of images are in all, not per class.

    Attributes:
        size: training images per class, with the change.
        total: training images in all, with the change.
        level: mean of the metric with the change.
        side: where `equal` lies among the sizes that were tried without the change.
        equal: images that do as well without it; None where no size tried does.
        equal_size: the same per class.
        low: lower end of the interval of `equal`; None where it lies below every size tried,
            below three seeds, and where nothing may be told.
        high: upper end; None where it lies above every size tried, and likewise.
        seeds: how many it rests on.
        told: whether the change is provably worth something (or costs something) at this size.
    """

    size: int
    total: int
    level: float
    side: Side
    equal: float | None
    equal_size: float | None
    low: float | None
    high: float | None
    seeds: int
    told: bool

    @property
    def images(self) -> float | None:
        """How many images it is worth; negative where it costs some."""
        return None if self.equal is None else self.equal - self.total


@dataclass(frozen=True)
class WorthInImages:
    """Both curves and the distances between them.

    Attributes:
        plain: without the change, by rising size.
        changed: with it, likewise.
        found: the distances, by rising size; empty where they can't be read.
        metric: what is measured.
        curve: images and levels of the curve without the change that distances are read off.
        is_open: whether planned runs are missing, so that nothing is told yet.
        why_not: why nothing is told of runs that have ended, as half a sentence; empty for no
            reason against it.
        confidence: of the intervals of the distances, 0..1.
    """

    plain: list[SizePoint]
    changed: list[SizePoint]
    found: list[Worth]
    metric: Metric
    curve: list[tuple[float, float]]
    is_open: bool = False
    why_not: str = ""
    confidence: float = CONFIDENCE

    @property
    def headline(self) -> Worth | None:
        """The distance to be told: at the least size at which it lies within the sizes tried."""
        within = [worth for worth in self.found if worth.side is Side.WITHIN]
        return next(iter(within or self.found), None)

    @property
    def largest(self) -> int:
        """Images in the largest set tried without the change."""
        return self.plain[-1].total


def sizes_of(study: Study) -> dict[str, tuple[int, bool]]:
    """Images per class of each arm that sets them, and whether it changes anything else."""
    return {
        arm.name: (arm.changes[_SIZE], bool(arm.changes.keys() - {_SIZE, _EPOCHS}))
        for arm in study.arms
        if arm.changes.get(_SIZE)
    }


def worth_in_images(
    plain: Mapping[int, Values],
    changed: Mapping[int, Values],
    totals: Mapping[int, int],
    metric: Metric = METRICS["val_accuracy"],
    *,
    resolution: float = 0.0,
    alpha: float = 1 - CONFIDENCE,
) -> WorthInImages | None:
    """Read off how many images without the change do as well as each size with it.

    Without the change the mean curve is made monotone (isotonic regression) and drawn through the
    sizes over the logarithm of the images, monotone and smooth (PCHIP, Fritsch and Carlson 1980): a
    curve of accuracy bends down, and straight lines, which lie below it, would put the distance up
    to a fifth too high. On a level stretch the fewest images count. The distance is as often too
    high as too low; its mean over many studies is a little high, for it can't be as far below the
    truth as above. The interval holds the sizes at which a paired t test over the seeds doesn't
    tell the change from the curve of the same seed: so it is as wide as few seeds demand, and may
    leave the range. Nothing is told where the runs that finished may be the lucky ones, or where a
    seed lies far off the others (`guards.collapsed`).

    Args:
        plain: the metric by images per class and seed, without the change.
        changed: the same with it.
        totals: training images in all, by images per class (a class may have fewer than asked).
        metric: one of `METRICS`, with a better side.
        resolution: smallest step of the metric: 1 / validation images for accuracy, 0 for none.
        alpha: accepted probability of any false claim, 0..1; shared out equally over the sizes
            with the change (Bonferroni), whose intervals are the wider for it.

    Returns:
        None below two sizes without the change. No distance is found where the curve without the
        change isn't shown to rise, or where a size has no seed in common with it.
    """
    without = _points(plain, totals, resolution)
    if len(without) < 2 or metric.higher_is_better is None:
        return None
    points = _points(changed, totals, resolution)
    confidence = 1 - alpha / max(1, len(points))
    sign = 1 if metric.higher_is_better else -1
    reading = _Reading(without, sign, resolution, confidence)
    found = [worth for point in points if (worth := reading.at(point)) is not None]
    logs = np.log([point.total for point in without])
    drawn = _MeanCurve(logs, sign * np.array([point.mean for point in without])).sampled()
    curve = [(math.exp(log), sign * level) for log, level in drawn]
    why_not = _may_be_luck(without, points, metric)
    if why_not:
        found = [_untold(worth) for worth in found]
    return WorthInImages(
        without, points, found, metric, curve, why_not=why_not, confidence=confidence
    )


def worth_so_far(found: WorthInImages) -> WorthInImages:
    """The means alone, while planned runs are missing.

    Whoever looks again and again would be told something by luck.
    """
    plain, changed = (
        [replace(point, low=None, high=None) for point in of_side]
        for of_side in (found.plain, found.changed)
    )
    untold = [_untold(worth) for worth in found.found]
    return replace(found, plain=plain, changed=changed, found=untold, is_open=True, why_not="")


def _untold(worth: Worth) -> Worth:
    return replace(worth, low=None, high=None, told=False)


def _may_be_luck(plain: Sequence[SizePoint], changed: Sequence[SizePoint], metric: Metric) -> str:
    """Why what is found isn't told; empty where it may be."""
    counts = {len(point.values) for point in (*plain, *changed)}
    if len(counts) > 1:
        return (
            "of some sizes fewer runs have finished than of others, and those that did may be the "
            "lucky ones"
        )
    before = {point.total: point.values for point in plain}
    steps = [(one.values, other.values) for one, other in itertools.pairwise(plain)]
    steps += [(before[one.total], one.values) for one in changed if one.total in before]
    rows = [
        [after[seed] - values[seed] for seed in sorted(values.keys() & after.keys())]
        for values, after in steps
    ]
    far = max(map(len, collapsed(rows, never_far(metric))), default=0)
    if not far:
        return ""
    lies = "seed lies" if far == 1 else "seeds lie"
    return f"{far} {lies} far off the others, and how often that happens decides"


def _points(
    values: Mapping[int, Values], totals: Mapping[int, int], resolution: float
) -> list[SizePoint]:
    points: dict[int, SizePoint] = {}
    for size in sorted(values):
        finite = {seed: value for seed, value in values[size].items() if math.isfinite(value)}
        found = paired_interval(list(finite.values()), CONFIDENCE, resolution=resolution)
        if found.mean is not None and totals[size] not in points:
            points[totals[size]] = SizePoint(
                size, totals[size], finite, found.mean, found.low, found.high
            )
    return sorted(points.values(), key=lambda point: point.total)


class _Reading:
    """Reads distances off the curve without the change; a higher level is better in here."""

    def __init__(
        self, plain: Sequence[SizePoint], sign: int, resolution: float, confidence: float
    ) -> None:
        self._plain, self._sign, self._resolution = plain, sign, resolution
        self._confidence = confidence
        self._logs = np.log([point.total for point in plain])
        self._sizes = np.log([point.size for point in plain])
        self._shared = set.intersection(*(set(point.values) for point in plain))

    def at(self, point: SizePoint) -> Worth | None:
        seeds = sorted(self._shared & point.values.keys())
        if not seeds or not self._rises(seeds):
            return None
        levels = self._sign * np.array([point.values[seed] for seed in seeds])
        curves = self._curves(seeds)
        mean = _MeanCurve(self._logs, curves.mean(axis=0))
        side, place = mean.reached(float(levels.mean()))
        grid = np.linspace(self._logs[0], self._logs[-1], _GRID)
        grid = np.unique([*grid, *self._logs, *([] if place is None else [place])])
        lines = np.array([np.interp(grid, self._logs, curve) for curve in curves])
        differences = levels[:, None] - (lines + mean.above_lines(grid))
        low, high, told = self._interval(differences, grid, side, place, math.log(point.total))
        equal = None if place is None else math.exp(place)
        per_class = None if place is None else math.exp(np.interp(place, self._logs, self._sizes))
        level = self._sign * float(levels.mean())
        return Worth(
            point.size, point.total, level, side, equal, per_class, low, high, len(seeds), told
        )

    def _curves(self, seeds: Sequence[int]) -> np.ndarray:
        """(seeds, sizes) of the metric without the change."""
        return self._sign * np.array(
            [[point.values[seed] for point in self._plain] for seed in seeds]
        )

    def _rises(self, seeds: Sequence[int]) -> bool:
        curves = self._curves(seeds)
        rise = (curves[:, -1] - curves[:, 0]).tolist()
        found = paired_interval(rise, CONFIDENCE, resolution=self._resolution)
        if len(seeds) < FEWEST_PAIRS or found.low is None:
            return found.mean is not None and found.mean > 0
        return found.low > 0

    def _interval(
        self,
        differences: np.ndarray,
        grid: np.ndarray,
        side: Side,
        place: float | None,
        own: float,
    ) -> tuple[float | None, float | None, bool]:
        """Ends of the interval in images, and whether it leaves out the size itself.

        Args:
            differences: (seeds, G), how much better the change is than each size of the grid.
            grid: (G,) rising logarithms of images.
            side: where the distance lies.
            place: logarithm of the images that do as well, where some do.
            own: logarithm of the images with the change.
        """
        if len(differences) < FEWEST_PAIRS:
            return None, None, False
        open_to = [self._is_open(column) for column in differences.T]
        if not any(open_to):
            return self._none_alike(differences, grid, place)
        first, last = open_to.index(True), len(grid) - 1 - open_to[::-1].index(True)
        if place is not None:
            at = int(np.searchsorted(grid, place))
            first, last = min(first, at), max(last, at)
        low = -math.inf if first == 0 or side is Side.BELOW else float(grid[first])
        high = math.inf if last == len(grid) - 1 or side is Side.BEYOND else float(grid[last])
        return _images(low), _images(high), not low <= own <= high

    def _is_open(self, differences: np.ndarray) -> bool:
        """Whether the seeds don't tell two levels apart."""
        found = paired_interval(differences.tolist(), self._confidence, resolution=self._resolution)
        return found.low is None or found.high is None or found.low <= 0 <= found.high

    def _none_alike(
        self, differences: np.ndarray, grid: np.ndarray, place: float | None
    ) -> tuple[float | None, float | None, bool]:
        """The interval where every size on the grid is told apart from the change."""
        if place is not None:
            return math.exp(place), math.exp(place), True
        if differences.mean() > 0:
            return math.exp(grid[-1]), None, True
        return None, math.exp(grid[0]), True


class _MeanCurve:
    """The mean level over the logarithm of the images, without the change; it never falls."""

    def __init__(self, logs: np.ndarray, mean: np.ndarray) -> None:
        from scipy.interpolate import PchipInterpolator  # noqa: PLC0415 - 20 MB, rarely needed
        from scipy.optimize import isotonic_regression  # noqa: PLC0415

        self._logs, self._levels = logs, isotonic_regression(mean).x
        self._smooth = PchipInterpolator(logs, self._levels)

    def above_lines(self, logs: np.ndarray) -> np.ndarray:
        """How much higher it is, between sizes, than straight lines from size to size.

        The curve of each seed is taken to bend as the mean does: one alone is mostly noise.
        """
        above: np.ndarray = self._smooth(logs) - np.interp(logs, self._logs, self._levels)
        return above

    def sampled(self) -> list[tuple[float, float]]:
        """Logarithms and levels, close enough to be drawn."""
        logs = np.union1d(np.linspace(self._logs[0], self._logs[-1], _DRAWN), self._logs)
        return list(zip(logs.tolist(), self._smooth(logs).tolist(), strict=True))

    def reached(self, level: float) -> tuple[Side, float | None]:
        """Logarithm of the fewest images that reach a level."""
        if level > self._levels[-1]:
            return Side.BEYOND, None
        if level < self._levels[0]:
            return Side.BELOW, None
        # Pooling leaves rounding errors, which mustn't cost a whole level stretch.
        after = int(np.searchsorted(self._levels, level - _ROUNDING, side="left"))
        if after == 0:
            return Side.WITHIN, float(self._logs[0])
        steps = np.linspace(self._logs[after - 1], self._logs[after], _GRID)
        return Side.WITHIN, float(np.interp(level, self._smooth(steps), steps))


def _images(log: float) -> float | None:
    return None if math.isinf(log) else math.exp(log)
