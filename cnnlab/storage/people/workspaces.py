"""Workspaces with their quotas and members, as the register lists them."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.people.person import Person, Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, NO_QUOTA, Member, Quota, Workspace
from cnnlab.storage.index.database import reading, writing
from cnnlab.storage.people.part import RegisterPart
from cnnlab.storage.people.schema import links, members, people, sessions, workspaces
from cnnlab.storage.people.words import clean_name, key_of, new_id, now, written


def add_default(connection: Connection) -> None:
    """List the workspace that is there without accounts, in a new register."""
    row = {
        "id": DEFAULT_WORKSPACE,
        "title": DEFAULT_WORKSPACE,
        "title_key": DEFAULT_WORKSPACE,
        "created_at": written(now()),
    }
    connection.execute(insert(workspaces).values(row))


class Workspaces(RegisterPart):
    """The workspaces of a register. What they hold lies in homes of their own."""

    def add(self, title: str, quota: Quota = NO_QUOTA, owner: str | None = None) -> Workspace:
        """Add a workspace.

        Args:
            title: what people call it; unique, large and small letters being alike.
            quota: its limits.
            owner: id of the person who owns it; None leaves it without members.

        Raises:
            BadInputError: the title can't be taken, or another workspace has it.
        """
        shown = clean_name(title, "The title")
        row = {"id": new_id(), "title": shown, "title_key": key_of(shown)}
        row["created_at"] = written(self._clock())
        with writing(self._engine) as connection:
            if _find(connection, shown):
                raise BadInputError(f"There is a workspace {shown!r} already: choose another one.")
            connection.execute(insert(workspaces).values(row | asdict(quota)))
            if owner is not None:
                connection.execute(
                    insert(members).values(workspace=row["id"], person=owner, role=Role.OWNER)
                )
        return Workspace(row["id"], shown, row["created_at"], quota)

    def all(self) -> list[Workspace]:
        """All workspaces, `default` first, then by title."""
        order = (workspaces.c.id != DEFAULT_WORKSPACE, workspaces.c.title_key)
        with reading(self._engine) as connection:
            return [
                _workspace(row) for row in connection.execute(select(workspaces).order_by(*order))
            ]

    def find(self, name: str) -> Workspace:
        """The workspace with an id or a title.

        Raises:
            NotFoundError: none has it.
        """
        with reading(self._engine) as connection:
            row = _find(connection, name)
        if row is None:
            raise _missing(name)
        return _workspace(row)

    def rename(self, workspace: str, title: str) -> None:
        """Call a workspace otherwise.

        Args:
            workspace: its id.
            title: what people call it from now on; unique, as for `add`.

        Raises:
            BadInputError: the title can't be taken, or another workspace has it.
            NotFoundError: there is no such workspace.
        """
        shown = clean_name(title, "The title")
        with writing(self._engine) as connection:
            other = _find(connection, shown)
            if other is not None and other.id != workspace:
                raise BadInputError(f"There is a workspace {shown!r} already: choose another one.")
            named = {"title": shown, "title_key": key_of(shown)}
            changed = update(workspaces).where(workspaces.c.id == workspace).values(named)
            if connection.execute(changed).rowcount == 0:
                raise _missing(workspace)

    def set_quota(self, workspace: str, quota: Quota) -> None:
        """Give a workspace other limits.

        Raises:
            NotFoundError: there is no such workspace.
        """
        changed = update(workspaces).where(workspaces.c.id == workspace).values(asdict(quota))
        with writing(self._engine) as connection:
            if connection.execute(changed).rowcount == 0:
                raise _missing(workspace)

    def delete(self, workspace: str) -> None:
        """Take a workspace with its members and links from the list.

        Raises:
            BadInputError: it is the one that is always there.
            NotFoundError: there is no such workspace.
        """
        if workspace == DEFAULT_WORKSPACE:
            raise BadInputError(
                f"The workspace {DEFAULT_WORKSPACE} stays: delete what it holds instead."
            )
        with writing(self._engine) as connection:
            if (
                connection.execute(delete(workspaces).where(workspaces.c.id == workspace)).rowcount
                == 0
            ):
                raise _missing(workspace)
            for table in (members, links):
                connection.execute(delete(table).where(table.c.workspace == workspace))
            left = update(sessions).where(sessions.c.workspace == workspace)
            connection.execute(left.values(workspace=None))

    def members(self, workspace: str) -> list[Member]:
        """Who may come into a workspace, by name."""
        chosen = (
            select(people, members.c.role)
            .join(members, members.c.person == people.c.id)
            .where(members.c.workspace == workspace)
            .order_by(people.c.name_key)
        )
        with reading(self._engine) as connection:
            return [
                Member(Person(row.id, row.name, row.is_admin), Role(row.role))
                for row in connection.execute(chosen)
            ]

    def role(self, workspace: str, person: str) -> Role | None:
        """What somebody is in a workspace; None where they aren't a member."""
        with reading(self._engine) as connection:
            return _role(connection, workspace, person)

    def of_person(self, person: str) -> list[tuple[Workspace, Role]]:
        """The workspaces that somebody may come into, `default` first, then by title."""
        chosen = (
            select(workspaces, members.c.role)
            .join(members, members.c.workspace == workspaces.c.id)
            .where(members.c.person == person)
            .order_by(workspaces.c.id != DEFAULT_WORKSPACE, workspaces.c.title_key)
        )
        with reading(self._engine) as connection:
            return [(_workspace(row), Role(row.role)) for row in connection.execute(chosen)]

    def set_role(self, workspace: str, person: str, role: Role) -> None:
        """Make somebody a member, or give a member another role.

        Raises:
            NotFoundError: there is no such workspace or person.
            RunStateError: it is the last owner.
        """
        with writing(self._engine) as connection:
            if (
                connection.scalar(select(workspaces.c.id).where(workspaces.c.id == workspace))
                is None
            ):
                raise _missing(workspace)
            if connection.scalar(select(people.c.id).where(people.c.id == person)) is None:
                raise NotFoundError("No account has this id.")
            before = _role(connection, workspace, person)
            _remove(connection, workspace, person)
            row = {"workspace": workspace, "person": person, "role": role}
            connection.execute(insert(members).values(row))
            _keep_an_owner(connection, workspace, before)

    def remove_member(self, workspace: str, person: str) -> None:
        """Let somebody into a workspace no more.

        Raises:
            NotFoundError: they aren't a member.
            RunStateError: it is the last owner.
        """
        with writing(self._engine) as connection:
            before = _role(connection, workspace, person)
            if before is None:
                raise NotFoundError("This person isn't a member of the workspace.")
            _remove(connection, workspace, person)
            _keep_an_owner(connection, workspace, before)


