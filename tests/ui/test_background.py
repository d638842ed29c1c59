"""What is done after a page."""

import threading

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.lab.access.acting import LOCAL, acting
from cnnlab.ui.background import background, later
from tests.waiting import wait_until


def test_a_page_goes_on_while_what_it_asked_for_is_done_in_its_name():
    goes_on, done = threading.Event(), []

    def act():
        goes_on.wait()
        done.append((threading.current_thread(), acting()))

    with background():
        later(act)
        later(lambda: done.append("next"))
        assert not done
        goes_on.set()
        wait_until(lambda: len(done) == 2)
    thread, who = done[0]
    assert thread is not threading.current_thread()
    assert who == LOCAL
    assert done[1] == "next"


@pytest.mark.parametrize("error", [StorageError("The disk is full."), RuntimeError("no")])
def test_what_fails_stands_in_the_log_and_stops_nothing(caplog, error):
    done = []

    def fail():
        raise error

    with background():
        later(fail)
        later(lambda: done.append(1))
        wait_until(lambda: done)
    assert str(error) in caplog.text


def test_without_a_server_it_is_done_at_once():
    done = []
    later(lambda: done.append(threading.current_thread()))
    assert done == [threading.current_thread()]
