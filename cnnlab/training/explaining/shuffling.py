"""Whether a map depends on what was learnt: the same with weights in another order.

The randomization check of Adebayo et al. 2018, arXiv:1810.03292, section 3. Kernels are shuffled
within themselves, so that they keep their sizes; biases and statistics stay. Maps are compared with
their signs and without, as there.
"""

from collections.abc import Callable

import keras
import numpy as np

from cnnlab.domain.records.explanation import ShuffleCheck
from cnnlab.training.explaining.explainer import Explainer
from cnnlab.training.explaining.methods import explain

_SEED = 0x5AFE
_LEAST_DIMENSIONS = 2


def shuffle_check(
    model: keras.Model,
    explainer: Explainer,
    method: str,
    images: np.ndarray,
    after_pass: Callable[[], object],
) -> ShuffleCheck:
    """Compare maps of the class that the model says with those of the model shuffled.

    Args:
        model: made by `float32_clone`; it stays as it is.
        explainer: of that model.
        method: a key of `METHODS`.
        images: (N, H, W, C) uint8, N at least 1.
        after_pass: called after each pass through the network.

    Raises:
        RunStateError: the method can't work for this network.
    """
    labels = explainer.logits(images).argmax(axis=1)
    before = explain(explainer, method, images, labels, after_pass).values
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    _shuffle(other)
    after = explain(Explainer(other), method, images, labels, after_pass).values
    return {
        "method": method,
        "signed": mean_rank_correlation(before, after),
        "sizes": mean_rank_correlation(np.abs(before), np.abs(after)),
        "pictures": len(images),
    }


def mean_rank_correlation(maps: np.ndarray, others: np.ndarray) -> float | None:
    """Spearman's, of each map with the other one of its picture; their mean.

    Maps (N, h, w). A map that became the same everywhere agrees with none: that counts 0. None
    where no map was another before.
    """
    from scipy.stats import spearmanr  # noqa: PLC0415 - no map has to wait until that is loaded

    found = []
    for one, other in zip(maps, others, strict=True):
        if np.ptp(one) == 0:
            continue
        is_comparable = np.isfinite(other).all() and np.ptp(other) > 0
        found.append(float(spearmanr(one.ravel(), other.ravel())[0]) if is_comparable else 0.0)
    return float(np.mean(found)) if found else None


def _shuffle(model: keras.Model) -> None:
    random = np.random.default_rng(_SEED)
    for weight in model.weights:
        if len(weight.shape) >= _LEAST_DIMENSIONS:
            values = weight.numpy()
            weight.assign(random.permutation(values.ravel()).reshape(values.shape))
