"""Who did what, when and from where: for admins."""

from collections.abc import Iterator

from cnnlab.documents.csv_text import csv_text
from cnnlab.domain.people.person import Action
from cnnlab.domain.people.records import AuditEntry, Outcome
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register

_HEADS = ("number", "at", "person", "workspace", "what", "object", "address", "outcome")


@asks(Action.ADMINISTER, is_noted=False)
def find_audit(
    words: str = "",
    *,
    outcome: Outcome | None = None,
    most: int = 100,
    before: int | None = None,
) -> list[AuditEntry]:
    """The latest entries that are asked for, the last one first.

    Args:
        words: what person, deed, thing, workspace or address has in it; empty is anything.
        outcome: only those that ended so.
        most: how many at most.
        before: only those with smaller numbers; None is from the end.

    Raises:
        StorageError: the register can't be read.
    """
    return register().audit.latest(most, before=before, words=words, outcome=outcome)


@asks(Action.ADMINISTER)
def audit_csv() -> Iterator[str]:
    """The whole audit as CSV, in pieces, the first entry first.

    Raises:
        StorageError: the register can't be read.
    """
    entries = register().audit.all()

    def pieces() -> Iterator[str]:
        yield csv_text([_HEADS])
        for entry in entries:
            yield csv_text([[getattr(entry, name) for name in _HEADS]])

    return pieces()
