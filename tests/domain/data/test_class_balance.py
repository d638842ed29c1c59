"""What each class counts, and which configs balance in a way that can't be."""

import numpy as np
import pytest

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.optimizer import OptimizerName
from cnnlab.domain.config.optimizer_facts import OPTIMIZER_FACTS
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.config.training import Training
from cnnlab.domain.course.dials import dials_of
from cnnlab.domain.data.class_balance import (
    are_imbalanced,
    balanced_weights,
    class_shares,
    refuse_undrawable,
)
from cnnlab.domain.errors import ConfigError
from cnnlab.fields import walk

COUNTS = [60, 30, 10, 0]


def test_as_it_is_a_class_counts_by_its_images():
    shares = class_shares(COUNTS, Training())
    assert [share.images for share in shares] == COUNTS
    assert [share.drawn for share in shares] == COUNTS
    assert [share.weight for share in shares] == [1, 1, 1, 1]
    assert [share.share for share in shares] == [0.6, 0.3, 0.1, 0]


def test_balanced_every_class_with_images_counts_the_same_either_way():
    drawn = class_shares(COUNTS, Training(sampling="balanced"))
    assert [share.drawn for share in drawn] == pytest.approx([100 / 3] * 3 + [0])
    assert [share.weight for share in drawn] == [1, 1, 1, 1]
    weighed = class_shares(COUNTS, Training(class_weights="balanced"))
    assert [share.drawn for share in weighed] == COUNTS
    assert [share.weight for share in weighed] == pytest.approx([5 / 9, 10 / 9, 10 / 3, 0])
    for shares in (drawn, weighed):
        assert [share.share for share in shares] == pytest.approx([1 / 3] * 3 + [0])


def test_weights_are_scikit_learns():
    # compute_class_weight("balanced", classes=[0, 1, 2], y=[0] * 60 + [1] * 30 + [2] * 10)
    weights = balanced_weights(np.array(COUNTS[:3]))
    np.testing.assert_allclose(weights, [0.555556, 1.111111, 3.333333], rtol=1e-5)


def test_when_classes_differ_much():
    assert are_imbalanced([30, 20, 0]) and not are_imbalanced([29, 20])
    assert not are_imbalanced([5, 0]) and not are_imbalanced([])


def test_a_class_without_images_can_not_be_drawn():
    names, balanced = ["a", "b", "c", "d"], Training(sampling="balanced")
    with pytest.raises(ConfigError, match=r"because 'd' has no training image to draw: set it to"):
        refuse_undrawable(COUNTS, names, balanced)
    with pytest.raises(ConfigError, match="'b', 'c' and 'd' have no"):
        refuse_undrawable([1, 0, 0, 0], names, balanced)
    with pytest.raises(ConfigError, match="'4' and 5 more have"):
        refuse_undrawable([0] * 10 + [1], [str(n) for n in range(11)], balanced)
    refuse_undrawable(COUNTS, names, Training(class_weights="balanced"))
    refuse_undrawable([1, 1], ["a", "b"], balanced)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"training": {"class_weights": "balanced", "sampling": "balanced"}},
            "training.class_weights and training.sampling can't both be balanced",
        ),
        (
            {"optimizer": {"clip_norm": 1, "clip_value": 1}},
            "optimizer.clip_norm and optimizer.clip_value can't both be on",
        ),
        ({"optimizer": {"clip_value": 0}}, "optimizer.clip_value must be a number above 0"),
        ({"optimizer": {"clip_value": 1001}}, "at most 1,000"),
        ({"training": {"focal_gamma": 11}}, "training.focal_gamma must be a number from 0 to 10"),
        ({"training": {"loss": "hinge"}}, "training.loss"),
        ({"training": {"sampling": "under"}}, "training.sampling"),
    ],
)
def test_what_can_not_be_is_said_with_its_field(values, words):
    with pytest.raises(ConfigError) as found:
        load_config(values)
    assert words in str(found.value) and "\n" not in str(found.value)


def test_each_way_to_balance_is_a_ready_arm_and_all_takes_the_first():
    arms = ready_arms(["balanced_sampling", "class_weights", "focal", "all"])
    for arm in arms:
        changes = [f"{name}={value}" for name, value in arm.changes.items()]
        load_config(change_config({}, changes))
    everything = arms[-1].changes
    assert everything["training.sampling"] == "balanced" and everything["training.loss"] == "focal"
    assert "training.class_weights" not in everything


def test_gamma_is_a_dial_only_of_focal_loss():
    assert "training.focal_gamma" not in dials_of(RunConfig())
    focal = load_config({"training": {"loss": "focal", "focal_gamma": 0}})
    assert "training.focal_gamma" in dials_of(focal)


def test_every_optimizer_is_told_of_and_what_it_sets_is_legal():
    assert set(OPTIMIZER_FACTS) == set(OptimizerName.__args__)
    fields = dict(walk(RunConfig))
    for name, facts in OPTIMIZER_FACTS.items():
        assert facts.purpose.endswith(".") and len(facts.purpose) <= 140
        assert set(facts.settings) <= set(fields)
        changes = [f"{field}={value}" for field, value in facts.settings.items()]
        load_config(change_config({"optimizer": {"name": name}}, changes))
