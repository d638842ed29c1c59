"""What `--train` finds when a run was trained again."""

from types import SimpleNamespace

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.exports.replay.training import differences


def made(**regularization):
    config = RunConfig().model_dump(mode="json")
    config["regularization"] |= regularization
    record = {"cross_entropy": 1.0, "val_accuracy": 0.8}
    return SimpleNamespace(config=config, history=[record], facts={"validation_images": 10_000})


@pytest.mark.parametrize(
    ("run", "again", "found"),
    [
        (made(), {"cross_entropy": 1.0009, "val_accuracy": 0.81}, ""),
        (made(), {"cross_entropy": 1.002, "val_accuracy": 0.81}, "cross-entropy of epoch 1"),
        (made(dropout=0.5), {"cross_entropy": 1.4, "val_accuracy": 0.81}, ""),
        (made(), {"cross_entropy": 1.0, "val_accuracy": 0.6}, "last validation accuracy"),
        (made(), {"cross_entropy": float("nan"), "val_accuracy": 0.8}, "cross-entropy"),
    ],
)
def test_what_comes_out_otherwise_is_said(run, again, found):
    told = differences(run, [again])
    assert bool(told) is bool(found)
    assert found in "".join(told)


def test_batch_norm_rounds_otherwise_within_more():
    run = made()
    run.facts["layers"] = [{"kind": "BatchNormalization"}]
    assert differences(run, [{"cross_entropy": 1.03, "val_accuracy": 0.8}]) == []
    assert differences(run, [{"cross_entropy": 1.2, "val_accuracy": 0.8}])


def test_a_training_without_an_epoch_is_none():
    assert differences(made(), []) == ["it has no epoch"]
