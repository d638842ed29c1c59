"""What a model says of the validation images after an epoch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Predictions:
    """Class probabilities of the validation images, with everything random off.

    Attributes:
        positions: (N,) int, rows of the dataset.
        labels: (N,) int, the true classes.
        probabilities: (N, classes) float32, rows sum to 1.
    """

    positions: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
