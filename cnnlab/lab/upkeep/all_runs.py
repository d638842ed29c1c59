"""All that trains and waits, in whichever workspace: what an admin sees, moves and stops.

Of other people's runs an admin is told the workspace and the id, not what they are called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.lab.access.acting import LOCAL, acting, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.queue.all_queues import WholeQueue, whole_queue
from cnnlab.lab.queue.queue import move_in_queue, run_next
from cnnlab.lab.runs import stop_run
from cnnlab.lab.upkeep.everywhere import workspace_titles
from cnnlab.lab.workplace import workplace
from cnnlab.runner.sharing.turns import Turns


@dataclass(frozen=True)
class RunAtWork:
    """A run that trains or waits.

    Attributes:
        run: its id.
        workspace: id of the workspace that it belongs to.
        title: of that; empty where there is only one.
        name: what it is called, where whoever looks is in that workspace; else empty.
        place: from 1 among all that wait; None for one that trains.
        place_in_own: the same among those of its workspace.
        of_own: how many of its workspace wait.
        starts_in_seconds: when it may begin; None where nothing is known.
        seconds: how long it may still take, once it trains; None where nothing is known.
        held_by: why it waits whatever is free, as a sentence; empty where it doesn't.
    """

    run: str
    workspace: str
    title: str
    name: str
    place: int | None = None
    place_in_own: int = 0
    of_own: int = 0
    starts_in_seconds: float | None = None
    seconds: float | None = None
    held_by: str = ""


@dataclass(frozen=True)
class RunsAtWork:
    """What trains in all workspaces, and what waits in the order in which it is served."""

    running: list[RunAtWork]
    waiting: list[RunAtWork]


@asks(Action.ADMINISTER, is_noted=False)
def view_all_runs() -> RunsAtWork:
    """All runs that train or wait.

    Raises:
        NotAllowedError: whoever asks is no admin.
        StorageError: the register or the first workspace can't be read.
    """
    here = acting().workspace
    with acting_as(LOCAL):
        whole, titles = whole_queue(), workspace_titles()
    return RunsAtWork(
        [
            replace(_named(run, workspace, titles, here), seconds=seconds)
            for workspace, standing in whole.standings.items()
            for run, seconds in standing.running
        ],
        _waiting(whole, titles, here),
    )


def _waiting(whole: WholeQueue, titles: Mapping[str, str], here: str) -> list[RunAtWork]:
    lasts = {
        (workspace, run.id): seconds
        for workspace, standing in whole.standings.items()
        for run, seconds in standing.waiting
    }
    passed = dict.fromkeys(whole.standings, 0)
    found = []
    for place, ((workspace, run), starts) in enumerate(
        zip(whole.order, whole.starts, strict=True), start=1
    ):
        passed[workspace] += 1
        found.append(
            replace(
                _named(run, workspace, titles, here),
                place=place,
                place_in_own=passed[workspace],
                of_own=len(whole.standings[workspace].waiting),
                starts_in_seconds=starts,
                seconds=lasts[workspace, run.id],
                held_by=whole.standings[workspace].held_by,
            )
        )
    return found


def _named(run: Run, workspace: str, titles: Mapping[str, str], here: str) -> RunAtWork:
    name = run.name if workspace == here else ""
    title = titles.get(workspace, workspace) if len(titles) > 1 else ""
    return RunAtWork(run.id, workspace, title, name)


@asks(Action.ADMINISTER)
def move_any(run: str, workspace: str, step: int) -> None:
    """Move a run that waits within its workspace, whose turn comes when it comes, or before all.

    Args:
        run: its id.
        workspace: id of its workspace.
        step: by how many places, towards the front where it is negative; 0 has it be the next
            one of all, whichever workspace's turn it is.

    Raises:
        NotFoundError: there is no such run or workspace.
        RunStateError: it doesn't wait (any more).
    """
    with acting_as(replace(LOCAL, workspace=workspace)):
        if step:
            move_in_queue(run, step)
        else:
            run_next(run)
            Turns(workplace().home).put_first(workspace)


@asks(Action.ADMINISTER)
def stop_any(run: str, workspace: str) -> None:
    """Stop a run that trains, after its current step, or one that waits.

    Args:
        run: its id.
        workspace: id of its workspace.

    Raises:
        NotFoundError: there is no such run or workspace.
    """
    with acting_as(replace(LOCAL, workspace=workspace)):
        stop_run(run)
