"""Colours with a meaning, the same on every page; readable on light and dark backgrounds."""

TRAIN = "#7fa8d9"
CLEAN = "#2f6fd0"
VALIDATION = "#e07b16"
PENALTY = "#8a63d2"
GAP = "rgba(224,123,22,0.16)"

CURVE_COLORS = {
    "train": TRAIN,
    "clean": CLEAN,
    "validation": VALIDATION,
    "penalty": PENALTY,
    "gap": GAP,
}
