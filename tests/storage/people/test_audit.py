"""The audit is added to and never changed."""

import pytest
from sqlalchemy import delete, update

from cnnlab.domain.errors import StorageError
from cnnlab.storage.index.database import writing
from cnnlab.storage.people.schema import audit


def test_what_was_done_is_told_the_last_first(register, clock):
    register.audit.note(
        "delete_run", person="Ada", workspace="default", object="r1", address="10.0.0.7"
    )
    clock.later(seconds=1)
    register.audit.note("sign_in", "refused", person="Bo")
    second, first = register.audit.latest()
    assert (first.what, first.outcome, first.object) == ("delete_run", "done", "r1")
    assert (first.at, first.address) == ("2030-05-01T12:00:00+00:00", "10.0.0.7")
    assert (second.what, second.outcome) == ("sign_in", "refused")
    assert register.audit.latest(before=second.number) == [first]
    assert register.audit.latest(1) == [second]


def test_all_are_read_piece_by_piece(register, monkeypatch):
    monkeypatch.setattr("cnnlab.storage.people.audit._AT_ONCE", 3)
    for number in range(7):
        register.audit.note(str(number))
    assert [each.what for each in register.audit.all()] == [str(number) for number in range(7)]


@pytest.mark.parametrize("change", [update(audit).values(person="Nobody"), delete(audit)])
def test_the_database_refuses_to_change_it(register, change):
    register.audit.note("sign_in", person="Ada")
    with pytest.raises(StorageError, match="only added to"), writing(register.engine) as connection:
        connection.execute(change)
    assert [each.person for each in register.audit.latest()] == ["Ada"]


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)  # SQLite has no TRUNCATE
def test_postgresql_refuses_to_empty_it(register):
    register.audit.note("sign_in")
    with pytest.raises(StorageError, match="only added to"), writing(register.engine) as connection:
        connection.exec_driver_sql("TRUNCATE audit")
    assert len(register.audit.latest()) == 1
