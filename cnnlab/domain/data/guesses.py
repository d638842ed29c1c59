"""What the probabilities of one picture say: the most probable classes, calibrated where known."""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.records.prediction import Guess
from cnnlab.domain.temperature import scaled

MOST_GUESSES = 5


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    """Labels of the five most probable classes, or all; of equal ones the earlier class first.

    Args:
        probabilities: (..., classes) float.
    """
    order: np.ndarray = np.argsort(-probabilities, axis=-1, kind="stable")
    return order[..., :MOST_GUESSES]


def guesses(
    probabilities: np.ndarray, class_names: Sequence[str], temperature: float | None
) -> list[Guess]:
    """The most probable classes of one picture, the surest first.

    Args:
        probabilities: (classes,) float32, the model's own.
        class_names: in the order of the labels.
        temperature: of the run's validation evaluation; None where none is known or helps.
    """
    calibrated = None if temperature is None else scaled(probabilities, temperature)
    return [
        {
            "class": class_names[label],
            "probability": float(probabilities[label]),
            "calibrated": None if calibrated is None else float(calibrated[label]),
        }
        for label in most_probable(probabilities)
    ]


def not_finite(run_name: str) -> str:
    """That a model gives no probabilities, in a sentence."""
    return (
        f"The model of the run {run_name!r} answers with numbers that aren't finite, so it says "
        "nothing of this picture: ask another run, or train a clone with a lower learning rate."
    )
