"""What a temperature makes of probabilities, and whether one is worth applying."""

import numpy as np

from cnnlab.domain.records.judgement import Calibration

_LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""A probability of 0 has none that it could be scaled to: float32 knows nothing between them."""


def logits_of(probabilities: np.ndarray) -> np.ndarray:
    """Logits whose softmax gives these probabilities: (..., classes) float64, at most 0."""
    found: np.ndarray = np.log(np.maximum(probabilities.astype(np.float64), _LEAST_PROBABILITY))
    return found


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities with a temperature: p ** (1 / temperature), scaled to sum to 1.

    The class that is predicted stays the same. This is softmax(logits / temperature), but that a
    probability of 0 counts as the least that float32 knows at full precision (1e-38).

    Args:
        probabilities: (..., classes) float, that sum to 1.
        temperature: above 0; above 1 the model was too sure.

    Returns:
        (..., classes) float64.
    """
    if temperature == 1:
        return probabilities.astype(np.float64)
    logits = logits_of(probabilities) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return found


def helpful_temperature(calibration: Calibration | None) -> float | None:
    """The temperature to apply, in an export as in a prediction; None where none clearly helps.

    Args:
        calibration: of a run's judgement on its validation images; None where there is none.
    """
    if calibration is None or not calibration["helps"]:
        return None
    return calibration["temperature"]
