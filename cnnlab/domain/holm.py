"""Several tests at once, without more false claims than one would make."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values: claiming where one is at most alpha errs anywhere in at most alpha.

    Holds however the tests depend on each other (Holm 1979, Scand. J. Statist. 6, 65-70).

    Args:
        p_values: one for each test, 0..1.

    Returns:
        One for each in the given order, 0..1, never below its own p value.
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return [float(value) for value in np.minimum(adjusted, 1)]
