import threading
import time

import pytest

from cnnlab.runner.wake_up import WakeUpPipe, call_of, wake_up, who_calls
from cnnlab.storage.home import Home


def test_waking_ends_the_wait(tmp_path):
    pipe = WakeUpPipe(tmp_path / "pipe")
    began = time.monotonic()
    threading.Timer(0.05, wake_up, [tmp_path / "pipe"]).start()
    pipe.wait(30)
    assert time.monotonic() - began < 20
    pipe.close()


def test_a_call_before_the_wait_counts_once(tmp_path):
    pipe = WakeUpPipe(tmp_path / "pipe")
    for _ in range(3):
        wake_up(tmp_path / "pipe")
    pipe.wait(30)
    began = time.monotonic()
    pipe.wait(0.05)
    assert time.monotonic() - began >= 0.05
    pipe.close()


def test_waking_where_nobody_listens_is_no_error(tmp_path):
    wake_up(tmp_path / "none")
    WakeUpPipe(tmp_path / "pipe").close()
    wake_up(tmp_path / "pipe")


def test_a_second_supervisor_takes_the_pipe_over(tmp_path):
    WakeUpPipe(tmp_path / "pipe").close()
    pipe = WakeUpPipe(tmp_path / "pipe")
    wake_up(tmp_path / "pipe")
    pipe.wait(30)
    pipe.close()


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: path.parent.rmdir()])
def test_without_a_pipe_it_sleeps(tmp_path, make):
    (tmp_path / "home").mkdir()
    make(tmp_path / "home" / "pipe")
    pipe = WakeUpPipe(tmp_path / "home" / "pipe")
    began = time.monotonic()
    pipe.wait(0.05)
    assert time.monotonic() - began >= 0.05
    pipe.close()


def test_a_call_names_the_workspace_in_which_there_is_something_to_do(tmp_path):
    home = Home(tmp_path).of_workspace("a1b2c3d4e5f6")
    told = b"!" + call_of(Home(tmp_path)) + b'\n{"MLFLOW_X": "@"}\n' + call_of(home) + b"!"
    assert who_calls(told) == {"default", "a1b2c3d4e5f6"}
    assert who_calls(b"!") == set()
