"""Accounts: names, passwords, admins."""

import time

import pytest

from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.people.person import Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.storage.people import passwords


@pytest.fixture
def ada(register):
    return register.accounts.add("Ada", password="a long secret", email="Ada@Example.org").person


def test_the_first_account_is_an_admin_and_owns_what_is_there(register, ada):
    other = register.accounts.add("bo").person
    assert (ada.is_admin, other.is_admin) == (True, False)
    assert register.workspaces.role(DEFAULT_WORKSPACE, ada.id) is Role.OWNER
    assert register.workspaces.of_person(other.id) == []
    assert [one.person for one in register.accounts.all()] == [ada, other]


def test_whoever_signs_in_brings_name_and_password(register, ada):
    assert register.accounts.check(" ada", "a long secret") == ada
    assert register.accounts.check("ada", "a long secre") is None
    assert register.accounts.check("nobody", "a long secret") is None
    register.accounts.add("without")
    assert register.accounts.check("without", "") is None


def test_no_password_is_stored(place, register, ada):
    with register.engine.connect() as connection:
        (stored,) = connection.exec_driver_sql("SELECT password_hash FROM people").scalars()
    assert stored.startswith("$argon2id$") and "secret" not in stored
    if not place[1]:
        files = place[0].root.glob("people.db*")
        assert not any(b"a long secret" in file.read_bytes() for file in files)
        assert place[0].people.stat().st_mode & 0o077 == 0


def test_names_and_addresses_are_unique_whatever_their_letters(register, ada):
    for name, email in [("ADA", ""), ("ada ", ""), ("other", "ada@EXAMPLE.org")]:
        with pytest.raises(BadInputError, match=r"already|Another account"):
            register.accounts.add(name, email=email)
    register.accounts.add("x")
    register.accounts.add("y")  # neither has an address
    assert register.accounts.find("aDa").email == "ada@example.org"
    assert register.accounts.find_email("ADA@example.org").person == ada
    assert register.accounts.find("z") is register.accounts.find_email("") is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": " "}, "The name must have 1 to 80"),
        ({"name": "a\nb"}, "The name must have 1 to 80"),
        ({"name": "a" * 81}, "The name must have 1 to 80"),
        ({"name": "a", "password": "seven77"}, "8 to 1,000 characters. Received: 7"),
        ({"name": "a", "email": "nowhere"}, "email must be like"),
    ],
)
def test_what_can_not_be_taken_is_said_and_nothing_is_added(register, values, words):
    with pytest.raises(BadInputError, match=words):
        register.accounts.add(**values)
    assert register.accounts.all() == []


def test_another_password_or_none_any_more_ends_all_sessions(register, ada):
    register.accounts.add("Bo", is_admin=True)
    for change in (
        lambda: register.accounts.set_password(ada.id, "another secret"),
        lambda: register.accounts.set_disabled(ada.id, True),
    ):
        key = register.sessions.begin(ada.id, "::1")
        assert register.sessions.find(key).person == ada
        change()
        assert register.sessions.find(key) is None
    assert register.accounts.check("ada", "a long secret") is None
    assert register.accounts.check("ada", "another secret") is None  # disabled
    register.accounts.set_disabled(ada.id, False)
    assert register.accounts.check("ada", "another secret") == ada


def test_an_account_gets_another_address_which_no_other_one_has(register, ada):
    register.accounts.add("Bo", email="bo@uni.example")
    key = register.sessions.begin(ada.id, "::1")
    register.accounts.set_email(ada.id, " Ada@Uni.Example ")
    register.accounts.set_email(ada.id, "ada@uni.example")  # its own
    assert register.accounts.find_email("ada@uni.example").person == ada
    assert register.sessions.find(key) is None
    for refused in ("bo@uni.example", "nowhere"):
        with pytest.raises(BadInputError):
            register.accounts.set_email(ada.id, refused)
    register.accounts.set_email(ada.id, "")
    assert register.accounts.load(ada.id).email == ""


def test_the_last_admin_stays_one(register, ada):
    for change in (
        lambda: register.accounts.set_disabled(ada.id, True),
        lambda: register.accounts.set_admin(ada.id, False),
    ):
        with pytest.raises(RunStateError, match="last admin"):
            change()
    assert register.accounts.load(ada.id).person.is_admin
    with pytest.raises(NotFoundError):
        register.accounts.load("nobody")
    with pytest.raises(NotFoundError):
        register.accounts.set_admin("nobody", True)


def test_a_password_of_another_cost_is_stored_anew_when_it_is_used(register, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 16, 1))
    register.accounts.add("Ada", password="a long secret")

    def stored():
        with register.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT password_hash FROM people").scalar_one()

    assert "m=16," in stored()
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
    assert register.accounts.check("ada", "a long secret")
    assert "m=8," in stored()


def test_the_cost_is_the_one_of_the_standard():
    parameters = passwords._hasher
    known = (parameters.time_cost, parameters.memory_cost, parameters.parallelism)
    assert known == (3, 64 * 1024, 4)
    began = time.process_time()
    assert not passwords.is_password("anything", None)
    assert time.process_time() - began > 0.005  # nobody's password costs as much as somebody's
