"""What a user notes of runs, one or many at once: stars, tags, a note; and deleting many."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.batches import in_batches
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.marks.note import checked_note
from cnnlab.domain.marks.tags import checked_tags
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs import as_it_is, deleting_runs
from cnnlab.lab.workplace import workplace
from cnnlab.tracking.outbox import tell_of

_AT_ONCE = 100
"""Each changed run's file is written anew before the database lets others write."""


@dataclass(frozen=True)
class Deletion:
    """What deleting some runs would do.

    Attributes:
        runs: ids of those that go.
        kept: a sentence for each reason to keep some.
    """

    runs: list[str]
    kept: list[str]


@asks(Action.EDIT)
def star_runs(ids: Sequence[str], *, starred: bool) -> None:
    """Give runs a star, or take it from them.

    Raises:
        StorageError: the disk is full.
    """
    _change(ids, lambda run: {"starred": starred})


@asks(Action.EDIT)
def note_run(run: str, note: str) -> str:
    """Note something of a run in words; return it as it is stored.

    Raises:
        BadInputError: it is too long.
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    kept = checked_note(note)
    if workplace().runs.load(run).note != kept:
        workplace().runs.update(run, note=kept)
    return kept


@asks(Action.EDIT)
def tag_runs(ids: Sequence[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Give runs more tags and take others from them; none is changed if one can't be.

    Args:
        ids: of the runs; what was deleted meanwhile is left out.
        add: more tags of each.
        remove: tags that none has afterwards, whatever their case.

    Raises:
        BadInputError: one would have too many, or a tag is too long.
        StorageError: the disk is full.
    """
    more, gone = list(add), {tag.casefold() for tag in remove}

    def changed(run: Run) -> dict[str, Any]:
        kept = [tag for tag in run.tags if tag.casefold() not in gone]
        try:
            return {"tags": checked_tags([*kept, *more])}
        except BadInputError as error:
            raise BadInputError(f"{run.name[:80]!r} can't be tagged so: {error}") from error

    for run in workplace().runs.load_all(ids):
        changed(run)
    _change(ids, changed)
    tell_of(workplace().home, *ids)


@asks(Action.VIEW)
def plan_deletion(ids: Sequence[str]) -> Deletion:
    """What would go if these runs were deleted, and what would be kept."""
    found = [as_it_is(run) for run in workplace().runs.load_all(ids)]
    active = [run for run in found if not run.status.is_ended]
    ended = [run for run in found if run.status.is_ended]
    of_study = [run for run in ended if run.study]
    of_search = [run for run in ended if run.search and not run.study]
    reasons = (
        (active, "has not ended", "have not ended", "stop it first"),
        (of_study, "belongs to a study", "belong to studies", "verdicts need it"),
        (of_search, "belongs to a search", "belong to searches", "its answer needs it"),
    )
    kept = [
        f"{counted(len(runs), 'run')} {one if len(runs) == 1 else more}: {why}."
        for runs, one, more, why in reasons
        if runs
    ]
    return Deletion([run.id for run in ended if run.is_alone], kept)


@asks(Action.EDIT)
def delete_runs(
    ids: Sequence[str], on_progress: Callable[[int, int], None] = lambda done, of: None
) -> list[str]:
    """Delete those of some runs that `plan_deletion` lets go.

    Args:
        ids: of the runs.
        on_progress: is told after each run how many of how many were dealt with.

    Returns:
        Ids of those that are gone.

    Raises:
        StorageError: the home folder can't be written; what was deleted before is gone.
    """
    gone = []
    planned = plan_deletion(ids).runs
    with deleting_runs() as delete:
        for number, run in enumerate(planned, start=1):
            with contextlib.suppress(NotFoundError, RunStateError):  # somebody else was quicker
                delete(run)
                gone.append(run)
            on_progress(number, len(planned))
    return gone


def _change(ids: Sequence[str], changed: Callable[[Run], dict[str, Any]]) -> None:
    for some in in_batches(ids, _AT_ONCE):
        runs = workplace().runs.load_all(some)
        news = {
            run.id: {name: value for name, value in values.items() if getattr(run, name) != value}
            for run in runs
            if (values := changed(run))
        }
        workplace().runs.update_each({run: values for run, values in news.items() if values})
