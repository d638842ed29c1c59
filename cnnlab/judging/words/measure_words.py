"""How the numbers of a judgement are said: value, interval and what each measure means."""

from collections.abc import Sequence
from typing import NamedTuple

from cnnlab.domain.records.measured import Measured
from cnnlab.domain.words import UNKNOWN, digits_alike, percent, percent_range


class Measure(NamedTuple):
    """What a measure is called and means; a share is said in percent."""

    title: str
    meaning: str
    is_share: bool = True
    unit: str = ""


_TOP = "The true class is among the {} most probable ones."

MEASURES = {
    "accuracy": Measure("Accuracy", "Share of the images whose most probable class is true."),
    "balanced_accuracy": Measure(
        "Balanced accuracy", "Mean of the classes' recalls: every class counts the same."
    ),
    "macro_f1": Measure("Macro F1", "Mean of the classes' F1: every class counts the same."),
    "cross_entropy": Measure(
        "Cross-entropy",
        "For each image: how surprised the model is by the true class. Lower is better; it counts "
        "how sure it was.",
        is_share=False,
        unit="nats",
    ),
    **{f"top_{n}": Measure(f"Top {n}", _TOP.format(n)) for n in range(2, 6)},
    "macro_precision": Measure(
        "Macro precision", "How often it is right when it says a class; mean of the classes."
    ),
    "macro_recall": Measure(
        "Macro recall", "How much of a class it finds; mean of the classes that have images."
    ),
    "weighted_precision": Measure(
        "Weighted precision", "Mean of the classes' precisions, each by how many images show it."
    ),
    "weighted_recall": Measure(
        "Weighted recall",
        "Mean of the classes' recalls, each by how many images show it: the accuracy.",
    ),
    "weighted_f1": Measure(
        "Weighted F1", "Mean of the classes' F1, each by how many images show it."
    ),
    "brier": Measure(
        "Brier score",
        "Squared distance of the probabilities from the truth, 0 to 2. Lower is better.",
        is_share=False,
    ),
    "matthews": Measure(
        "Matthews correlation",
        "Of true and said classes, −1 to 1; 0 is no better than chance, however unequal the "
        "classes are.",
        is_share=False,
    ),
    "kappa": Measure(
        "Cohen's kappa", "Agreement beyond what chance gives, up to 1; 0 is chance.", is_share=False
    ),
}  # fmt: skip
"""By the names of a judgement's `measures`, in the order of the page."""


def value_words(found: Measured, *, is_share: bool = True) -> str:
    """A measured value: `87.1 %`, `0.412`, or a dash where it isn't defined."""
    return _numbers(found, is_share=is_share)[0]


def interval_words(found: Measured, *, is_share: bool = True) -> str:
    """Its 95 % interval: `84.9 to 89.0 %`, or a dash where there is none."""
    if is_share:
        return percent_range(found["low"], found["high"])
    _, low, high = _numbers(found, is_share=is_share)
    return UNKNOWN if UNKNOWN in (low, high) else f"{low} to {high}"


def _numbers(found: Measured, *, is_share: bool) -> list[str]:
    """The value and both ends of its interval, all with the same decimals."""
    values = found["value"], found["low"], found["high"]
    if is_share:
        return [percent(value) for value in values]
    return numbers_alike(values)


def numbers_alike(values: Sequence[float | None], *, signed: bool = False) -> list[str]:
    """A value that is no share and its interval: three decimals, four where all are below 0.1."""
    return digits_alike(values, least_decimals=3, most_decimals=4, signed=signed)
