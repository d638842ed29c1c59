"""Studies as they are designed, before their launch: arms, strengths or sizes, and their cost."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cnnlab.domain.arms import AUGMENTATION, BASELINE, change_words, dose_arms, worth_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.split import TRAIN
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.training import JudgedMetric
from cnnlab.domain.study import (
    MARGINS,
    USUAL_FOLDS,
    Arm,
    JudgedAt,
    Kind,
    Scope,
    Splits,
    Study,
    check_study,
    new_study_id,
)
from cnnlab.domain.words import capitalized
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.runner.executors.this_machine import SHARING_SPEED_UP, study_slots


def compare_arms(  # noqa: PLR0913 - what a study is made of
    base: RunConfig,
    arms: Sequence[Arm],
    *,
    seeds: int,
    name: str = "",
    primary: JudgedMetric = "val_accuracy",
    judged_at: JudgedAt = "mean_last",
    margin: float | None = None,
    scope: Scope = "these_images",
    watch: bool = False,
    splits: Splits = "shared",
    folds: int = USUAL_FOLDS,
    kind: Kind = Kind.COMPARE,
) -> Study:
    """A study that can be launched: arms against the first one.

    Args:
        base: with `dataset` set; its seed is the first one.
        arms: the reference first.
        seeds: how many.
        name: what to call it; default is made from the arms, and at its launch from the dataset.
        primary: what the verdicts are about.
        judged_at: where in its training a run is judged; see `Study`.
        margin: differences up to this size don't matter, in the primary metric's own units; None is
            the usual one.
        scope: what the verdicts are about.
        watch: whether the verdicts may be looked at after every seed; see `Study`.
        splits: whether all seeds have one split; see `Study`.
        folds: where `splits` is `folds`: how many.
        kind: what is asked.

    Raises:
        ConfigError: see `check_study`.
    """
    if seeds < 1:
        raise ConfigError(f"A study needs 1 seed or more. Received: {seeds}")
    now = datetime.now(UTC)
    first = base.training.seed
    study = Study(
        id=new_study_id(now, secrets.token_hex(2)),
        name=name.strip() or _describe(arms, kind),
        dataset=base.dataset,
        base=base.model_dump(mode="json"),
        arms=tuple(arms),
        seeds=tuple(range(first, first + seeds)),
        primary=primary,
        judged_at=judged_at,
        margin=MARGINS[primary][1] if margin is None else margin,
        scope=scope,
        watch=watch,
        splits=splits,
        folds=folds,
        kind=kind,
        created_at=now.isoformat(timespec="milliseconds"),
    )
    return check_study(study)


def compare_doses(
    base: RunConfig,
    field: str,
    strengths: Sequence[float],
    *,
    seeds: int,
    **options: Any,  # noqa: ANN401
) -> Study:
    """A study of one regularizer at several strengths; options as for `compare_arms`.

    Raises:
        ConfigError: see `dose_arms` and `check_study`.
    """
    arms = dose_arms(field, strengths)
    return compare_arms(base, arms, seeds=seeds, kind=Kind.DOSE, **options)


@asks(Action.VIEW)
def compare_sizes(
    base: RunConfig,
    sizes: Sequence[int],
    *,
    seeds: int,
    changes: dict[str, Any] | None = None,
    **options: Any,  # noqa: ANN401 - as for `compare_arms`
) -> Study:
    """A study of training-set sizes, each without and with a change, with equal numbers of steps.

    Args:
        base: with `dataset` set; its epochs count for the largest size.
        sizes: training images per class.
        seeds: how many.
        changes: values by dotted config field; default is the ready-made augmentation.
        options: as for `compare_arms`.

    Raises:
        ConfigError: see `check_study`.
        NotFoundError: there is no such dataset.
    """
    counts = training_images(base)
    if not sizes or min(sizes) < 1 or max(sizes) > max(counts):
        raise ConfigError(
            f"Sizes must be 1 to {max(counts)} training images a class, which the largest class "
            f"has. Received: {', '.join(map(str, sizes)) or 'none'}"
        )
    steps = {size: _steps(counts, size, base.training.images_per_step) for size in sizes}
    budget = base.training.epochs * max(steps.values())
    epochs = {size: max(1, round(budget / steps[size])) for size in sizes}
    arms = worth_arms(sizes, epochs, AUGMENTATION if changes is None else changes)
    return compare_arms(base, arms, seeds=seeds, kind=Kind.WORTH, **options)


def study_seconds(study: Study, seconds: float) -> float:
    """About how long a study takes on this machine.

    Args:
        study: one that can be launched.
        seconds: that one run of its base takes.
    """
    whole = _images_trained(study, Arm("base", {}))
    work = sum(_images_trained(study, arm) for arm in study.arms) * len(study.seeds) / whole
    return work * seconds / (SHARING_SPEED_UP if study_slots() > 1 else 1.0)


def _images_trained(study: Study, arm: Arm) -> int:
    """Training images times epochs of one run of an arm."""
    config = study.config(arm, 0)
    counts = training_images(config)
    most = config.split.images_per_class or max(counts)
    return sum(min(count, most) for count in counts) * config.training.epochs


@asks(Action.VIEW)
def training_images(config: RunConfig) -> list[int]:
    """Training images of each class in a config's split, before any limit.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: the dataset can't be split as asked.
    """
    index = open_index(config.dataset)
    training = index.labels[splits_of(index, config.split) == TRAIN]
    counts = np.bincount(training, minlength=len(index.class_names))
    return [int(count) for count in counts]


def is_unnamed(study: Study) -> bool:
    """Whether a study is called as its arms have it, since nobody named it."""
    return study.name == _describe(study.arms, study.kind)


def _describe(arms: Sequence[Arm], kind: Kind) -> str:
    """What it asks, without the number of seeds: more may be added later."""
    if kind is Kind.DOSE:
        return f"How much? {capitalized(arms[0].name)} to {arms[-1].name}"
    if kind is Kind.WORTH:
        return f"Worth how many images? {capitalized(change_words(*arms[:2]))}"
    others = [arm.name for arm in arms[1:]]
    shown = ", ".join(others[:4]) + (", ..." if len(others) > 4 else "")
    against = "" if arms[0].name == BASELINE else f" against {arms[0].name}"
    return capitalized(f"{shown}{against}")


def _steps(counts: Sequence[int], size: int, batch_size: int) -> int:
    """Steps per epoch with at most so many training images of each class."""
    return -(-sum(min(count, size) for count in counts) // batch_size)
