"""What the curves of a run show, in words."""

import numpy as np

from cnnlab.diagnosis.diagnosis import Diagnosis, diagnose
from cnnlab.diagnosis.symptoms import RunFacts
from cnnlab.domain.class_sets import compare_class_sets
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.split import TRAIN, VALIDATION, limit_training
from cnnlab.lab.fixes import findings
from cnnlab.lab.gallery import open_index, splits_of
from cnnlab.lab.runs import RunView

_LEAK = "leak"


def diagnose_run(view: RunView) -> list[Diagnosis]:
    """What a run's curves show, most serious first, each with one next run against it.

    Raises:
        NotFoundError: its dataset is gone.
    """
    evaluation, facts = view.result.get("report"), view.facts
    per_class = evaluation["per_class"] if evaluation else []
    if not facts:
        return []
    config = load_config(view.run.config)
    index = open_index(view.run.dataset)
    splits = splits_of(index, config.split)
    kept = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    train = np.bincount(index.labels[kept], minlength=len(index.class_names))
    known = RunFacts(
        validation_images=facts["validation_images"],
        train_images=facts["train_images"],
        class_counts=tuple(row["images"] for row in per_class),
        macro_f1=evaluation["macro"]["f1"] if evaluation else None,
        per_class_recall=tuple(row["recall"] for row in per_class) or None,
        status=str(view.run.status),
        message=view.run.message,
        copies_between_splits=any(one.kind == _LEAK for one in findings(view.run.dataset)),
        clean_images=facts.get("clean_images"),
        class_sets=compare_class_sets(index.labels, splits, index.class_names),
        owns_validation=VALIDATION in index.given_splits,
        train_counts=tuple(train.tolist()),
    )
    return diagnose(view.history, config, known)
