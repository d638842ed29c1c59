"""A workspace: data that belongs to the people who are its members."""

import re
from dataclasses import dataclass, fields

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Person, Role

DEFAULT_WORKSPACE = "default"
"""The workspace that is there without accounts: the home folder itself."""

_ID = re.compile("[a-z0-9]{12}")


@dataclass(frozen=True)
class Quota:
    """How much a workspace may take of the machine; None is no limit.

    Attributes:
        disk_bytes: of all that it stores.
        queued_runs: that wait at the same time.
        running_runs: that train at the same time.
        hours_a_day: of training, all its runs together, a day (UTC).
    """

    disk_bytes: int | None = None
    queued_runs: int | None = None
    running_runs: int | None = None
    hours_a_day: float | None = None

    def __post_init__(self) -> None:
        """See that no limit is below 0.

        Raises:
            BadInputError: one is.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not 0 <= value < float("inf"):
                raise BadInputError(
                    f"{field.name} must be 0 or more, or none for no limit. Received: {value}"
                )


NO_QUOTA = Quota()


@dataclass(frozen=True)
class Workspace:
    """Where datasets, runs, studies, models and uploads belong.

    Attributes:
        id: `default`, or 12 random characters.
        title: what people call it; unique.
        created_at: ISO 8601, UTC; empty for `default` where nobody has an account.
        quota: its limits.
    """

    id: str
    title: str
    created_at: str = ""
    quota: Quota = NO_QUOTA


@dataclass(frozen=True)
class Member:
    """Somebody who may come into a workspace."""

    person: Person
    role: Role


def is_workspace_id(text: str) -> bool:
    """Whether a text may be the id of a workspace other than `default`: the name of its folder."""
    return bool(_ID.fullmatch(text))
