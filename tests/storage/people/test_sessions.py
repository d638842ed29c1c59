"""Sessions and links: secrets that end."""

from datetime import timedelta

import pytest

from cnnlab.storage.people.keys import hash_of


@pytest.fixture
def ada(register):
    return register.accounts.add("Ada").person


def test_a_key_is_random_and_only_its_hash_is_stored(register, ada, place):
    keys = {register.sessions.begin(ada.id, "10.0.0.7") for _ in range(20)}
    assert len(keys) == 20 and all(len(key) >= 43 for key in keys)
    with register.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sessions").all()
    assert not any(key in str(rows) for key in keys)
    found = register.sessions.find(next(iter(keys)))
    assert (found.person, found.address, found.workspace) == (ada, "10.0.0.7", None)
    assert register.sessions.find("forged") is register.sessions.find("") is None


def test_a_session_ends_after_twelve_hours_without_use(register, ada, clock):
    key = register.sessions.begin(ada.id, "")
    for _ in range(3):
        clock.later(hours=11, minutes=59)
        assert register.sessions.find(key)
        register.sessions.use(key)
    clock.later(hours=6)
    assert register.sessions.find(key)  # open pages ask by themselves: that is no use
    clock.later(hours=6, seconds=1)
    assert register.sessions.find(key) is None
    register.sessions.use(key)
    assert register.sessions.find(key) is None and register.sessions.counts() == {}


def test_a_session_ends_after_thirty_days_however_much_it_is_used(register, ada, clock):
    key = register.sessions.begin(ada.id, "")
    for _ in range(60):
        clock.later(hours=11, minutes=59)
        register.sessions.use(key)
    assert register.sessions.find(key)
    clock.later(hours=2)
    assert register.sessions.find(key) is None


def test_use_is_noted_to_a_minute(register, ada, clock):
    key = register.sessions.begin(ada.id, "")
    began = register.sessions.find(key).seen_at
    clock.later(seconds=59)
    register.sessions.use(key)
    assert register.sessions.find(key).seen_at == began
    clock.later(seconds=2)
    register.sessions.use(key)
    assert register.sessions.find(key).seen_at > began


def test_one_session_or_all_of_a_person_are_ended(register, ada):
    bo = register.accounts.add("Bo").person
    first, second, third = (register.sessions.begin(ada.id, str(n)) for n in range(3))
    foreign = register.sessions.begin(bo.id, "")
    assert not register.sessions.end(hash_of(foreign), ada.id)
    assert register.sessions.end(hash_of(first), ada.id)
    assert not register.sessions.end(hash_of(first), ada.id)
    assert register.sessions.find(first) is None
    assert register.sessions.counts()[ada.id] == 2
    assert register.sessions.end_all(ada.id) == 2
    assert register.sessions.find(second) is register.sessions.find(third) is None
    assert register.sessions.find(foreign).person == bo


def test_sessions_of_long_ago_are_forgotten(register, ada, clock):
    register.sessions.begin(ada.id, "")
    clock.later(days=31)
    register.sessions.begin(ada.id, "")
    with register.engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one()
    assert count == 1


def test_a_session_knows_where_somebody_was_last(register, ada):
    key = register.sessions.begin(ada.id, "")
    one = register.workspaces.add("One")
    register.sessions.enter(hash_of(key), one.id)
    assert register.sessions.find(key).workspace == one.id
    assert register.sessions.last_workspace(ada.id) == one.id


def test_where_somebody_was_last_is_known_when_their_sessions_have_ended(register, ada, clock):
    assert register.sessions.last_workspace(ada.id) is None
    for title in ("One", "Two"):
        place = register.workspaces.add(title).id
        register.sessions.begin(ada.id, "", place)
        clock.later(hours=13)
    register.sessions.begin(ada.id, "")
    register.sessions.end_all(ada.id)
    assert register.sessions.last_workspace(ada.id) == place


def test_a_link_ends_when_it_expires_or_is_revoked(register, clock):
    one, other = register.workspaces.add("One").id, register.workspaces.add("Other").id
    secret, link = register.links.add(
        one, "study", "s", made_by="Ada", expires_at=clock() + timedelta(days=1)
    )
    forever, lasting = register.links.add(one, "run", "r", made_by="Ada")
    assert register.links.find(secret) == link and secret not in str(link)
    assert register.links.find("forged") is None
    clock.later(days=1)
    assert register.links.find(secret) is None
    assert register.links.find(forever) == lasting
    assert not register.links.revoke(other, lasting.key_hash)
    assert register.links.revoke(one, lasting.key_hash)
    assert register.links.find(forever) is None
    assert [each.revoked for each in register.links.of_workspace(one)].count(True) == 1
    assert register.links.of_workspace(other) == []


def test_all_links_of_somebody_end_in_one_workspace_or_everywhere(register):
    places = [register.workspaces.add(title).id for title in ("One", "Other")]
    hers = [register.links.add(place, "run", "r", made_by="Ada")[0] for place in (*places, *places)]
    his, _ = register.links.add(places[0], "run", "r", made_by="Bo")
    assert register.links.revoke_of("Ada", places[0]) == 2
    assert [register.links.find(secret) is None for secret in hers] == [True, False, True, False]
    assert register.links.revoke_of("Ada") == 2
    assert [register.links.find(secret) for secret in hers] == [None] * 4
    assert register.links.find(his)
