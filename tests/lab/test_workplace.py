"""Which workplaces stay open, and that none has to wait for another one."""

import threading

import pytest

from cnnlab.lab import workplace as module
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.workplace import workplace
from tests.waiting import wait_until


@pytest.fixture
def titles(home):
    for title in ("One", "Two"):
        register().workspaces.add(title)
    return "default", "One", "Two"


def opened(title):
    with acting_as(local_in(title)):
        return workplace()


def test_the_one_not_used_for_longest_is_closed(titles, monkeypatch):
    monkeypatch.setattr(module, "_known", {})
    monkeypatch.setattr(module, "_MOST_OPEN", 2)
    default, one = opened("default"), opened("One")
    assert one.runs.list() == [] and one.runs.engine.pool.checkedin() == 1
    assert opened("default") is default
    opened("Two")
    assert opened("default") is default
    assert one.runs.engine.pool.checkedin() == 0
    assert opened("One") is not one
    assert one.runs.list() == []  # whoever still has it can work with it
    one.runs.engine.dispose()


def test_one_that_takes_long_to_open_is_in_no_other_ones_way(titles, monkeypatch):
    monkeypatch.setattr(module, "_known", {})
    begun, goes_on, calls = threading.Event(), threading.Event(), []
    open_it = module._open

    def slow(root, address, workspace):
        calls.append(workspace)
        if workspace != "default":
            begun.set()
            assert goes_on.wait(60)
        return open_it(root, address, workspace)

    monkeypatch.setattr(module, "_open", slow)
    found = []
    threads = [threading.Thread(target=lambda: found.append(opened("One"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(60)
    other = []
    third = threading.Thread(target=lambda: other.append(opened("default")))
    third.start()
    try:
        wait_until(lambda: other)
    finally:
        goes_on.set()
        for thread in (*threads, third):
            thread.join()
    assert found[0] is found[1] and len(calls) == 2
