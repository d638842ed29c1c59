"""Accounts: who may come in, and with which password."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.people.person import Account, Person, Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.storage.index.database import reading, writing
from cnnlab.storage.people.part import RegisterPart
from cnnlab.storage.people.passwords import hash_password, is_outdated, is_password
from cnnlab.storage.people.schema import members, people, sessions
from cnnlab.storage.people.words import (
    clean_email,
    clean_name,
    key_of,
    new_id,
    written,
)

_KNOWN = select(
    people.c.id,
    people.c.name,
    people.c.email,
    people.c.is_admin,
    people.c.created_at,
    people.c.disabled,
)


class Accounts(RegisterPart):
    """The accounts of a register."""

    def add(
        self, name: str, *, password: str | None = None, email: str = "", is_admin: bool = False
    ) -> Account:
        """Add an account. The first one is an admin, and the owner of the workspace `default`.

        Args:
            name: what its person signs in with; unique, large and small letters being alike.
            password: without one nobody signs in by password.
            email: their address; unique.
            is_admin: whether they look after people, quotas and the queue.

        Raises:
            BadInputError: name, password or address can't be taken, or another account has it.
        """
        shown, address = clean_name(name, "The name"), clean_email(email)
        stored = None if password is None else hash_password(password)
        with writing(self._engine) as connection:
            _refuse_taken(connection, shown, address)
            is_first = connection.scalar(select(people.c.id).limit(1)) is None
            row = {
                "id": new_id(),
                "name": shown,
                "name_key": key_of(shown),
                "email": address,
                "password_hash": stored,
                "is_admin": is_admin or is_first,
                "created_at": written(self._clock()),
                "disabled": False,
            }
            connection.execute(insert(people).values(row))
            if is_first:
                connection.execute(
                    insert(members).values(
                        workspace=DEFAULT_WORKSPACE, person=row["id"], role=Role.OWNER
                    )
                )
            return _one(connection, people.c.id == row["id"])

    def all(self) -> list[Account]:
        """All accounts, by name."""
        with reading(self._engine) as connection:
            return [_account(row) for row in connection.execute(_KNOWN.order_by(people.c.name_key))]

    def load(self, person: str) -> Account:
        """The account of a person.

        Raises:
            NotFoundError: nobody has this id.
        """
        with reading(self._engine) as connection:
            return _one(connection, people.c.id == person)

    def find(self, name: str) -> Account | None:
        """The account with a name, or None."""
        return self._first(_KNOWN.where(people.c.name_key == key_of(name)))

    def find_email(self, email: str) -> Account | None:
        """The account with an address, or None."""
        return self._first(_KNOWN.where(people.c.email == email.strip().lower()))

    def check(self, name: str, password: str) -> Person | None:
        """Who signs in with a name and a password; None where they don't fit or it is disabled.

        It takes as long whether or not there is such an account.
        """
        chosen = select(people).where(people.c.name_key == key_of(name))
        with reading(self._engine) as connection:
            row = connection.execute(chosen).first()
        stored = None if row is None or row.disabled else row.password_hash
        if not is_password(password, stored) or row is None:
            return None
        if is_outdated(row.password_hash):
            self._update(row.id, password_hash=hash_password(password))
        return Person(row.id, row.name, row.is_admin)

    def set_password(self, person: str, password: str) -> None:
        """Give an account another password; its sessions end.

        Raises:
            BadInputError: the password can't be taken.
            NotFoundError: nobody has this id.
        """
        self._update(person, password_hash=hash_password(password), ends_sessions=True)

    def set_email(self, person: str, email: str) -> None:
        """Give an account another address, or none; its sessions end.

        Raises:
            BadInputError: the address can't be taken, or another account has it.
            NotFoundError: nobody has this id.
        """
        address = clean_email(email)
        if address:
            owner = self.find_email(address)
            if owner is not None and owner.person.id != person:
                raise _address_taken(address)
        self._update(person, email=address, ends_sessions=True)

    def set_disabled(self, person: str, disabled: bool) -> None:
        """Let somebody in no more, or again; their sessions end.

        Raises:
            RunStateError: it is the last admin who can come in.
            NotFoundError: nobody has this id.
        """
        self._update(person, disabled=disabled, ends_sessions=True)

    def set_admin(self, person: str, is_admin: bool) -> None:
        """Make somebody an admin, or no more.

        Raises:
            RunStateError: it is the last admin who can come in.
            NotFoundError: nobody has this id.
        """
        self._update(person, is_admin=is_admin)

    def _first(self, query: Select[Any]) -> Account | None:
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else _account(row)

    def _update(self, person: str, *, ends_sessions: bool = False, **values: Any) -> None:  # noqa: ANN401 - of columns
        with writing(self._engine) as connection:
            found = connection.execute(update(people).where(people.c.id == person).values(values))
            if found.rowcount == 0:
                raise NotFoundError(f"No account has the id {person[:100]!r}.")
            if not _can_admins_come_in(connection):
                raise RunStateError(
                    "This is the last admin who can come in: make somebody else one first, with "
                    "`python -m cnnlab user add NAME --admin`."
                )
            if ends_sessions:
                of_person = sessions.c.person == person
                connection.execute(update(sessions).where(of_person).values(revoked=True))


def _can_admins_come_in(connection: Connection) -> bool:
    chosen = select(func.count()).where(people.c.is_admin, people.c.disabled.is_(False))
    return bool(connection.scalar(chosen))


def _one(connection: Connection, which: ColumnElement[bool]) -> Account:
    row = connection.execute(_KNOWN.where(which)).first()
    if row is None:
        raise NotFoundError("No account has this id.")
    return _account(row)


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    person = Person(row.id, row.name, row.is_admin)
    return Account(person, row.email or "", row.created_at, row.disabled)


def _refuse_taken(connection: Connection, name: str, email: str | None) -> None:
    if connection.scalar(select(people.c.id).where(people.c.name_key == key_of(name))):
        raise BadInputError(f"There is an account {name!r} already: choose another name.")
    if email and connection.scalar(select(people.c.id).where(people.c.email == email)):
        raise _address_taken(email)


def _address_taken(email: str) -> BadInputError:
    return BadInputError(f"Another account has the address {email}: give another one or none.")
