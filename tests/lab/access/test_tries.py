"""How often somebody may try, by a clock that the test turns."""

import pytest

from cnnlab.lab.access.tries import WITHIN_SECONDS, Tries, neighbourhood


@pytest.fixture
def tries(clock):
    return Tries(clock)


def test_so_many_tries_within_a_minute_and_one_more_as_each_gets_old(tries, clock):
    assert [tries.take([("here", 2)]) for _ in range(2)] == [0, 0]
    clock.now += 20
    assert tries.take([("here", 2)]) == WITHIN_SECONDS - 20
    assert tries.take([("there", 2)]) == 0
    clock.now += 40
    assert tries.take([("here", 2)]) == 0


def test_a_try_counts_under_all_its_names_or_under_none(tries):
    assert tries.take([("here", 5), ("Ada", 1)]) == 0
    for _ in range(10):
        assert tries.take([("there", 2), ("Ada", 1)]) > 0
    assert tries.take([("there", 2), ("Ben", 1)]) == 0


def test_a_right_try_counts_no_more(tries):
    for _ in range(9):
        assert tries.take([("here", 2)]) == 0
        tries.give_back(["here", "unknown"])


def test_what_was_tried_before_a_restart_counts_on(tries, clock):
    tries.add(["here"], ago=50)
    tries.add(["here"], ago=10)
    assert tries.take([("here", 2)]) == 10
    clock.now += 10
    assert tries.take([("here", 2)]) == 0


def test_of_refused_tries_the_first_of_a_minute_is_told(tries, clock):
    assert [tries.is_first_refusal("here") for _ in range(3)] == [True, False, False]
    assert tries.is_first_refusal("there")
    clock.now += WITHIN_SECONDS
    assert tries.is_first_refusal("here")


def test_names_of_old_tries_are_forgotten(tries, clock, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.access.tries._MOST_KNOWN", 10)
    for number in range(20):
        tries.take([(number, 1)])
        tries.is_first_refusal(number)
    clock.now += WITHIN_SECONDS
    tries.take([("new", 1)])
    assert len(tries._made) == 1 and not tries._refused_at


@pytest.mark.parametrize(
    ("address", "known_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_sender(address, known_as):
    assert neighbourhood(address) == known_as
