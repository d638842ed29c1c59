"""Device, record writer and early stopping."""

import threading
import time

import pytest

from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.errors import ConfigError, FencedError
from cnnlab.training.devices.device import choose_device, describe, exactness
from cnnlab.training.loop.stopping import stops_early
from cnnlab.training.loop.writer import QueuedRecorder, RecordWriter


def test_cpu_is_described():
    device = choose_device("cpu")
    assert device.name == "CPU:0" and not device.is_gpu
    assert describe(device)["device"] == f"CPU ({device.threads} threads)"
    assert describe(device)["versions"]["keras"].startswith("3.")
    assert exactness(device, depthwise=True).startswith("Exact")


def test_missing_gpu_is_a_config_error():
    with pytest.raises(ConfigError, match=r"gpu:99.*|set training.device to auto or cpu"):
        choose_device("gpu:99")


def test_writer_keeps_the_order_and_is_empty_at_the_end():
    seen = []
    with RecordWriter() as writer:
        for number in range(40):
            writer.call(lambda value: (time.sleep(0.001), seen.append(value)), number)
    assert seen == list(range(40))


def fail():
    raise OSError("disk full")


def test_writer_raises_what_a_call_raised():
    with pytest.raises(OSError, match="disk full"), RecordWriter() as writer:
        writer.call(fail)
    seen = []
    with pytest.raises(OSError, match="disk full"), RecordWriter() as writer:
        writer.call(fail)
        while True:
            time.sleep(0.001)
            writer.call(seen.append, 1)


def test_waiting_for_the_writer_means_until_all_is_written():
    seen, gate = [], threading.Event()
    with RecordWriter() as writer:
        writer.call(gate.wait)
        writer.call(seen.append, 1)
        threading.Timer(0.01, gate.set).start()
        writer.wait()
        assert seen == [1]


def test_waiting_for_the_writer_raises_what_a_call_raised():
    with pytest.raises(OSError, match="disk full"), RecordWriter() as writer:
        writer.call(fail)
        writer.wait()
        raise AssertionError("the failure wasn't told")


def test_what_waits_is_dropped_when_a_newer_attempt_has_taken_over():
    seen, gate = [], threading.Event()
    with pytest.raises(FencedError), RecordWriter() as writer:
        writer.call(gate.wait)
        writer.call(seen.append, 1)
        threading.Timer(0.01, gate.set).start()
        raise FencedError("A newer attempt of this run has taken over.")
    assert seen == []


def test_signs_of_life_come_no_more_often_than_records(recorder, monkeypatch):
    clock = iter((0.0, 0.1, 0.2, 0.26, 0.4, 0.6))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    queued = QueuedRecorder(recorder)
    for _ in range(6):
        queued.beat()
    assert recorder.beats == 3


def records(*values):
    return [{"val_accuracy": value, "val_cross_entropy": value} for value in values]


@pytest.mark.parametrize(
    ("monitor", "values", "stops"),
    [
        ("val_accuracy", (0.5, 0.6, 0.7), False),
        ("val_accuracy", (0.5, 0.7, 0.6, 0.7), True),
        ("val_accuracy", (0.5, 0.7, 0.6), False),
        ("val_cross_entropy", (0.9, 0.5, 0.6, 0.5), True),
        ("val_cross_entropy", (0.9, 0.5, None, 0.4), False),
        ("val_cross_entropy", (), False),
    ],
)
def test_early_stopping_waits_for_its_patience(monitor, values, stops):
    wanted = EarlyStopping(monitor=monitor, patience_epochs=2)
    assert stops_early(wanted, records(*values)) is stops
    assert stops_early(None, records(*values)) is False


def test_early_stopping_wants_its_least_improvement():
    wanted = EarlyStopping(monitor="val_accuracy", patience_epochs=1, min_delta=0.1)
    assert stops_early(wanted, records(0.5, 0.55))
    assert not stops_early(wanted, records(0.5, 0.65))
