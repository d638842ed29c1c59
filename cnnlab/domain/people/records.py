"""What the register notes: who is signed in, what was shared by a link, who did what."""

from dataclasses import dataclass
from typing import Literal

from cnnlab.domain.people.person import Person

LinkKind = Literal["run", "study", "presentation"]
Outcome = Literal["done", "refused", "failed"]


@dataclass(frozen=True)
class SignedIn:
    """A session: somebody who came in from somewhere and hasn't gone.

    Attributes:
        key_hash: SHA-256 of the key that their browser keeps, in hex; names the session.
        person: who it is.
        workspace: id of the one they were in last; None before they chose one.
        created_at: when they came in, ISO 8601, UTC.
        seen_at: when they did something last, to a minute, likewise.
        address: from where they came.
    """

    key_hash: str
    person: Person
    workspace: str | None
    created_at: str
    seen_at: str
    address: str


@dataclass(frozen=True)
class Link:
    """A way to look at one thing without an account.

    Attributes:
        key_hash: SHA-256 of its secret, in hex; names the link.
        workspace: id of the workspace in which the thing is.
        kind: what the thing is.
        object: its id.
        made_by: name of who made it.
        created_at: ISO 8601, UTC.
        expires_at: when it ends, likewise; None is never.
        revoked: whether somebody has ended it.
    """

    key_hash: str
    workspace: str
    kind: LinkKind
    object: str
    made_by: str
    created_at: str
    expires_at: str | None
    revoked: bool = False

    def has_ended(self, at: str) -> bool:
        """Whether it leads nowhere any more.

        Args:
            at: a moment, written as the others are.
        """
        return self.revoked or (self.expires_at is not None and self.expires_at <= at)


@dataclass(frozen=True)
class AuditEntry:
    """Who did what, when and from where; it is never changed.

    Attributes:
        number: counts up.
        at: ISO 8601, UTC.
        person: name of who did it, as they were called then; empty where nobody is known.
        workspace: id of the workspace in which it was done; empty for what concerns none.
        what: name of what was done, such as `delete_run`.
        object: what it was done to: an id, or words; empty for nothing in particular.
        address: from where; empty for this machine.
        outcome: `done`, `refused`, or `failed` for what was allowed and didn't work.
    """

    number: int
    at: str
    person: str
    workspace: str
    what: str
    object: str
    address: str
    outcome: Outcome
