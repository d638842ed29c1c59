"""Whose turn it is, as a pure order and as a supervisor keeps it."""

import pytest

from cnnlab.domain.run import Status
from cnnlab.runner.devices import Capacity
from cnnlab.runner.sharing.turns import Turns, in_turns, read_turns
from cnnlab.storage.home import open_home
from tests.runner.sharing.held import A, B, C, Installation


@pytest.fixture
def installation(home):
    made = Installation(home)
    yield made
    made.close()


def order(waiting, at_work=None, turns=None):
    found = in_turns(
        {name: list(each) for name, each in waiting.items()}, at_work or {}, turns or {}
    )
    return "".join(one for _, one in found)


def test_workspaces_take_turns_and_inside_of_each_its_own_order_holds():
    assert order({"a": "123", "b": "xy", "c": ""}) == "1x2y3"


def test_who_had_no_turn_for_the_longest_time_comes_first():
    assert order({"a": "12", "b": "xy", "c": "p"}, turns={"a": 7, "b": 3}) == "px1y2"


def test_who_has_less_at_work_comes_first():
    assert order({"a": "12", "b": "xyz"}, at_work={"a": 2}) == "xy1z2"


def test_who_was_put_first_has_one_turn_before_all_others():
    put_first = {"a": -2, "b": -3}
    assert order({"a": "12", "b": "xyz"}, at_work={"b": 2}, turns=put_first) == "x12yz"


def test_one_slot_goes_round(installation):
    installation.add(A, "1", "2", "3", "4")
    installation.add(B, "1", "2")
    installation.add("default", "1")
    for _ in range(7):
        installation.tick(A, B)
        installation.end_all()
    assert installation.starts() == ["a:1", "b:1", "default:1", "a:2", "b:2", "a:3", "a:4"]
    installation.tick()
    assert all(not store.queue() for store in installation.stores.values())


def test_a_next_supervisor_knows_whose_turn_it_is(installation):
    for name in (A, B):
        installation.add(name, "1", "2")
    installation.tick(A, B)
    installation.end_all()
    installation.new_supervisor()
    installation.tick()
    installation.tick()
    assert installation.starts() == ["a:1", "b:1"]


def test_several_slots_are_shared_evenly_while_they_are_free(home):
    installation = Installation(home, Capacity(("gpu:0", "gpu:1", "gpu:2", "gpu:3")))
    installation.add(A, *map(str, range(8)))
    installation.tick(A)
    assert installation.share() == {"a": 4}
    installation.add(B, *map(str, range(8)))
    for run in "012":
        installation.end(A, run)
        installation.tick(B)
        installation.tick()
    assert installation.share() == {"a": 2, "b": 2}
    installation.close()


def test_a_run_that_was_stopped_meanwhile_takes_no_turn(installation):
    installation.add(A, "1", "2")
    installation.add(B, "1")
    installation.tick(A, B)
    installation.stores[B].update("1", status=Status.STOPPED)  # and nobody has said so yet
    installation.end_all()
    installation.tick()
    installation.tick()
    assert installation.starts() == ["a:1", "a:2"]
    assert read_turns(installation.home) == {A: 1}


def test_turns_that_were_lost_begin_anew(home, installation):
    turns = Turns(installation.home)
    turns.take(A)
    turns.take(C)
    assert read_turns(installation.homes[B]) == {A: 1, C: 2}
    for damage in (b"{", b"[1]", b'{"a": null}', b'{"a": Infinity}', b"\xff", b"[" * 100_000):
        installation.home.turns.write_bytes(damage)
        assert Turns(installation.home).numbers == read_turns(installation.homes[B]) == {}


def test_turns_that_cannot_be_read_stop_no_supervisor(home, caplog):
    opened = open_home(home)
    opened.turns.mkdir()
    turns = Turns(opened)
    for _ in range(3):
        turns.see()
    assert turns.numbers == {} and len(caplog.records) == 1
    opened.turns.rmdir()
    turns.take(A)
    turns.see()
    assert turns.numbers == read_turns(opened) == {A: 1}


def test_one_workspace_alone_writes_down_no_turns(home):
    installation = Installation(home, others=())
    installation.add("default", "1", "2")
    for _ in range(2):
        installation.tick()
        installation.end_all()
    installation.tick()
    assert installation.starts() == ["default:1", "default:2"]
    assert not installation.home.turns.exists()
    installation.close()


def test_who_was_put_first_is_the_next_one_once_whatever_it_has_at_work(home):
    installation = Installation(home, Capacity(("gpu:0", "gpu:1", "gpu:2")))
    installation.add(A, *"1234")
    installation.add(B, *"1234")
    installation.tick(A, B)
    assert installation.share() == {"a": 2, "b": 1}
    Turns(installation.home).put_first(A)  # by the app's process
    installation.end(B, "1")
    installation.tick()
    assert installation.share() == {"a": 3}
    installation.end(A, "1")
    installation.tick()
    assert installation.share() == {"a": 2, "b": 1}
    installation.close()
