"""Sessions: who has come in, and hasn't gone or been idle for too long."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from cnnlab.domain.people.person import Person
from cnnlab.domain.people.records import SignedIn
from cnnlab.storage.index.database import reading, writing
from cnnlab.storage.people.keys import hash_of, new_key
from cnnlab.storage.people.part import RegisterPart
from cnnlab.storage.people.schema import people, sessions
from cnnlab.storage.people.words import written

IDLE = timedelta(hours=12)
"""So long after somebody did something last their session ends."""

LONGEST = timedelta(days=30)
"""So long after somebody came in their session ends, however much it is used."""

_NOTED_EVERY = timedelta(minutes=1)
_FORGOTTEN_AFTER = timedelta(days=30)


class Sessions(RegisterPart):
    """The sessions of a register."""

    def begin(self, person: str, address: str, workspace: str | None = None) -> str:
        """Somebody has come in; those of long ago are forgotten.

        Args:
            person: their id.
            address: from where.
            workspace: id of the one they are in.

        Returns:
            The key that their browser keeps. It is stored nowhere.
        """
        key, at = new_key(), self._clock()
        row = {
            "key_hash": hash_of(key),
            "person": person,
            "workspace": workspace,
            "created_at": written(at),
            "seen_at": written(at),
            "address": address[:100],
        }
        old = sessions.c.seen_at < written(at - _FORGOTTEN_AFTER)
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(old))
            connection.execute(insert(sessions).values(row))
        return key

    def find(self, key: str) -> SignedIn | None:
        """The session of a key; None where it has ended or never was.

        It ends where it was revoked, was idle for 12 hours, is 30 days old, or its person was
        disabled. Being looked for isn't use: open pages ask by themselves.
        """
        chosen = _live(self._clock()).where(sessions.c.key_hash == hash_of(key))
        with reading(self._engine) as connection:
            row = connection.execute(chosen).first()
        return None if row is None else _signed_in(row)

    def use(self, key: str) -> None:
        """Somebody has done something in a session; noted to a minute, in one that goes on."""
        at = self._clock()
        chosen = (
            sessions.c.key_hash == hash_of(key),
            sessions.c.seen_at < written(at - _NOTED_EVERY),
            sessions.c.seen_at >= written(at - IDLE),
        )
        with reading(self._engine) as connection:
            if connection.scalar(select(sessions.c.person).where(*chosen)) is None:
                return
        with writing(self._engine) as connection:
            connection.execute(update(sessions).where(*chosen).values(seen_at=written(at)))

    def enter(self, key_hash: str, workspace: str) -> None:
        """Note in which workspace somebody is now."""
        chosen = update(sessions).where(sessions.c.key_hash == key_hash)
        with writing(self._engine) as connection:
            connection.execute(chosen.values(workspace=workspace))

    def last_workspace(self, person: str) -> str | None:
        """Id of the workspace in which somebody was last, in whatever session; None is in none."""
        chosen = sessions.c.person == person, sessions.c.workspace.is_not(None)
        latest = (sessions.c.seen_at.desc(), sessions.c.created_at.desc())
        with reading(self._engine) as connection:
            found: str | None = connection.scalar(
                select(sessions.c.workspace).where(*chosen).order_by(*latest).limit(1)
            )
        return found

    def counts(self) -> dict[str, int]:
        """By ids of people, at how many places they are signed in; nobody who is nowhere."""
        live = _live(self._clock()).subquery()
        with reading(self._engine) as connection:
            places = select(live.c.person, func.count().label("places")).group_by(live.c.person)
            return {row.person: row.places for row in connection.execute(places)}

    def end(self, key_hash: str, person: str) -> bool:
        """End a session of a person; whether there was one."""
        chosen = sessions.c.key_hash == key_hash, sessions.c.person == person
        with writing(self._engine) as connection:
            ended = update(sessions).where(*chosen, sessions.c.revoked.is_(False))
            return connection.execute(ended.values(revoked=True)).rowcount == 1

    def end_all(self, person: str) -> int:
        """End all sessions of a person; how many there were."""
        with writing(self._engine) as connection:
            chosen = sessions.c.person == person, sessions.c.revoked.is_(False)
            return connection.execute(update(sessions).where(*chosen).values(revoked=True)).rowcount


def _live(at: datetime) -> Select[Any]:
    """Sessions that haven't ended, with their people."""
    return (
        select(sessions, people.c.name, people.c.is_admin)
        .join(people, people.c.id == sessions.c.person)
        .where(
            sessions.c.revoked.is_(False),
            sessions.c.seen_at >= written(at - IDLE),
            sessions.c.created_at >= written(at - LONGEST),
            people.c.disabled.is_(False),
        )
    )


def _signed_in(row: Row[Any]) -> SignedIn:
    person = Person(row.person, row.name, row.is_admin)
    return SignedIn(row.key_hash, person, row.workspace, row.created_at, row.seen_at, row.address)
