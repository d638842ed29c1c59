"""How well each class is recognized, and its curves."""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import ClassCurves, ClassJudgement
from cnnlab.domain.records.measured import Measured
from cnnlab.judging.curves import class_curves
from cnnlab.judging.intervals.ranking_intervals import average_precision_of, roc_area_of
from cnnlab.judging.intervals.shares import measured, undefined, wilson
from cnnlab.judging.label_measures import Counts
from cnnlab.judging.ranking import rank


def judge_classes(
    predictions: Predictions, counts: Counts, class_names: Sequence[str]
) -> tuple[list[ClassJudgement], list[ClassCurves]]:
    """Numbers and curves of each class, in the order of the labels.

    Args:
        predictions: of the part.
        counts: of its confusion matrix.
        class_names: in the order of the labels.
    """
    per_class: list[ClassJudgement] = []
    curves: list[ClassCurves] = []
    # A column of a matrix whose rows are images lies scattered in memory.
    by_class = np.ascontiguousarray(predictions.probabilities.T)
    for label, name in enumerate(class_names):
        ranking = rank(by_class[label], predictions.labels == label)
        hits, images = int(counts.hits[label]), int(counts.images[label])
        predicted = int(counts.predicted[label])
        per_class.append(
            {
                "class": name,
                "images": images,
                "predicted": predicted,
                "precision": wilson(hits, predicted),
                "recall": wilson(hits, images),
                "f1": f1_of(hits, images, predicted) if images else undefined(),
                "roc_area": roc_area_of(ranking),
                "average_precision": average_precision_of(ranking),
            }
        )
        curves.append(class_curves(name, ranking, len(class_names)))
    return per_class, curves


def f1_of(hits: int, images: int, predicted: int) -> Measured:
    """F1 with an interval by Wilson.

    Of the images that show the class or are taken for it, the share that does both is a share of
    images like any other, and F1 is 2 share / (1 + share).
    """
    share = wilson(hits, images + predicted - hits)
    assert share["value"] is not None and share["low"] is not None and share["high"] is not None
    value, low, high = (
        2 * end / (1 + end) for end in (share["value"], share["low"], share["high"])
    )
    return measured(value, low, high)
