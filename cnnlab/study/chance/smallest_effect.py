"""The smallest difference that a planned study would find in most cases."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import scipy

from cnnlab.study.chance.looks import ALPHA
from cnnlab.study.chance.paired import FEWEST_PAIRS, spread_of
from cnnlab.study.chance.seeds_to_go import POWER
from cnnlab.study.wording import Metric

LIKELY = 0.8
"""That the true spread lies in its interval."""
_LEAST_FLIPPED, _MOST_FLIPPED = 0.05, 0.2
_LEAST_RATIO, _MOST_RATIO = 1.3, 3.5


class Source(StrEnum):
    """What is known of how much runs differ from seed to seed."""

    SIMILAR = "similar"
    """Runs of studies of this dataset with about the same settings."""
    OTHER = "other"
    """Runs of studies of this dataset with other settings."""
    TYPICAL = "typical"
    """The number of validation images alone."""


@dataclass(frozen=True)
class Spread:
    """By how much paired differences vary from seed to seed.

    Attributes:
        sd: standard deviation, in the metric's own units.
        df: degrees of freedom that it is known with.
        pairs: of runs that told it.
    """

    sd: float
    df: int
    pairs: int = 0

    @property
    def likely(self) -> tuple[float, float]:
        """The 80 % interval of the true one, for differences that vary normally (chi square)."""
        tail = (1 - LIKELY) / 2
        return tuple(  # type: ignore[return-value]
            self.sd * math.sqrt(self.df / float(scipy.special.chdtri(self.df, above)))
            for above in (tail, 1 - tail)
        )


@dataclass(frozen=True)
class SmallestEffect:
    """A difference that a study finds with a probability of .8, in the metric's own units.

    Attributes:
        effect: by the spread as it was found; None where all is a typical range.
        low: by the least spread that is likely, or typical.
        high: by the largest.
    """

    effect: float | None
    low: float
    high: float


def pooled_spread(arms: Iterable[Sequence[float]], *, resolution: float = 0.0) -> Spread | None:
    """The spread of differences over several arms, their means apart; None where nothing is known.

    Args:
        arms: differences by seed of each arm.
        resolution: smallest step of the metric, see `paired_estimate`.
    """
    known = [list(differences) for differences in arms if len(differences) > 1]
    df = sum(len(differences) - 1 for differences in known)
    squares = math.fsum(
        (len(differences) - 1) * spread_of(differences, resolution) ** 2 for differences in known
    )
    pairs = sum(map(len, known))
    return Spread(math.sqrt(squares / df), df, pairs) if squares else None


def effect_found(sd: float, seeds: int, arms: int) -> float | None:
    """The smallest true difference that a paired t test of one arm finds with probability .8.

    At the strictest level that Holm's procedure may ask of it, .05 / (arms - 1), by the non-central
    t (Cohen 1988, section 2.3): what the study's own rules find is at most as large. That holds for
    claims about these images that are looked at once; claims about new images rest on the images
    too, and a watched study on another test.

    Args:
        sd: of the paired differences, above 0.
        seeds: of the study.
        arms: of the study, the reference among them.

    Returns:
        In the units of `sd`; None below three seeds, which claim nothing.
    """
    if seeds < FEWEST_PAIRS:
        return None
    needed = scipy.special.stdtrit(seeds - 1, 1 - ALPHA / max(1, arms - 1) / 2)
    shift = float(scipy.special.nctdtrinc(seeds - 1, 1 - POWER, needed))
    return shift * sd / math.sqrt(seeds)


def smallest_effect(spread: Spread, seeds: int, arms: int) -> SmallestEffect | None:
    """What a study would find, by the spread of earlier runs; None below three seeds."""
    low, high = (effect_found(sd, seeds, arms) for sd in spread.likely)
    found = effect_found(spread.sd, seeds, arms)
    return None if low is None or high is None else SmallestEffect(found, low, high)


def typical_effect(images: int, seeds: int, arms: int) -> SmallestEffect | None:
    """What a study of accuracies may find, where nothing is known of its runs.

    It is taken for granted that two runs tell 5 to 20 % of the validation images differently. The
    variance of the difference of their accuracies is then 1.3 to 3.5 times what it were if each
    image fell by itself: measured on seven arms and 48 seeds of small nets on two sets.

    Args:
        images: that validate, at least 1.
        seeds: of the study.
        arms: of the study, the reference among them.
    """
    low, high = (
        effect_found(math.sqrt(ratio * flipped / images), seeds, arms)
        for ratio, flipped in ((_LEAST_RATIO, _LEAST_FLIPPED), (_MOST_RATIO, _MOST_FLIPPED))
    )
    return None if low is None or high is None else SmallestEffect(None, low, high)


def effect_words(found: SmallestEffect | None, metric: Metric) -> str:
    """A short 'from 2.1 points up (1.6 to 3.2)'; a dash where nothing that can be is found.

    Args:
        found: from `smallest_effect` or `typical_effect`.
        metric: whose differences they are.
    """
    if found is None or found.low > metric.furthest:
        return "–"
    low, high = (_amount(value, metric) for value in (found.low, min(found.high, metric.furthest)))
    if found.effect is None or found.effect > metric.furthest:
        return f"{low} to {high} {metric.unit}"
    return f"{_amount(found.effect, metric)} {metric.unit} ({low} to {high})"


def _amount(value: float, metric: Metric) -> str:
    return f"{metric.scale * value:.{metric.decimals}f}"


def source_words(source: Source, runs: int, images: int, metric: Metric) -> str:
    """What the smallest effect rests on, in a sentence or two.

    Args:
        source: of the spread.
        runs: pairs of runs that told it.
        images: that validate.
        metric: whose differences they are.
    """
    if source is Source.SIMILAR:
        return (
            f"By {runs} earlier pairs of runs of this dataset with such settings; in brackets for "
            "the least and the largest spread that is likely (80 %)."
        )
    if source is Source.OTHER:
        return (
            f"By {runs} earlier pairs of runs of this dataset with other settings, so it is a hint "
            "only; in brackets for the least and the largest spread that is likely (80 %)."
        )
    if metric.name != "val_accuracy":
        return "Unknown: no study of this dataset has told yet how much its runs vary."
    return (
        "Unknown for this dataset: the range is what would be usual where two runs tell 5 to 20 % "
        f"of the {images:,} validation images differently."
    )
