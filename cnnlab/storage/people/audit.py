"""The audit: who did what, when and from where. The database itself refuses to change it."""

from collections.abc import Iterator

from sqlalchemy import func, insert, or_, select

from cnnlab.domain.people.records import AuditEntry, Outcome
from cnnlab.storage.index.database import reading, writing
from cnnlab.storage.people.part import RegisterPart
from cnnlab.storage.people.schema import audit
from cnnlab.storage.people.words import written

_AT_ONCE = 1000
_SEARCHED = (audit.c.person, audit.c.what, audit.c.object, audit.c.workspace, audit.c.address)


class Audit(RegisterPart):
    """The audit of a register."""

    def note(
        self,
        what: str,
        outcome: Outcome = "done",
        *,
        person: str = "",
        workspace: str = "",
        object: str = "",
        address: str = "",
    ) -> None:
        """Add an entry; see `AuditEntry` for what each word means. No secret may be among them.

        Raises:
            StorageError: the register can't be written.
        """
        row = {
            "at": written(self._clock()),
            "person": person[:200],
            "workspace": workspace,
            "what": what[:200],
            "object": object[:500],
            "address": address[:100],
            "outcome": outcome,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(audit).values(row))

    def latest(
        self,
        most: int = 100,
        *,
        before: int | None = None,
        words: str = "",
        outcome: Outcome | None = None,
    ) -> list[AuditEntry]:
        """The latest entries, the last one first.

        Args:
            most: how many at most.
            before: only those with smaller numbers; None is from the end.
            words: what one of their texts has in it, large and small letters being alike.
            outcome: how they ended; None is however.
        """
        chosen = select(audit).order_by(audit.c.number.desc()).limit(most)
        if before is not None:
            chosen = chosen.where(audit.c.number < before)
        if words.strip():
            chosen = chosen.where(
                or_(*(text.icontains(words.strip(), autoescape=True) for text in _SEARCHED))
            )
        if outcome is not None:
            chosen = chosen.where(audit.c.outcome == outcome)
        with reading(self._engine) as connection:
            return [AuditEntry(**row._mapping) for row in connection.execute(chosen)]

    def count(self, *what: str, outcome: Outcome) -> int:
        """How many entries there are of some things that were done, and ended so."""
        chosen = select(func.count()).where(audit.c.what.in_(what), audit.c.outcome == outcome)
        with reading(self._engine) as connection:
            return connection.execute(chosen).scalar_one()

    def workspaces_of(self, what: str, person: str) -> set[str]:
        """Ids of the workspaces in which somebody has done something."""
        did = audit.c.what == what, audit.c.person == person, audit.c.outcome == "done"
        with reading(self._engine) as connection:
            return set(connection.scalars(select(audit.c.workspace).where(*did)))

    def all(self) -> Iterator[AuditEntry]:
        """All entries in the order in which they were noted, read piece by piece."""
        last = 0
        while True:
            chosen = select(audit).where(audit.c.number > last).order_by(audit.c.number)
            with reading(self._engine) as connection:
                rows = connection.execute(chosen.limit(_AT_ONCE)).all()
            for row in rows:
                yield AuditEntry(**row._mapping)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1].number
