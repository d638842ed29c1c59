"""What the probabilities of one picture say: the most probable classes, calibrated where known."""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.records.prediction import Guess

MOST_GUESSES = 5


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities as they are with a temperature: `p ** (1 / temperature)`, scaled to sum to 1.

    Args:
        probabilities: (..., classes) float.
        temperature: above 1 the model was too sure.

    Returns:
        (..., classes) float64.
    """
    tiny = np.finfo(np.float32).tiny
    logs = np.log(np.maximum(probabilities.astype(np.float64), tiny)) / temperature
    powers = np.exp(logs - logs.max(axis=-1, keepdims=True))
    scaled: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return scaled


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
        temperature: of the run's validation evaluation; None where there is none.
    """
    scaled = None if temperature is None else calibrated(probabilities, temperature)
    return [
        {
            "class": class_names[label],
            "probability": float(probabilities[label]),
            "calibrated": None if scaled is None else float(scaled[label]),
        }
        for label in most_probable(probabilities)
    ]
