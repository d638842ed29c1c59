"""A judgement: everything that is measured of a model on one part of its dataset."""

import time
from collections.abc import Sequence

import numpy as np

from cnnlab.domain.metrics import confusion_matrix, cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Judgement, Suspect
from cnnlab.domain.records.result import TopLoss
from cnnlab.judging.calibration import calibrate, calibration_error, reliability_bins
from cnnlab.judging.classes import judge_classes
from cnnlab.judging.coverage import coverage_points
from cnnlab.judging.label_measures import counts_of
from cnnlab.judging.measures import all_measures
from cnnlab.judging.slices.finding import SliceSearch

TOP_LOSSES = 24
CALIBRATED_ON = "validation"
"""The part that a temperature may be fitted on: the model hasn't trained on it, and it isn't the
last one to be asked."""

NOT_SEARCHED = SliceSearch([], 0, 0)
"""What is known of slices where nobody has looked for any."""


def judge(
    predictions: Predictions,
    class_names: Sequence[str],
    *,
    split: str,
    model_epoch: int | None,
    slices: SliceSearch = NOT_SEARCHED,
    suspects: Sequence[Suspect] = (),
) -> Judgement:
    """Measure everything; the same predictions give the same numbers.

    Args:
        predictions: of all images of the part, at least one.
        class_names: in the order of the labels.
        split: `validation`, `train` or `test`.
        model_epoch: whose weights were judged, 0-based.
        slices: what a search for those on which the model is worse has found.
        suspects: labels that are probably wrong.
    """
    begun = time.process_time()
    probabilities, labels = predictions.probabilities, predictions.labels
    confusion = confusion_matrix(probabilities.argmax(axis=1), labels, len(class_names))
    counts = counts_of(confusion)
    per_class, curves = judge_classes(predictions, counts, class_names)
    bins = reliability_bins(probabilities, labels)
    is_calibrated = split == CALIBRATED_ON and len(labels) > 1
    return {
        "split": split,
        "images": len(labels),
        "classes": list(class_names),
        "model_epoch": model_epoch,
        "measures": all_measures(predictions, len(class_names)),
        "chance": float(counts.images.max() / len(labels)),
        "confusion": confusion.tolist(),
        "per_class": per_class,
        "curves": curves,
        "reliability": bins,
        "calibration_error": calibration_error(bins),
        "calibration": calibrate(probabilities, labels) if is_calibrated else None,
        "coverage": coverage_points(probabilities, labels),
        "slices": list(slices.slices),
        "slices_tried": slices.tried,
        "slices_looked_at": slices.looked_at,
        "suspects": list(suspects),
        "top_losses": top_losses(predictions, class_names),
        "missing_classes": [
            name for name, images in zip(class_names, counts.images, strict=True) if not images
        ],
        "seconds": time.process_time() - begun,
    }


def top_losses(predictions: Predictions, class_names: Sequence[str]) -> list[TopLoss]:
    """The images with the highest cross-entropy, the worst first."""
    losses = cross_entropies(predictions.probabilities, predictions.labels)
    predicted = predictions.probabilities.argmax(axis=1)
    return [
        {
            "position": int(predictions.positions[row]),
            "true": class_names[predictions.labels[row]],
            "predicted": class_names[predicted[row]],
            "probability": float(predictions.probabilities[row, predicted[row]]),
            "cross_entropy": float(losses[row]),
        }
        for row in np.argsort(-losses, kind="stable")[:TOP_LOSSES]
    ]
