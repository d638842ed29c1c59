"""The slide on the gap: what a network is worth on the images that trained it, and on others."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from cnnlab.documents.story.slides import GapRow, GapSlide
from cnnlab.documents.story.words import short
from cnnlab.domain.study import Study
from cnnlab.domain.words import percent, points
from cnnlab.study.measures.bands import Histories, value_of
from cnnlab.study.wording import judged_words

_EDGE = 4.0
"""Room beside the outermost dots, in percent points."""

ByArm = Mapping[str, Mapping[int, float]]


class _Apart(NamedTuple):
    """Means over the seeds of an arm, 0..1."""

    train: float
    validation: float


def gap_slide(
    study: Study, gaps: ByArm, accuracies: ByArm, histories: Mapping[str, Histories], *, so_far: str
) -> GapSlide | None:
    """Clean train and validation accuracy of each arm; None before any is known.

    It describes: no number on it is a claim.

    Args:
        study: as it was launched.
        gaps: clean train minus validation accuracy by arm and seed, of the runs that count.
        accuracies: validation accuracy, likewise.
        histories: epoch records by arm and seed; the last ones tell of an arm without such runs.
        so_far: what to say first while planned runs are missing; else empty.
    """
    rows = []
    for arm in study.arms:
        found = _judged(gaps.get(arm.name, {}), accuracies.get(arm.name, {}))
        found = found or _at_last_epochs(histories.get(arm.name, {}))
        if found is not None:
            rows.append(_row(arm.name, found))
    if not rows:
        return None
    ends = [value for row in rows for value in (row["train"], row["validation"])]
    return {
        "title": "How far training and validation are apart",
        "line": f"{so_far}Accuracy {judged_words(study)}, mean over the seeds: open on images that "
        "trained the network, filled on validation images, both with augmentation and dropout off. "
        "This describes; the verdict is about the metric that was chosen before the launch.",
        "range": [max(0.0, min(ends) - _EDGE), min(100.0, max(ends) + _EDGE)],
        "rows": rows,
    }


def _judged(gaps: Mapping[int, float], accuracies: Mapping[int, float]) -> _Apart | None:
    seeds = sorted(gaps.keys() & accuracies.keys())
    if not seeds:
        return None
    validation = math.fsum(accuracies[seed] for seed in seeds) / len(seeds)
    return _Apart(validation + math.fsum(gaps[seed] for seed in seeds) / len(seeds), validation)


def _at_last_epochs(histories: Histories) -> _Apart | None:
    last = [records[-1] for records in histories.values() if records]
    sides = [
        [value_of(record, metric) for record in last]
        for metric in ("clean_accuracy", "val_accuracy")
    ]
    if not last or not all(map(math.isfinite, sum(sides, []))):
        return None
    train, validation = (math.fsum(side) / len(side) for side in sides)
    return _Apart(train, validation)


def _row(arm: str, found: _Apart) -> GapRow:
    gap = found.train - found.validation
    return {
        "arm": arm,
        "label": short(arm),
        "train": round(100 * found.train, 2),
        "validation": round(100 * found.validation, 2),
        "words": f"{points(gap)} apart ({percent(found.train)} and {percent(found.validation)})",
    }
