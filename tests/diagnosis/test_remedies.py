"""Every remedy of every kind changes what is trained, whoever drew the split."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from cnnlab.diagnosis.diagnosis import KINDS, diagnose, remedied
from cnnlab.domain.config.presets import layers_of
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.class_sets import ClassSets, compare_class_sets
from cnnlab.domain.data.split import TRAIN, assign_splits, draw_label_noise, limit_training
from tests.diagnosis.made_curves import FAMILIES

LABELS = np.repeat(np.arange(6), 50)
OWN = ["validation" if row % 5 == 0 else "train" for row in range(len(LABELS))]
DRAWN = [None] * len(LABELS)

STARTS = {
    "as it is": {},
    "everything is on": {
        "regularization.dropout": 0.6,
        "regularization.spatial_dropout": 0.3,
        "regularization.stochastic_depth": 0.5,
        "regularization.l2": 0.01,
        "regularization.label_smoothing": 0.2,
        "augmentation.rotation_degrees": 15,
        "training.class_weights": "balanced",
        "architecture.filters": 8,
    },
    "wrong on purpose": {
        "split.label_noise_fraction": 0.3,
        "augmentation.rotation_degrees": 90,
        "augmentation.noise_stddev": 60,
        "optimizer.ema_momentum": 0.999,
        "training.batch_size": 8,
    },
    "stopped early": {
        "regularization.early_stopping": {"patience_epochs": 3},
        "training.epochs": 100,
    },
    "own layers": {
        "architecture.layers": [{"kind": "flatten"}, {"kind": "dense", "units": 8}],
        "regularization.spatial_dropout": 0.5,
        "regularization.stochastic_depth": 0.5,
    },
    "published": {
        "architecture.preset": "mobilenet_v3_small",
        "regularization.spatial_dropout": 0.5,
        "regularization.stochastic_depth": 0.5,
    },
    "branches": {
        "architecture.layers": [{"kind": "branch_block"}],
        "regularization.spatial_dropout": 0.5,
        "regularization.stochastic_depth": 0.5,
    },
}
ENDS_A_STAGE = {
    "max_pool", "average_pool", "residual_block", "inverted_residual_block", "branch_block",
}  # fmt: skip


def trained_on(config: RunConfig, given: list[str | None], ended_at: int | None) -> list:
    """What decides a run, without what it ignores."""
    splits = assign_splits(LABELS, given, config.split)
    kept = limit_training(LABELS, np.flatnonzero(splits == TRAIN), config.split)
    layers = layers_of(config.architecture, config.image.size)
    kinds = {layer.kind for layer in layers}
    regularization = config.regularization.model_dump()
    stops = regularization["early_stopping"]
    if not kinds & {"residual_block", "inverted_residual_block"}:
        regularization["stochastic_depth"] = 0
    if not kinds & ENDS_A_STAGE:
        regularization["spatial_dropout"] = 0
    length = config.training.epochs
    if stops is not None:
        length = min(length, ended_at or length)
        if stops["patience_epochs"] >= length:
            regularization["early_stopping"] = None
    training = config.training.model_dump() | {"epochs": length}
    return [
        splits.tolist(),
        kept.tolist(),
        draw_label_noise(LABELS, kept, 6, config.split).positions.tolist(),
        layers,
        regularization,
        training,
        config.optimizer.model_dump(),
        config.augmentation.model_dump(),
    ]


def test_every_remedy_changes_what_is_trained():
    seen, pressed = set(), set()
    for maker, seed, start, owns in itertools.product(
        FAMILIES.values(), (1, 2), STARTS, (False, True)
    ):
        made = maker(seed)
        config = remedied(RunConfig(), made.config | STARTS[start])
        facts = replace(made.facts, owns_validation=owns)
        for found in diagnose(made.history, config, facts):
            seen.add(found.kind)
            if not found.remedy:
                continue
            pressed.add(found.kind)
            given = OWN if owns else DRAWN
            ended_at = len(made.history) if start == "stopped early" else None
            before, after = (
                trained_on(one, given, ended_at) for one in (config, remedied(config, found.remedy))
            )
            assert before != after, (found.kind, start, owns, found.remedy)
    assert seen == set(KINDS)
    assert set(KINDS) - pressed == {"class_sets", "copies"}  # no config mends them


def one(kind: str, made, **facts):
    found = diagnose(made.history, remedied(RunConfig(), made.config), replace(made.facts, **facts))
    return next(diagnosis for diagnosis in found if diagnosis.kind == kind)


def test_weights_are_not_offered_where_the_training_images_are_balanced():
    made = FAMILIES["imbalance"](1)
    assert one("imbalance", made, train_counts=(90, 10, 10)).remedy
    found = one("imbalance", made, train_counts=(50, 50, 50))
    assert (found.remedy, found.remedy_words) == (
        {},
        "The training images are balanced already: look at the recall of each class.",
    )


def test_no_other_seed_is_offered_for_a_split_that_the_upload_brought():
    made = FAMILIES["leak"](1)
    assert "split.seed" in one("suspected_leak", made).remedy
    found = one("suspected_leak", made, owns_validation=True)
    assert found.remedy == {}
    assert "gallery of the Data page" in found.remedy_words
    offered = {"leak": ("one_split", "keep_one")}
    found = one("suspected_leak", made, owns_validation=True, data_remedies=offered)
    assert "'Put each picture into one split'" in found.remedy_words


LABELS_OF = {"a": 0, "b": 1, "c": 2, "d": 3}


def sets_of(train: str, validation: str) -> ClassSets:
    labels = np.array([LABELS_OF[name] for name in train + validation])
    splits = np.array(["train"] * len(train) + ["validation"] * len(validation))
    return compare_class_sets(labels, splits, list(LABELS_OF))


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (
            sets_of("abc", "bcddd"),
            "The class 'd' has no training image: it can't be learned, and its 3 validation images "
            "count as wrong. The class 'a' has no validation image: how well it is recognized "
            "can't be seen.",
        ),
        (
            sets_of("ab", "abcd"),
            "The classes 'c', 'd' have no training image: they can't be learned, and their 2 "
            "validation images count as wrong.",
        ),
        (
            sets_of("abcd", "a"),
            "The classes 'b', 'c', 'd' have no validation image: how well they are recognized "
            "can't be seen.",
        ),
        (sets_of("abcd", "abcd"), ""),
    ],
)
def test_what_class_sets_lack_is_said(sets, words):
    assert sets.words == words
    assert bool(sets) == bool(words)


def test_missing_classes_hide_what_follows_from_them():
    made = FAMILIES["stays_at_chance"](1)
    config = remedied(RunConfig(), made.config)
    before = {one.kind for one in diagnose(made.history, config, made.facts)}
    assert "learning_rate_too_high" in before
    lost = replace(made.facts, class_sets=ClassSets(("d",), (), made.facts.validation_images))
    found = diagnose(made.history, config, lost)
    assert [one.kind for one in found if one.kind.startswith("learning_rate")] == []
    assert (found[0].kind, found[0].severity) == ("class_sets", "problem")
    assert "Validation accuracy can't exceed 0.0\u00a0%." in found[0].words
    unjudged = replace(made.facts, class_sets=ClassSets((), ("a",), 0))
    kinds = [one.kind for one in diagnose(made.history, config, unjudged)]
    assert {"learning_rate_too_high", "class_sets"} <= set(kinds)


def test_a_loss_that_is_not_finite_is_told_beside_missing_classes():
    made = FAMILIES["not_finite"](1)
    lost = replace(made.facts, class_sets=ClassSets(("d",), (), 10))
    kinds = [one.kind for one in diagnose(made.history, RunConfig(), lost)]
    assert kinds[:2] == ["class_sets", "learning_rate_too_high"]
