"""What the losses of short tests say of the learning rate, or why they can't tell."""

import math
import statistics
from collections.abc import Sequence

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.records.lr_test import LrTestOutcome, RatePoint
from cnnlab.domain.words import listed
from cnnlab.training.lr_test.reading import smoothed, suggested_rate

LEAST_IMAGES = 16
"""With fewer training images the loss falls to nothing within a test: it learns them by heart."""

MOST_APART = 10.0
"""Factor between the largest and the smallest rate that tests may say: beyond it not even the
decade is sure."""


def conclude(
    config: RunConfig, rates: Sequence[float], tests: Sequence[Sequence[float]], images: int
) -> LrTestOutcome:
    """Say what the tests suggest.

    Args:
        config: of the run.
        rates: of all steps, rising.
        tests: the losses of each test, as far as it came; only a last one may not be finite.
        images: how many trained.
    """
    suggestions = [suggested_rate(losses, rates) for losses in tests]
    found = [rate for rate in suggestions if rate is not None]
    problem = _problem(config, rates, tests, found)
    suggestion = None if problem else _rounded(statistics.median(found))
    words = problem or (
        f"The {_number(len(found))} tests suggest {_listed(found)}; their median is {suggestion:g}."
    )
    return {
        "suggestion": suggestion,
        "suggestions": [rate and _rounded(rate) for rate in suggestions],
        "curve": _curve(rates, [smoothed(losses, len(rates)).values for losses in tests]),
        "words": words,
        "steps": len(rates),
        "images": images,
    }


def too_few(config: RunConfig, images: int) -> LrTestOutcome:
    """That no test was made, because so few images train."""
    words = (
        f"A learning-rate test needs {LEAST_IMAGES} training images or more, and the dataset has "
        f"{images} with split.validation at {config.split.validation:g}: add images, lower that "
        f"share, or {_take_usual(config)}."
    )
    return {
        "suggestion": None,
        "suggestions": [],
        "curve": [],
        "words": words,
        "steps": 0,
        "images": images,
    }


def _problem(
    config: RunConfig,
    rates: Sequence[float],
    tests: Sequence[Sequence[float]],
    found: Sequence[float],
) -> str:
    """Why the tests can't tell, in a sentence with what to do; empty where they can."""
    if not all(math.isfinite(losses[0]) for losses in tests):
        return (
            "The loss isn't finite at the first step, before any learning rate has acted: "
            f"{_against_infinity(config)}."
        )
    if len(found) < len(tests):
        return (
            f"The loss falls in {len(found)} of {len(tests)} tests with learning rates from "
            f"{rates[0]:g} to {rates[-1]:g}, so they can't tell: see whether the labels are right, "
            f"take another architecture.preset or less regularization, or {_take_usual(config)}."
        )
    if max(found) > MOST_APART * min(found):
        return (
            f"The tests disagree by more than a factor of {MOST_APART:g}, so they can't tell: they "
            f"suggest {_listed(found)}. Raise training.batch_size (now "
            f"{config.training.images_per_step}), which makes losses steadier, or "
            f"{_take_usual(config)}."
        )
    return ""


def _against_infinity(config: RunConfig) -> str:
    if config.training.precision == "mixed_float16":
        return "set training.precision to float32"
    if config.architecture.pretrained:
        return "set architecture.pretrained to null, or take other weights"
    return "take another architecture.initializer, or a batch_norm layer after the first one"


def _take_usual(config: RunConfig) -> str:
    name = config.optimizer.name
    return f"leave optimizer.learning_rate at {name}'s usual {USUAL_LEARNING_RATES[name]:g}"


def _curve(rates: Sequence[float], tests: Sequence[Sequence[float]]) -> list[RatePoint]:
    """As far as the longest test came; where one has ended the others go on."""
    points: list[RatePoint] = []
    for step, rate in enumerate(rates[: max(map(len, tests))]):
        losses = [values[step] if step < len(values) else None for values in tests]
        there = [loss for loss in losses if loss is not None]
        median = statistics.median(there) if 2 * len(there) > len(losses) else None
        points.append({"learning_rate": rate, "loss": median, "losses": losses})
    return points


def _rounded(rate: float) -> float:
    """To two digits: more would claim a precision that isn't there."""
    return float(f"{rate:.2g}")


def _listed(rates: Sequence[float]) -> str:
    return listed([f"{_rounded(rate):g}" for rate in rates])


def _number(count: int) -> str:
    return {3: "three"}.get(count, str(count))
