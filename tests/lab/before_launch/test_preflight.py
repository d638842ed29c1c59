"""What is done ahead of a launch, with a light worker."""

import os
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
from cnnlab.runner.executors.warm_workers import UNUSED_SECONDS
from cnnlab.runner.sharing.turns import Turns
from cnnlab.runner.sharing.workspace import Workspace
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.home import Home
from cnnlab.storage.precision_gains import keep_precision
from tests.waiting import wait_until


@pytest.fixture
def queue(home, monkeypatch):
    """The queue of jobs, which a test drives by hand instead of a supervisor."""
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", lambda home: None)
    executor = LocalExecutor(home, module="tests.runner.light_worker")
    workspace = Workspace(Home(home), workplace().runs, executor)
    return Supervisor([workspace], executor, Turns(Home(home)))


def wait_for_end(queue, key):
    wait_until(lambda: lab.read_preflight(key).is_ended, tick=queue.tick)
    return lab.read_preflight(key)


def test_a_config_is_tried_out_once(dataset, queue):
    config = load_config({"dataset": dataset.id})
    key = lab.start_preflight(config)
    assert lab.read_preflight(key).phase == "Waiting for a worker"
    state = wait_for_end(queue, key)
    assert state.is_ready
    assert state.problem is None
    assert lab.start_preflight(config) == key
    assert lab.read_preflight(key) == state


def test_a_check_that_has_finished_is_done_anew_each_time_it_is_asked_for_again(dataset, queue):
    config = load_config({"dataset": dataset.id})
    key = lab.start_preflight(config, again=True)
    files = job_folder(workplace().home, KIND, key)
    asked_at = [read_json(files.request)["anew_at"]]
    for _ in range(2):
        assert wait_for_end(queue, key).is_ready
        assert lab.start_preflight(config, again=True) == key
        assert not lab.read_preflight(key).is_ended
        asked_at.append(read_json(files.request)["anew_at"])
    assert wait_for_end(queue, key).is_ready
    assert asked_at[0] is None  # the first time: what is known of the precision holds
    assert 0 < asked_at[1] < asked_at[2]


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


def test_what_a_form_shows_is_said_anew_only_where_it_is_another_or_old(home, monkeypatch):
    monkeypatch.setattr(preflight, "ensure_supervisor", lambda home: None)
    place = workplace().home

    def told(config, seconds_ago):
        """Whether it was written again."""
        at = time.time() - seconds_ago
        os.utime(place.form_request, (at, at))
        before = place.form_request.stat().st_mtime_ns
        lab.warm_up(config)
        return place.form_request.stat().st_mtime_ns != before

    one, other = load_config({"dataset": "a"}), load_config({"dataset": "b"})
    lab.warm_up(one)
    assert not told(one, 100)
    assert told(other, 100)
    assert told(other, preflight.FORM_HOLDS_SECONDS + 1)
    place.form_request.write_text("{")
    assert told(other, 100)
    assert load_config(read_json(place.form_request)) == other
    assert preflight.FORM_HOLDS_SECONDS < UNUSED_SECONDS  # else nothing is ready meanwhile


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


CONV = {"kind": "conv"}
POOLED = [CONV, {"kind": "global_average_pool"}]


@pytest.mark.parametrize(
    ("measured", "form"),
    [
        ({}, {"image": {"size": 32}}),
        ({}, {"image": {"color": "grayscale"}}),
        ({}, {"architecture": {"preset": "tiny_cnn"}}),
        ({}, {"architecture": {"filters": 64}}),
        ({}, {"architecture": {"frozen_layers": 1}}),
        ({}, {"regularization": {"batch_norm": True}}),
        ({}, {"training": {"device": "cpu", "batch_size": 8}}),
        ({"architecture": {"layers": POOLED}}, {"architecture": {"layers": [CONV, *POOLED]}}),
        # On more images than can be kept: they are computed once where there are fewer.
        *[({"architecture": {"layers": POOLED, "frozen_layers": 1}},) * 2],
    ],
)
def test_a_gain_is_offered_to_no_run_that_it_says_nothing_about(home, measured, form):
    on_cpu = {"training": {"device": "cpu"}}
    check = {"precision": "mixed_bfloat16", "seconds_per_step_now": 2.0, "seconds_per_step": 1.0}
    keep_precision(workplace().home, load_config(on_cpu | measured), check)
    assert lab.faster_precision(load_config(on_cpu | form)) is None


def test_a_gain_holds_whatever_else_of_a_run_is_changed(home):
    on_cpu = {"training": {"device": "cpu"}}
    check = {"precision": "mixed_bfloat16", "seconds_per_step_now": 2.0, "seconds_per_step": 1.0}
    keep_precision(workplace().home, load_config(on_cpu), check)
    other = {"regularization": {"dropout": 0.5}, "augmentation": {"rotation_degrees": 10}}
    assert lab.faster_precision(load_config(on_cpu | other)).times == 2.0
