"""About how long a run takes: what a pre-flight measured, else an estimate."""

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.run_time import START_SECONDS
from cnnlab.lab.before_launch import time_needed
from cnnlab.lab.before_launch.time_needed import expected_seconds, time_of_run

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


def test_a_runs_images_are_counted_and_its_limit_kept(dataset, monkeypatch):
    asked = []
    monkeypatch.setattr(time_needed, "expected_seconds", lambda *a, **b: asked.append((a[1], b)))
    config = RunConfig(dataset=dataset.id)
    assert time_of_run(config) is None
    split = config.split.model_copy(update={"images_per_class": 2})
    time_of_run(config.model_copy(update={"split": split}))
    (classes, whole), (_, limited) = asked
    assert limited == {"train_images": 2 * classes, "other_images": whole["other_images"]}
    assert whole["train_images"] > 2 * classes


@pytest.mark.parametrize("seconds", [7.5, None])
def test_a_time_says_whether_it_was_measured(dataset, monkeypatch, seconds):
    monkeypatch.setattr(time_needed, "measured_seconds", lambda _: seconds)
    found = time_of_run(RunConfig(dataset=dataset.id))
    assert found.is_measured == (seconds is not None)
    assert found.seconds == seconds or not found.is_measured and found.seconds > START_SECONDS