def _find(connection: Connection, name: str) -> Row[Any] | None:
    by_id = connection.execute(select(workspaces).where(workspaces.c.id == name)).first()
    by_title = select(workspaces).where(workspaces.c.title_key == key_of(name))
    return by_id or connection.execute(by_title).first()


def _role(connection: Connection, workspace: str, person: str) -> Role | None:
    chosen = members.c.workspace == workspace, members.c.person == person
    found = connection.scalar(select(members.c.role).where(*chosen))
    return found and Role(found)


def _remove(connection: Connection, workspace: str, person: str) -> None:
    chosen = members.c.workspace == workspace, members.c.person == person
    connection.execute(delete(members).where(*chosen))


def _keep_an_owner(connection: Connection, workspace: str, before: Role | None) -> None:
    """Refuse to take the role from the last owner."""
    owners = select(func.count()).where(
        members.c.workspace == workspace, members.c.role == Role.OWNER
    )
    if before is Role.OWNER and not connection.scalar(owners):
        raise RunStateError(
            "This is the last owner of the workspace: make somebody else its owner first."
        )


def _workspace(row: Row[Any]) -> Workspace:
    quota = Quota(row.disk_bytes, row.queued_runs, row.running_runs, row.hours_a_day)
    return Workspace(row.id, row.title, row.created_at, quota)


def _missing(name: str) -> NotFoundError:
    return NotFoundError(
        f"No workspace is called {name[:100]!r}: `python -m cnnlab workspace list` shows those "
        "there are."
    )
