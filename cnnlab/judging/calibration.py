"""Whether confidence is true: bins of like confidence, and a temperature that makes it truer."""

import numpy as np

from cnnlab.domain.data.folds import draw_folds
from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.records.judgement import Calibration, ReliabilityBin
from cnnlab.domain.temperature import logits_of, scaled
from cnnlab.judging.intervals.shares import wilson
from cnnlab.judging.means import mean_with_interval

MOST_BINS = 10
_FEWEST_IN_BIN = 10
_LEAST_TEMPERATURE = 0.2
_GREATEST_TEMPERATURE = 100.0
_AT_BOUND = 1.01
"""The search ends so near to a bound at best where the loss falls all the way to it."""
_FOLDS = 5
"""A fit on four fifths has nearly all mistakes, which are what decides, and costs little."""
_DRAW = 0xCA11B
"""Makes the draw of the folds independent of others."""


def reliability_bins(probabilities: np.ndarray, labels: np.ndarray) -> list[ReliabilityBin]:
    """Bins of equally many images, the least sure first (Nixon et al. 2019, arXiv:1904.01685).

    At most ten, of at least ten images where there are so many. Images of equal confidence are in
    one bin, whatever their order: where many are equal the bins are fewer and unequal.

    Args:
        probabilities: (N, classes) float, rows sum to 1, N at least 1.
        labels: (N,) int.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    bins = int(np.clip(len(labels) // _FEWEST_IN_BIN, 1, MOST_BINS))
    edges = np.round(np.linspace(0, len(labels), bins + 1)[1:-1]).astype(np.int64)
    # An edge between equal ones moves to the end of them.
    edges = np.searchsorted(confidence, confidence[edges - 1], side="right")
    edges = np.unique(np.concatenate([[0], edges, [len(labels)]]))
    return [
        {
            "low": float(confidence[start]),
            "high": float(confidence[end - 1]),
            "images": int(end - start),
            "confidence": float(confidence[start:end].mean(dtype=np.float64)),
            "accuracy": wilson(int(right[start:end].sum()), int(end - start)),
        }
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def calibration_error(bins: list[ReliabilityBin]) -> float:
    """Mean over the images of |accuracy - confidence| of their bin, 0..1.

    Of a perfectly calibrated model too it is above 0 on few images (Kumar et al. 2019,
    arXiv:1909.10155): compare it on the same images only.
    """
    images = sum(found["images"] for found in bins)
    gaps = (
        found["images"] * abs((found["accuracy"]["value"] or 0.0) - found["confidence"])
        for found in bins
    )
    return sum(gaps) / images


def fitted_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of the least cross-entropy, 0.2..100 (Guo et al. 2017, arXiv:1706.04599).

    1 where none is better, or where these images don't determine one: where all are right, less
    always is better, and where the model knows nothing, more; the bound would be taken for a
    finding.

    Args:
        probabilities: (N, classes) float, rows sum to 1, N at least 1.
        labels: (N,) int.
    """
    logits = logits_of(probabilities)
    # Below 0 all, so that their exponential stays finite.
    logits -= logits.max(axis=1, keepdims=True)
    own = logits[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        scaled_logits = logits * np.exp(-log_temperature)
        sums = np.exp(scaled_logits).sum(axis=1)
        return float(np.mean(np.log(sums)) - np.mean(own) * np.exp(-log_temperature))

    bounds = (np.log(_LEAST_TEMPERATURE), np.log(_GREATEST_TEMPERATURE))
    from scipy import optimize  # noqa: PLC0415 - 15 MB that most servers never need

    found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    temperature = float(np.exp(found.x))
    is_inside = _LEAST_TEMPERATURE * _AT_BOUND < temperature < _GREATEST_TEMPERATURE / _AT_BOUND
    return temperature if is_inside and found.fun < loss(0.0) else 1.0


def calibrate(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """The temperature, and what it gains on images that it wasn't fitted on.

    None (1) where one of the fits behind that gain finds none: a fifth of the images left as it is
    would tell of a mixture that nobody can apply.

    Args:
        probabilities: (N, classes) float, rows sum to 1, N at least 2.
        labels: (N,) int.
    """
    temperature = fitted_temperature(probabilities, labels)
    cross_fitted = None if temperature == 1 else _cross_fitted(probabilities, labels)
    if cross_fitted is None:
        temperature, cross_fitted = 1.0, probabilities
    before, after = (cross_entropies(found, labels) for found in (probabilities, cross_fitted))
    gained = before - after
    gain = mean_with_interval(gained, labels, float(gained.min()), float(gained.max()))
    return {
        "temperature": temperature,
        "cross_entropy": float(before.mean()),
        "cross_entropy_scaled": float(after.mean()),
        "error": calibration_error(reliability_bins(probabilities, labels)),
        "error_scaled": calibration_error(reliability_bins(cross_fitted, labels)),
        "helps": temperature != 1 and gain["low"] is not None and gain["low"] > 0,
        "gain": gain,
    }


def _cross_fitted(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray | None:
    """Each fifth scaled by what was fitted on the others; None where these don't determine it."""
    folds = draw_folds(labels, np.arange(len(labels)), _FOLDS, seed=0, purpose=_DRAW)
    found = np.empty(probabilities.shape, np.float64)
    for fold in np.unique(folds):
        here = folds == fold
        temperature = fitted_temperature(probabilities[~here], labels[~here])
        if temperature == 1:
            return None
        found[here] = scaled(probabilities[here], temperature)
    return found
