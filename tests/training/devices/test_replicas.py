"""Several devices at once, here two halves of this CPU in another process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.domain.errors import ConfigError
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.replicas import computing_on, refuse_unsound, share_out

TWO = Device("GPU:0", "2 GPUs: NVIDIA A100", 8, replicas=("GPU:0", "GPU:1"))
PROGRAM = Path(__file__).with_name("two_devices.py")


def in_another_process(*tasks):
    """Do tasks of `two_devices.py` in one process, for its start takes longer than they do."""
    environment = {"PYTHONPATH": str(PROGRAM.parents[3]), "TF_ENABLE_ONEDNN_OPTS": "0"}
    answer = subprocess.run(
        [sys.executable, PROGRAM, json.dumps(tasks)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    return json.loads(answer.stdout)


COMPARED = {
    "optimizer": {"name": "sgd", "learning_rate": 0.02},
    "regularization": {"batch_norm": True, "l2": 1e-3, "label_smoothing": 0.1},
    "augmentation": {"flip": "horizontal"},
    "training": {"class_weights": "balanced"},
}


RESUMED = {"regularization": {"dropout": 0.3, "batch_norm": True}}


def assert_alike(found, tolerance):
    assert found["weights"] < 1e-4
    one, two = found["history"]
    for ours, theirs in zip(two, one, strict=True):
        for name in ("clean_cross_entropy", "val_cross_entropy", "penalty"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-3), name
        for name in ("cross_entropy", "accuracy"):
            assert ours[name] == pytest.approx(theirs[name], rel=tolerance), name
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=0.1)
    facts = found["facts"][1]
    assert facts["deterministic"].startswith("Not exact")
    assert facts["steps_per_epoch"] == 5 and facts["batch_size"] == 15


@pytest.mark.slow
def test_two_devices_compute_what_one_computes():
    # The single image of the last batch goes to both devices, so it counts twice of 62 in the means
    # of the training.
    assert_alike(in_another_process(("compare", 61, COMPARED))[0], 0.1)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_two_devices_average_and_decay_as_one():
    parts = {
        "optimizer": {"name": "adamw", "ema_momentum": 0.9},
        "regularization": {"weight_decay": 0.01},
    }
    assert_alike(in_another_process(("compare", 62, parts))[0], 1e-3)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_two_devices_draw_classes_equally_and_leave_out_what_is_easy_as_one():
    parts = {"training": {"loss": "focal", "sampling": "balanced"}}
    assert_alike(in_another_process(("compare", 62, parts))[0], 1e-3)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_run_on_two_devices_is_resumed_and_exported():
    (found,) = in_another_process(("resume", 61, RESUMED))
    whole, resumed = found["history"]
    for ours, theirs in zip(resumed, whole, strict=True):
        assert ours["val_cross_entropy"] == pytest.approx(theirs["val_cross_entropy"], rel=1e-3)
        assert ours["cross_entropy"] == pytest.approx(theirs["cross_entropy"], rel=1e-3)
    assert found["accuracy"] == resumed[found["best_epoch"]]["val_accuracy"]
    assert found["export"]["max_abs_difference"] < 1e-5 and found["bytes"] > 0


@pytest.mark.slow
@pytest.mark.exhaustive
def test_two_devices_are_looked_at_before_a_launch():
    (report,) = in_another_process(("look", 61, {"regularization": {"batch_norm": True}}))
    assert report["problem"] is None and report["seconds_per_step"] > 0
    assert report["loss"]["values"][-1] < report["loss"]["values"][0]


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [
        ({"clip_norm": 1.0}, "clip_norm"),
        ({"clip_value": 1.0}, "clip_value"),
        ({"gradient_accumulation_steps": 2}, "accumulation"),
    ],
)
def test_what_would_be_computed_differently_is_refused(optimizer, name, tiny_config):
    config = tiny_config(optimizer=optimizer)
    with pytest.raises(ConfigError, match=rf"{name}.* all_gpus, because Keras .* take one GPU"):
        refuse_unsound(config, TWO)
    refuse_unsound(config, Device("GPU:0", "GPU: NVIDIA A100", 8))
    refuse_unsound(tiny_config(), TWO)


def test_one_device_gets_the_batches_as_they_are():
    batches = object()
    with computing_on(Device("CPU:0", "CPU (1 threads)", 1)):
        assert share_out(batches) is batches
