"""Whether a model is right less often on some images than on others."""

import numpy as np
import scipy


def fewer_right_p(right: int, images: int, others_right: int, others: int) -> float:
    """How likely so few right images, or fewer, are if there is no difference (Fisher's test).

    Exact for any number of images, whatever their common accuracy is.

    Args:
        right: of `images`, 0..images.
        images: at least 1.
        others_right: of `others`.
        others: at least 1.

    Returns:
        One-sided p value, 0..1.
    """
    wrong = images + others - right - others_right
    most = min(images, wrong)
    # Of all wrong images, so many are among `images`: hypergeometric.
    counts = np.arange(images - right, most + 1)
    logs = (
        _log_choose(wrong, counts)
        + _log_choose(right + others_right, images - counts)
        - _log_choose(images + others, np.array([images]))
    )
    return float(min(1.0, np.exp(logs).sum()))


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    found: np.ndarray = (
        scipy.special.gammaln(n + 1)
        - scipy.special.gammaln(k + 1)
        - scipy.special.gammaln(n - k + 1)
    )
    return found
