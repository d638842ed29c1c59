"""Colours with a meaning, the same on every page; readable on light and dark backgrounds."""

from typing import TypedDict

from cnnlab.figures.traces import Style

TRAIN = "#7fa8d9"
CLEAN = "#2f6fd0"
VALIDATION = "#e07b16"
TEST = "#2a9d5c"
PENALTY = "#8a63d2"
GAP = "rgba(224,123,22,0.16)"

CLASS_COLORS = ("#2f6fd0", "#e07b16", "#2a9d5c", "#d6447a", "#8a63d2")
"""Of the classes that tell most; more than these wouldn't be told apart by their colours."""

OTHER_CLASSES = "#8a94a6"


class CurveColors(TypedDict):
    """The colour of each meaning in the charts of a run."""

    train: str
    clean: str
    validation: str
    penalty: str
    gap: str


CURVE_COLORS: CurveColors = {
    "train": TRAIN,
    "clean": CLEAN,
    "validation": VALIDATION,
    "penalty": PENALTY,
    "gap": GAP,
}

PART_STYLES = {
    "train": Style(CLEAN, "solid"),
    "validation": Style(VALIDATION, "dash"),
    "test": Style(TEST, "dashdot"),
}
"""How a curve is drawn that was measured on a part of the dataset."""
