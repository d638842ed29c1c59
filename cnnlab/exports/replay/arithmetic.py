"""Means, intervals and counts from their textbook formulas, without the program's own functions.

What a report says is computed twice: by these few lines, which can be read in five minutes, and by
the program's own rules. Where they differ, one of them is wrong.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEAST_PROBABILITY = 1e-7
"""Keras takes no probability to be less, and none to be more than 1 minus it."""


@dataclass(frozen=True)
class Paired:
    """A mean difference over seeds.

    Attributes:
        mean: of the differences.
        low: lower end of Student's t interval; None below two differences.
        high: upper end, likewise.
        p: two-sided, of the paired t test, likewise.
    """

    mean: float
    low: float | None
    high: float | None
    p: float | None


def mean(values: Sequence[float]) -> float:
    """The sum divided by the number of values."""
    return math.fsum(values) / len(values)


def standard_deviation(values: Sequence[float]) -> float | None:
    """The one of a sample (divided by n - 1); None below two values."""
    if len(values) < 2:
        return None
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def paired(differences: Sequence[float], confidence: float, resolution: float) -> Paired:
    """Student's paired t test and its interval.

    Args:
        differences: arm minus reference, one for each seed.
        confidence: of the interval, 0..1.
        resolution: step of the metric, 1 / images for an accuracy: the standard deviation isn't
            taken as less than what rounding to whole images gives, resolution / sqrt(6).
    """
    middle = mean(differences)
    spread = standard_deviation(differences)
    if spread is None:
        return Paired(middle, None, None, None)
    if spread <= 1e-9 * abs(middle):
        spread = 0.0  # equal but for the last bits
    error = max(spread, resolution / math.sqrt(6)) / math.sqrt(len(differences))
    if error == 0:
        return Paired(middle, None, None, None)
    reach = float(stats.t.ppf((1 + confidence) / 2, len(differences) - 1)) * error
    p = float(2 * stats.t.sf(abs(middle) / error, len(differences) - 1))
    return Paired(middle, middle - reach, middle + reach, p)


def anchored(
    of_arm: Sequence[float],
    all_arms: Sequence[Sequence[float]],
    anchor: float,
    all_anchors: Sequence[float],
    levels: tuple[float, float],
    resolution: float,
) -> Paired:
    """The interval where all arms tell together how far luck carries each.

    Args:
        of_arm: arm minus reference, one for each seed.
        all_arms: the same of all arms.
        anchor: variance of a difference if the images flipped independently (`flips`).
        all_anchors: the same of all arms.
        levels: confidence of the interval, and the chance of any false claim, 0..1: the arm's own
            seeds must agree at this times 3 / seeds.
        resolution: see `paired`.
    """
    confidence, alpha = levels
    least, seeds, arms = resolution / math.sqrt(6), len(of_arm), len(all_arms)
    ratios = [
        max(standard_deviation(one) or 0.0, least) ** 2 / its
        for one, its in zip(all_arms, all_anchors, strict=True)
    ]
    error = math.sqrt(mean(ratios) * anchor / seeds)
    df = arms * (seeds - 1) / (1 + (arms - 1) / 4)
    reach = float(stats.t.ppf((1 + confidence) / 2, df)) * error
    own = paired(of_arm, 1 - alpha * 3 / seeds, resolution)
    middle = own.mean
    reach = max(reach, middle - own.low if own.low is not None else math.inf)
    p = max(float(2 * stats.t.sf(abs(middle) / error, df)), own.p or 0.0)
    return Paired(middle, middle - reach, middle + reach, p)


def watched(differences: Sequence[float], confidence: float, resolution: float) -> Paired:
    """The interval that may be looked at after every seed: where the e-value stays below its bound.

    Args:
        differences: arm minus reference, one for each seed.
        confidence: of the interval at all looks together, 0..1.
        resolution: see `paired`.
    """
    n, middle = len(differences), mean(differences)
    least = resolution / math.sqrt(6)
    error = max(standard_deviation(differences) or 0.0, least) / math.sqrt(n)
    share = 0.25 / (0.25 + n)
    bound = (1 / ((1 - confidence) * math.sqrt(share))) ** (2 / n)
    if error == 0 or share * bound >= 1:
        return Paired(middle, None, None, None)
    reach = math.sqrt((n - 1) * (bound - 1) / (1 - share * bound)) * error
    return Paired(middle, middle - reach, middle + reach, None)


def flips(on_images: np.ndarray) -> float:
    """Variance of a seed's mean if images flipped independently, of (seeds, images) differences."""
    images = on_images.shape[1]
    found: float = float(np.var(on_images.astype(float), axis=0, ddof=1).sum()) / (images * images)
    return found


def differences(arm: Mapping[int, float], reference: Mapping[int, float]) -> list[float]:
    """Arm minus reference with each seed that both have."""
    return [arm[seed] - reference[seed] for seed in sorted(arm.keys() & reference.keys())]


def best_epoch(accuracies: Sequence[float], cross_entropies: Sequence[float]) -> int:
    """0-based: the highest accuracy, then the lowest cross-entropy, then the earliest."""
    ranks = [
        (-accuracy, loss, number)
        for number, (accuracy, loss) in enumerate(zip(accuracies, cross_entropies, strict=True))
    ]
    return min(ranks)[2]


def confusion(predicted: np.ndarray, labels: np.ndarray, classes: int) -> list[list[int]]:
    """Counts; a row is a true class, a column a predicted one."""
    counts = np.zeros((classes, classes), int)
    for true, said in zip(labels.tolist(), predicted.tolist(), strict=True):
        counts[true, said] += 1
    found: list[list[int]] = counts.tolist()
    return found


def scores(counts: Sequence[Sequence[int]], one: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of a class; 0 where they would be 0 / 0."""
    right = counts[one][one]
    said, there = sum(row[one] for row in counts), sum(counts[one])
    precision, recall = right / said if said else 0.0, right / there if there else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> float:
    """Expected calibration error over so many equal bins of confidence (Guo et al. 2017)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    error = 0.0
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = (confidence > low) & (confidence <= high)
        error += abs(float(right[inside].sum()) - float(confidence[inside].sum()))
    return error / len(labels)
