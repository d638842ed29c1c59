"""What is done ahead of a launch, with a light worker."""

import time

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError, NotFoundError
from cnnlab.files import is_locked, read_json
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.preflight import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.before_launch import preflight
from cnnlab.lab.workplace import workplace
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.jobs import JobQueue
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.storage.home import Home
from cnnlab.storage.precision_gains import keep_precision
from tests.waiting import wait_until


@pytest.fixture
def queue(home, monkeypatch):
    """The queue of jobs, which a test drives by hand instead of a supervisor."""
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", lambda home: None)
    executor = LocalExecutor(home, module="tests.runner.light_worker")
    return JobQueue(Home(home), executor, STALL_SECONDS, time.monotonic)


def wait_for_end(queue, key):
    wait_until(lambda: lab.read_preflight(key).is_ended, tick=lambda: queue.tick(runs_train=False))
    return lab.read_preflight(key)


def test_a_config_is_tried_out_once(dataset, queue):
    config = load_config({"dataset": dataset.id})
    key = lab.start_preflight(config)
    assert lab.read_preflight(key).phase == "Waiting for a worker"
    state = wait_for_end(queue, key)
    assert state.is_ready
    assert state.problem is None
    assert lab.start_preflight(config, again=True) == key
    assert lab.read_preflight(key) == state


def test_a_check_that_got_lost_on_its_way_into_the_queue_is_done(dataset, queue):
    key = lab.start_preflight(load_config({"dataset": dataset.id}))
    for entry in (workplace().home.jobs / "queue").iterdir():
        entry.unlink()
    assert wait_for_end(queue, key).is_ready


def test_another_config_has_another_key(dataset, queue):
    configs = [{}, {"training": {"batch_size": 7}}, {"image": {"size": 40}}]
    keys = {lab.start_preflight(load_config({"dataset": dataset.id} | parts)) for parts in configs}
    assert len(keys) == 3


def test_a_failed_pre_flight_is_done_again_only_where_that_is_asked_for(dataset, queue):
    config = load_config({"dataset": dataset.id})
    key = lab.start_preflight(config)
    files = job_folder(workplace().home, KIND, key)
    end_job(files, Stage.FAILED, "Too large.")
    lab.start_preflight(config)
    assert lab.read_preflight(key).problem == "Too large."
    lab.start_preflight(config, again=True)
    assert wait_for_end(queue, key).is_ready


def test_what_cannot_be_tried_out_is_refused(home, queue):
    with pytest.raises(ConfigError, match="dataset is missing"):
        lab.start_preflight(load_config({}))
    with pytest.raises(NotFoundError, match="no dataset 'x'"):
        lab.start_preflight(load_config({"dataset": "x"}))
    for key in ("0" * 16, "../../etc", ""):
        with pytest.raises(NotFoundError, match="no longer there"):
            lab.read_preflight(key)


def test_warming_up_starts_a_supervisor(home):
    lab.warm_up()
    config = load_config({"dataset": "a"})
    lab.warm_up(config)
    place = workplace().home
    wait_until(lambda: place.supervisor_lock.read_text())
    assert is_locked(place.supervisor_lock)
    assert place.warm_request.exists()
    assert load_config(read_json(place.form_request)) == config


@pytest.mark.parametrize(
    ("device", "gpus", "times", "is_offered"),
    [
        ("auto", (), 1.5, True),
        ("auto", (), 1.05, False),  # within the noise
        ("auto", (), 0.2, False),
        ("auto", ("gpu:0",), 1.5, False),  # what suits a GPU, only TensorFlow knows
        ("cpu", ("gpu:0",), 1.5, True),
        ("gpu:0", (), 1.5, False),  # TensorFlow may see more than we do
    ],
)
def test_a_precision_is_offered_where_it_was_measured_to_be_faster(
    home, device, gpus, times, is_offered, monkeypatch
):
    monkeypatch.setattr(preflight, "_gpus", lambda: gpus)
    config = load_config({"training": {"device": device}})
    assert lab.faster_precision(config) is None  # nothing was measured yet
    check = {"precision": "mixed_bfloat16", "seconds_per_step_now": times, "seconds_per_step": 1.0}
    keep_precision(workplace().home, config, check)
    offered = lab.FasterPrecision("mixed_bfloat16", times) if is_offered else None
    assert lab.faster_precision(config) == offered
    mixed = config.training.model_copy(update={"precision": "mixed_bfloat16"})
    assert lab.faster_precision(config.model_copy(update={"training": mixed})) == offered
    for other in ({"image": {"size": 32}}, {"architecture": {"preset": "tiny_cnn"}}):
        assert lab.faster_precision(load_config({"training": {"device": device}} | other)) is None
