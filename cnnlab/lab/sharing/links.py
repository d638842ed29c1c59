"""Links to a run, a study or its slides: made, listed, ended."""

from datetime import timedelta
from enum import StrEnum

from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.people.person import Action, allows
from cnnlab.domain.people.records import Link, LinkKind
from cnnlab.lab.access.acting import acting
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register, register_if_made
from cnnlab.lab.runs import load_run
from cnnlab.lab.study.studies import load_study
from cnnlab.storage.people.words import now, written


class Lasts(StrEnum):
    """How long a link leads anywhere."""

    DAY = "1 day"
    WEEK = "1 week"
    EVER = "Until it is revoked"


_TIMES = {Lasts.DAY: timedelta(days=1), Lasts.WEEK: timedelta(weeks=1), Lasts.EVER: None}


def may_share() -> bool:
    """Whether whoever acts may make links in their workspace.

    Raises:
        NotSignedInError: nobody acts.
    """
    role = acting().role
    return role is not None and allows(role, Action.EDIT)


@asks(Action.EDIT, is_noted=False)
def list_links(run_or_study: str, kind: LinkKind) -> list[Link]:
    """The links to something that lead there still, the latest first.

    Args:
        run_or_study: its id.
        kind: what is shown of it.

    Raises:
        NotFoundError: there is no such run or study.
        StorageError: the register can't be read.
    """
    _see(run_or_study, kind)
    return [link for link in _working() if (link.kind, link.object) == (kind, run_or_study)]


@asks(Action.OWN, is_noted=False)
def list_all_links() -> list[Link]:
    """All links of the workspace that lead anywhere still, the latest first.

    Raises:
        StorageError: the register can't be read.
    """
    return _working()


@asks(Action.EDIT)
def make_link(run_or_study: str, kind: LinkKind, lasts: Lasts = Lasts.WEEK) -> tuple[str, Link]:
    """Make a link to something; whoever has it looks at that, and at nothing else.

    Args:
        run_or_study: its id.
        kind: what is shown of it.
        lasts: how long it leads there.

    Returns:
        Its secret, which is stored nowhere, and the link.

    Raises:
        NotFoundError: there is no such run or study.
        StorageError: the register can't be written.
    """
    _see(run_or_study, kind)
    who, time = acting(), _TIMES[lasts]
    ends = None if time is None else now() + time
    return register().links.add(
        who.workspace, kind, run_or_study, made_by=who.person.name, expires_at=ends
    )


@asks(Action.EDIT)
def revoke_link(run_or_study: str, key_hash: str) -> None:
    """End a link at once.

    Args:
        run_or_study: id of what it shows.
        key_hash: names the link.

    Raises:
        NotFoundError: there is none in this workspace, or it has been revoked.
        StorageError: the register can't be written.
    """
    workspace, links = acting().workspace, register().links
    of_it = {link.key_hash for link in links.of_workspace(workspace) if link.object == run_or_study}
    if key_hash not in of_it or not links.revoke(workspace, key_hash):
        raise NotFoundError("There is no such link any more: it has been revoked.")


def _working() -> list[Link]:
    """The links of the workspace in which somebody acts that lead anywhere, the latest first."""
    known = register_if_made()
    links = [] if known is None else known.links.of_workspace(acting().workspace)
    at = written(now())
    return [link for link in links if not link.has_ended(at)]


def _see(run_or_study: str, kind: LinkKind) -> None:
    """See that there is what a link leads to."""
    if kind == "run":
        load_run(run_or_study)
    else:
        load_study(run_or_study)
