"""What a diagnosis looks at, and what a single rule has found in it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from cnnlab.diagnosis.curves import Curves, binomial_sd
from cnnlab.diagnosis.effective import network_layers
from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.data.class_sets import ClassSets
from cnnlab.domain.run import Status

RATE = "optimizer.learning_rate"
"""The field that a dial turns."""

Severity = Literal["good", "note", "warning", "problem"]
Evidence = Mapping[str, float]


@dataclass(frozen=True)
class Turn:
    """A dial that was turned while a run trained.

    Attributes:
        name: dotted config field.
        epoch: 1-based epoch in which it was turned.
        before: value until then.
        after: value from then on.
    """

    name: str
    epoch: int
    before: float
    after: float


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run besides its config and its history.

    Attributes:
        validation_images: number of validation images.
        train_images: number of training images.
        class_counts: validation images of every class, or empty where unknown.
        majority_share: share of the largest class, 0..1; None takes it from `class_counts`.
        macro_f1: of the final evaluation on the validation images, 0..1; None before the end.
        per_class_recall: likewise, in the order of `class_counts`.
        status: where the run stands.
        message: why it ended, as the run tells it.
        copied_images: validation images whose picture is among the training images too.
        clean_images: training images that the clean metrics rest on; None means all of them.
        least_effect: the accuracy difference that the user wants to be able to see, 0..1.
        class_sets: classes that training or validation lacks.
        owns_validation: whether the upload brought the validation images, so that no share and no
            seed of the config decides which they are.
        train_counts: training images of every class, or empty where unknown.
        turns: the dials that were turned while it trained, in order.
        measures_statistics: whether the statistics of its batch norm were measured for the weights
            before each evaluation; early versions judged by running averages.
        steps_per_epoch: weight updates; None where unknown.
        data_remedies: what buttons on the Data page offer for this dataset, by kind of finding.
    """

    validation_images: int
    train_images: int
    class_counts: tuple[int, ...] = ()
    majority_share: float | None = None
    macro_f1: float | None = None
    per_class_recall: tuple[float, ...] | None = None
    status: str = Status.FINISHED.value
    message: str | None = None
    copied_images: int = 0
    clean_images: int | None = None
    least_effect: float = 0.10
    class_sets: ClassSets = ClassSets()
    owns_validation: bool = False
    train_counts: tuple[int, ...] = ()
    turns: tuple[Turn, ...] = ()
    measures_statistics: bool = True
    steps_per_epoch: int | None = None
    data_remedies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def largest_share(self) -> float:
        """Share of the largest class among the validation images, or 0 where unknown."""
        if self.majority_share is not None:
            return self.majority_share
        total = sum(self.class_counts)
        return max(self.class_counts) / total if total else 0.0

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return Status(self.status).is_ended


@dataclass(frozen=True)
class Case:
    """A run of which enough epochs are finished.

    Attributes:
        curves: of its history.
        config: of the run.
        facts: what else is known.
    """

    curves: Curves
    config: RunConfig
    facts: RunFacts

    @cached_property
    def in_force(self) -> RunConfig:
        """The config as the dials stood at the end."""
        turned = {turn.name: turn.after for turn in self.facts.turns}
        return load_config(with_changes(self.config.model_dump(mode="json"), turned))

    @property
    def has_batch_norm(self) -> bool:
        """Whether what is judged rests on statistics of batch norm."""
        layers = network_layers(self.config)
        return any(layer.keras_class == "BatchNormalization" for layer in layers)

    @property
    def right_labels(self) -> float:
        """Share of the training labels that are right, 0..1, as far as they are wrong on purpose.

        A network that has learned the classes and no image by heart reaches this clean accuracy.
        """
        return 1.0 - self.config.split.label_noise_fraction

    @property
    def guessing(self) -> float:
        """Cross-entropy of knowing nothing but the classes' shares, in nats.

        For equal classes this is `uninformed`; where the shares are unknown, the level at which
        the run began.
        """
        shares = np.array([count for count in self.facts.class_counts if count], dtype=float)
        if len(shares) < 2:
            return self.curves.clean_cross_entropy.start
        shares /= shares.sum()
        return float(-(shares * np.log(shares)).sum())

    @property
    def uninformed(self) -> float:
        """Cross-entropy of giving every class the same probability: ln(classes), in nats."""
        classes = len(self.facts.class_counts)
        return math.log(classes) if classes > 1 else self.curves.clean_cross_entropy.start

    @property
    def validation_sd(self) -> float:
        """Sampling noise of the validation accuracy at the end, 0..0.5."""
        return binomial_sd(self.curves.val_accuracy.end, max(self.facts.validation_images, 1))

    @property
    def gap_sd(self) -> float:
        """Sampling noise of the gap at the end: that of both accuracies."""
        return math.hypot(self.clean_sd, self.validation_sd)

    @property
    def clean_sd(self) -> float:
        """Sampling noise of the clean accuracy at the end, 0..0.5."""
        images = self.facts.clean_images or self.facts.train_images
        return binomial_sd(self.curves.clean_accuracy.end, max(images, 1))

    @property
    def highest_rate(self) -> float:
        """The highest learning rate that was asked for, by the config or by a dial."""
        turned = (one.after for one in self.facts.turns if one.name == RATE)
        return max((self.config.optimizer.learning_rate, *turned))

    @property
    def is_far_enough(self) -> bool:
        """Whether the run's end, or half of the epochs that it was given, has been reached."""
        return self.facts.is_over or self.curves.epochs >= self.config.training.epochs / 2


@dataclass(frozen=True)
class Remedy:
    """One next run: the changes to the config, and in words.

    Attributes:
        changes: new value by dotted config field; empty for what no field can change.
        words: one sentence.
    """

    changes: dict[str, Any]
    words: str


@dataclass(frozen=True)
class Symptom:
    """What one rule has found.

    Attributes:
        kind: such as `overfits`.
        severity: how much it matters.
        words: one or two sentences with the numbers that they rest on; the title stands before.
        evidence: those numbers.
        remedies: next runs, best first; the first one that is a legal config is offered.
        hides: kinds that follow from this one, besides those that always do.
        title: what to call it, where the kind's own name isn't it.
    """

    kind: str
    severity: Severity
    words: str
    evidence: Evidence
    remedies: Iterator[Remedy] = field(default_factory=lambda: iter(()))
    hides: frozenset[str] = frozenset()
    title: str = ""
