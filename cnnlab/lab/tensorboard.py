"""Runs as TensorBoard's event files."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cnnlab.domain.errors import BadInputError, CnnlabError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs import list_runs, load_run, newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.tracking.event_folder import named, write_event_file


@asks(Action.EDIT)
def write_event_files(
    subject: str | None = None,
    to: Path | None = None,
    *,
    on_problem: Callable[[str], object] = lambda text: None,
) -> tuple[Path, int]:
    """Write the event files of runs anew.

    Args:
        subject: id of a run or a study; None for all runs.
        to: a folder, made where there is none; None for the home's own, where a run that trains
            writes its file itself and is left out.
        on_problem: is told of a run whose file can't be written; the others are.

    Returns:
        The folder, and of how many runs it has files now.

    Raises:
        NotFoundError: there is no such run or study.
        BadInputError: `to` is a file.
    """
    home = workplace().home
    root = to.expanduser().absolute() if to else home.tensorboard
    if root.is_file():
        raise BadInputError(f"--to must be a folder. Received: {str(to)!r}")
    count = 0
    for run in _runs(subject):
        attempt = newest_attempt(run)
        trains_here = to is None and not run.status.is_ended
        if not run.last or trains_here:
            continue
        try:
            write_event_file(named(home, attempt), root, started_at=_began(run))
            count += 1
        except CnnlabError as error:
            on_problem(f"{run.id} is left out: {error}")
    return root, count


def _runs(subject: str | None) -> list[Run]:
    if subject is None:
        return list_runs()
    return workplace().runs.list(study=subject) or [load_run(subject)]


def _began(run: Run) -> float:
    return datetime.fromisoformat(run.started_at or run.created_at).timestamp()
