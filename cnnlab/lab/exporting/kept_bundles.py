"""The evidence bundles that are kept, and of whose runs they are."""

from pathlib import Path

from cnnlab.domain.errors import CnnlabError
from cnnlab.files import read_json
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.bundle import KIND
from cnnlab.lab.work import delete_work
from cnnlab.lab.workplace import workplace


def delete_bundles_of(run_or_study: str) -> None:
    """Delete all bundles of a run or a study, and those of studies in which the run is.

    They hold its models and may hold images of users, which mustn't outlive it without anybody
    knowing. What can't be deleted is logged: what it was of is gone all the same.
    """
    home = workplace().home
    for folder in list((home.jobs / KIND.name).glob("*/")):
        if folder.name.startswith(f"{run_or_study}-") or run_or_study in _runs_in(folder):
            delete_work(job_folder(home, KIND, folder.name))


def _runs_in(folder: Path) -> list[str]:
    """Ids of the runs in a bundle; none where it is of another version, or gone since."""
    try:
        request = KIND.read_request(read_json(folder / "request.json"))
    except (CnnlabError, OSError):
        return []
    return [run for run, *_ in request.runs]
