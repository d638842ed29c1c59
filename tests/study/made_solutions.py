"""Measurements of solutions as a worker leaves them, made from known curves."""

import numpy as np

SHARES = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
DISTANCES = [0.1, 0.2, 0.4, 0.8]
PLACES = [round(-0.5 + 0.25 * step, 2) for step in range(9)]
SLICE_PLACES = [-1.0, 0.0, 1.0]


def whose(arm, seed):
    return {"arm": arm, "seed": seed, "run": f"{arm}-{seed}"}


def removed(curve):
    """Accuracy falls in a straight line from the first value to the second."""
    first, last = curve
    rows = [
        [first + (last - first) * share / SHARES[-1] + shift for shift in (-0.01, 0.01)]
        for share in SHARES
    ]
    return {"units": 40, "accuracy": rows, "cross_entropy": [[1.0, None] for _ in SHARES]}


def study_units(curves, *, last=None):
    """Units removed from arms.

    Args:
        curves: by arm: for each seed the accuracy without any unit removed and with nine tenths.
        last: the same for the last layers alone; None where they weren't measured.
    """
    runs = [
        {
            **whose(arm, seed),
            "epoch": 4,
            "images": 200,
            "guessing": 0.25,
            "removed": {"all": removed(curve)}
            | ({"last": removed(last[arm][seed])} if last else {}),
        }
        for arm, of_arm in curves.items()
        for seed, curve in enumerate(of_arm)
    ]
    return {"shares": SHARES, "draws": 2, "runs": runs, "left_out": [], "seconds": 12.0}


def study_landscape(widths, *, hills=None, no_line=None, norms=False):
    """Bowls around solutions.

    Args:
        widths: by arm: for each seed the distance at which the loss has risen by half a nat.
        hills: by arm, for each seed the height of the hill half way from the reference, nats.
        no_line: by arm why there is none.
        norms: whether there is batch norm.
    """
    around = [
        {
            **whose(arm, seed),
            "epoch": 4,
            "images": 100,
            "measured_norms": norms,
            "cross_entropy": 0.2,
            "rises": [0.5 * (distance / wide) ** 2 for distance in DISTANCES],
        }
        for arm, of_arm in widths.items()
        for seed, wide in enumerate(of_arm)
    ]
    lines = [
        {
            **whose(arm, seed),
            "reference": f"baseline-{seed}",
            "images": 100,
            "validation_images": 60,
            "train": [_on_line(place, height) for place in PLACES],
            "validation": [0.1 + _on_line(place, height) for place in PLACES],
        }
        for arm, of_arm in (hills or {}).items()
        for seed, height in enumerate(of_arm)
    ]
    grid = 0.2 + np.add.outer(np.square(SLICE_PLACES), np.square(SLICE_PLACES))
    slices = [{**whose(arm, 0), "cross_entropy": grid.tolist()} for arm in widths]
    return {
        "places": PLACES,
        "distances": DISTANCES,
        "directions": 3,
        "slice_places": SLICE_PLACES,
        "lines": lines,
        "widths": around,
        "slices": slices,
        "no_line": no_line or {},
        "left_out": [],
        "seconds": 30.0,
    }


def _on_line(place, height):
    """From 0.2 nats to 0.4 in a straight line, with a hill between."""
    return 0.2 + 0.2 * place + height * max(0.0, 1 - (2 * place - 1) ** 2)
