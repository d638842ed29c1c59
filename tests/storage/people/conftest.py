"""A register on each database, with a clock of its own and cheap passwords."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from cnnlab.storage.home import open_home
from cnnlab.storage.people import passwords
from cnnlab.storage.people.register import open_register


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.at = datetime(2030, 5, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.at

    def later(self, **span):
        self.at += timedelta(**span)


@pytest.fixture
def cheap_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
    monkeypatch.setattr(passwords, "_of_nobody", "")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Home and address of a register that isn't there yet."""
    is_file = request.param == "sqlite"
    address = "" if is_file else request.getfixturevalue("postgresql")[1]
    return open_home(tmp_path / "home"), address


@pytest.fixture
def register(place, clock, cheap_passwords):
    made = open_register(*place, clock)
    yield made
    made.engine.dispose()
