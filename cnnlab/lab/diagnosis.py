"""What the curves of a run show, in words."""

from collections.abc import Iterable, Iterator

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.diagnosis.diagnosis import Diagnosis, diagnose
from cnnlab.diagnosis.symptoms import RunFacts, Turn
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.data.class_sets import compare_class_sets
from cnnlab.domain.data.split import TRAIN, VALIDATION, limit_training
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.fixes import findings
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.runs import RunView


@asks(Action.VIEW)
def diagnose_run(view: RunView) -> list[Diagnosis]:
    """What a run's curves show, most serious first, each with one next run against it.

    Raises:
        NotFoundError: its dataset is gone.
    """
    known = facts_of(view)
    return [] if known is None else diagnose(view.history, load_config(view.run.config), known)


def facts_of(view: RunView) -> RunFacts | None:
    """What is known of a run besides its curves; None before its worker has said anything.

    Raises:
        NotFoundError: its dataset is gone.
    """
    evaluation, facts = view.result.get("report"), view.facts
    if not facts:
        return None
    config = load_config(view.run.config)
    index = open_index(view.run.dataset)
    splits = splits_of(index, config.split)
    train = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    validation = np.flatnonzero(splits == VALIDATION)
    return RunFacts(
        validation_images=facts["validation_images"],
        train_images=facts["train_images"],
        class_counts=_count(index, validation),
        macro_f1=evaluation["macro"]["f1"] if evaluation else None,
        per_class_recall=tuple(row["recall"] for row in evaluation["per_class"])
        if evaluation
        else None,
        status=str(view.run.status),
        message=view.run.message,
        copied_images=count_copies(index.copies.group, train, validation),
        clean_images=facts.get("clean_images"),
        class_sets=compare_class_sets(index.labels, splits, index.class_names),
        owns_validation=VALIDATION in index.owned,
        train_counts=_count(index, train),
        turns=tuple(_turns(config, view.turns, facts["steps_per_epoch"])),
        measures_statistics="statistics_images" in facts,
        steps_per_epoch=facts["steps_per_epoch"],
        data_remedies={one.kind: one.remedies for one in findings(view.run.dataset)},
    )


def count_copies(group: np.ndarray, train: np.ndarray, validation: np.ndarray) -> int:
    """How many of the validation images show a picture that is trained on as well.

    Args:
        group: (N,) int, number of the group of images that show one picture, -1 for none.
        train: (T,) int, positions of the images that are really trained on.
        validation: (V,) int, positions of those that judge.
    """
    shown = group[validation]
    return int(np.count_nonzero((shown >= 0) & np.isin(shown, group[train])))


def _count(index: ImageIndex, rows: np.ndarray) -> tuple[int, ...]:
    """Images of every class among these rows."""
    counts = np.bincount(index.labels[rows], minlength=len(index.class_names))
    return tuple(counts.tolist())


def _turns(config: RunConfig, turns: Iterable[DialTurn], steps: int) -> Iterator[Turn]:
    """Every dial that was turned, with what it stood at before."""
    values: dict[str, float] = {}
    for turn in turns:
        for name, after in turn.values.items():
            before = values.get(name, value_at(config, name))
            yield Turn(name, turn.step // steps + 1, float(before), float(after))
            values[name] = after
