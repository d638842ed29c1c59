"""Each job works in the home of its workspace, whatever the process did before."""

import threading

import pytest

from cnnlab.storage.home import open_home
from cnnlab.worker.process.homes import home_of_work, working_at, working_beside

OTHER = "a1b2c3d4e5f6"


@pytest.fixture
def other(home):
    return open_home(home, OTHER)


def seen_by_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(home_of_work()))
    thread.start()
    thread.join()
    return found[0]


def test_all_threads_of_a_job_work_in_the_home_of_its_folder(home, other):
    with working_at(other.attempt("a", 1)):
        assert home_of_work() == seen_by_a_thread() == other
    with working_at(open_home().attempt("a", 1)):
        assert home_of_work() == seen_by_a_thread() == open_home()
    assert home_of_work() == open_home()


def test_what_a_thread_does_beside_the_job_stays_in_its_own_home(other):
    with working_at(open_home().attempt("a", 1)), working_beside(other):
        assert home_of_work() == other
        assert seen_by_a_thread() == open_home()


def test_a_job_that_fails_leaves_the_next_one_its_own_home(other):
    with pytest.raises(ValueError, match="broken"), working_at(other.attempt("a", 1)):
        raise ValueError("broken")
    assert home_of_work() == open_home()
