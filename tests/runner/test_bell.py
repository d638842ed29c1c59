import threading
import time

import pytest

from cnnlab.runner.bell import Bell, ring


def test_ringing_ends_the_wait(tmp_path):
    bell = Bell(tmp_path / "bell")
    began = time.monotonic()
    threading.Timer(0.05, ring, [tmp_path / "bell"]).start()
    bell.wait(30)
    assert time.monotonic() - began < 20
    bell.close()


def test_a_ring_before_the_wait_counts_once(tmp_path):
    bell = Bell(tmp_path / "bell")
    for _ in range(3):
        ring(tmp_path / "bell")
    bell.wait(30)
    began = time.monotonic()
    bell.wait(0.05)
    assert time.monotonic() - began >= 0.05
    bell.close()


def test_ringing_where_nobody_listens_is_no_error(tmp_path):
    ring(tmp_path / "none")
    Bell(tmp_path / "bell").close()
    ring(tmp_path / "bell")


def test_a_second_supervisor_takes_the_bell_over(tmp_path):
    Bell(tmp_path / "bell").close()
    bell = Bell(tmp_path / "bell")
    ring(tmp_path / "bell")
    bell.wait(30)
    bell.close()


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: path.parent.rmdir()])
def test_without_a_pipe_it_sleeps(tmp_path, make):
    (tmp_path / "home").mkdir()
    make(tmp_path / "home" / "bell")
    bell = Bell(tmp_path / "home" / "bell")
    began = time.monotonic()
    bell.wait(0.05)
    assert time.monotonic() - began >= 0.05
    bell.close()
