"""The demo on the bundled sample: its live study, and the larger one that is recorded."""

import secrets
from typing import Any

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.study import Arm, Study
from cnnlab.lab.study.designs import compare_arms

DEMO_SEEDS, RECORDED_SEEDS = 4, 10
_FRESH_SEEDS = 1_000_000
"""The live study's seeds follow a number below it, which is drawn at each press."""

_BASE: dict[str, Any] = {
    "image": {"size": 32, "color": "grayscale"},
    "architecture": {"filters": 8, "conv_blocks": 3},
    "regularization": {"batch_norm": True},
    "optimizer": {"learning_rate": 4e-3, "schedule": {"name": "one_cycle"}},
    "training": {"epochs": 24, "batch_size": 8},
}
"""Small enough for seconds, large enough to learn 120 images by heart.

Without batch norm augmentation needs twice the epochs to pay, and gains less than seeds differ.
"""


def demo_study(sample: str) -> Study:
    """The live demo: does augmentation help? Each time with seeds that nobody has tried.

    Args:
        sample: id of the bundled sample's dataset.
    """
    base = _base(sample, first_seed=RECORDED_SEEDS + secrets.randbelow(_FRESH_SEEDS))
    name = "Demo: does augmentation help on six signs?"
    return compare_arms(base, ready_arms(["augmentation"]), seeds=DEMO_SEEDS, name=name)


def recorded_plan(sample: str) -> Study:
    """The study that `sample_data/record_demo.py` trains and records.

    Args:
        sample: id of the bundled sample's dataset.
    """
    baseline, augmentation = ready_arms(["augmentation"])
    dropout = {"regularization.dropout": 0.2}
    arms = [
        baseline,
        augmentation,
        Arm("a little dropout", dropout),
        Arm("a little L2", {"regularization.l2": 1e-3}),
        Arm("too much L2", {"regularization.l2": 1.0}),
        Arm("augmentation and a little dropout", augmentation.changes | dropout),
    ]
    name = "What regularization does to six signs"
    return compare_arms(_base(sample, first_seed=0), arms, seeds=RECORDED_SEEDS, name=name)


def _base(sample: str, *, first_seed: int) -> RunConfig:
    training = _BASE["training"] | {"seed": first_seed}
    return load_config(_BASE | {"dataset": sample, "training": training})
