"""What a worker takes over of earlier checks, and keeps for later ones."""

import sys
from types import SimpleNamespace

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.jobs.kinds.preflight import PreflightRequest
from cnnlab.storage.home import open_home
from cnnlab.storage.precision_gains import keep_precision, measured_precision
from cnnlab.worker import preflight

CONFIG = load_config({"dataset": "d"})
SLOW = {"precision": "mixed_bfloat16", "seconds_per_step_now": 1.0, "seconds_per_step": 3.0}
FAST = {"precision": "mixed_bfloat16", "seconds_per_step_now": 2.0, "seconds_per_step": 1.0}


@pytest.fixture
def try_out(home, monkeypatch):
    """Tries the config out on a device, with a training that measures FAST where none is known."""
    monkeypatch.setattr(preflight, "load_data", lambda *_: SimpleNamespace(class_names=("a", "b")))
    monkeypatch.setattr(preflight, "start_weights", lambda *_: None)

    def try_out(device="CPU (2 threads)", anew_at=None):
        def look(config, data, recorder, start, known):
            return {"device": device, "other_precision": known or FAST}

        training = SimpleNamespace(preflight=look)
        monkeypatch.setitem(sys.modules, "cnnlab.training.preflight.preflight", training)
        request = PreflightRequest(CONFIG.model_dump(mode="json"), anew_at)
        files = SimpleNamespace(folder=home)
        work = SimpleNamespace(
            request=request, recorder=None, wait_for_training=lambda: None, files=files
        )
        return preflight.try_out(work)["other_precision"]

    return try_out


def known():
    return measured_precision(open_home(), CONFIG)


def test_what_another_precision_gains_is_measured_once_and_anew_where_that_is_asked_for(try_out):
    assert known() is None
    assert try_out() == FAST
    assert known() == FAST | {"measured_before": True} == try_out()
    keep_precision(open_home(), CONFIG, SLOW)  # as on a machine that was busy
    assert try_out()["seconds_per_step"] == 3.0
    assert try_out(anew_at=1) == FAST
    assert known()["seconds_per_step"] == 1.0


def test_what_a_gpu_gains_is_not_kept_for_the_cpu(try_out):
    assert try_out("GPU: NVIDIA A100") == FAST
    assert known() is None


def test_on_a_full_disk_the_check_says_what_it_has_found(try_out, monkeypatch):
    def full(*_):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(preflight, "keep_precision", full)
    assert try_out() == FAST
