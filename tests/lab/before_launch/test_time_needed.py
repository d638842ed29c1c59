"""About how long a run takes: what a pre-flight measured, else an estimate."""

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.run_time import START_SECONDS
from cnnlab.lab.before_launch import time_needed
from cnnlab.lab.before_launch.time_needed import expected_seconds

IMAGES = {"train_images": 30, "other_images": 6}


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    monkeypatch.setattr(time_needed, "_gpus", list)
    time_needed.estimated_seconds.cache_clear()
    yield
    time_needed.estimated_seconds.cache_clear()


def test_it_grows_with_the_epochs(home):
    few = RunConfig(dataset="a", training={"epochs": 10})
    many = RunConfig(dataset="a", training={"epochs": 100})
    first, second = (expected_seconds(each, 3, **IMAGES) - START_SECONDS for each in (few, many))
    assert 0 < 9 * first < second


def test_of_another_machine_nothing_is_known(home, monkeypatch):
    monkeypatch.setenv("CNNLAB_CLUSTER", "http://10.0.0.5:8265")
    monkeypatch.setattr(time_needed, "measured_seconds", lambda _: 7.5)
    assert expected_seconds(RunConfig(dataset="a"), 3, **IMAGES) is None


def test_what_was_measured_is_believed(home, monkeypatch):
    monkeypatch.setattr(time_needed, "measured_seconds", lambda _: 7.5)
    assert expected_seconds(RunConfig(dataset="a"), 3, **IMAGES) == 7.5


def test_on_a_gpu_nothing_is_known_unmeasured(home, monkeypatch):
    monkeypatch.setattr(time_needed, "_gpus", lambda: ["gpu"])
    assert expected_seconds(RunConfig(dataset="a"), 3, **IMAGES) is None
    config = RunConfig(dataset="a", training={"device": "cpu"})
    assert expected_seconds(config, 3, **IMAGES) > 0
