"""The evidence bundles that are kept, and of whose runs they are."""

import itertools
from collections.abc import Iterator, Set
from pathlib import Path

from cnnlab.domain.errors import CnnlabError
from cnnlab.files import read_json
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.bundle import KIND
from cnnlab.lab.work import delete_work
from cnnlab.lab.workplace import workplace


def delete_bundles_of(runs_or_studies: Set[str]) -> None:
    """Delete all bundles of runs and studies, and those of studies in which the runs are.

    They hold their models and may hold images of users, which mustn't outlive them without anybody
    knowing. What can't be deleted is logged: what it was of is gone all the same.

    Args:
        runs_or_studies: ids; each bundle's request is read once, however many they are.
    """
    home = workplace().home
    for folder in list((home.jobs / KIND.name).glob("*/")):
        if not runs_or_studies.isdisjoint([*_subjects(folder.name), *_runs_in(folder)]):
            delete_work(job_folder(home, KIND, folder.name))


def _subjects(key: str) -> Iterator[str]:
    """What a bundle may be of: its key begins with an id, which has hyphens as well."""
    return itertools.accumulate(key.split("-"), "{}-{}".format)


def _runs_in(folder: Path) -> list[str]:
    """Ids of the runs in a bundle; none where it is of another version, or gone since."""
    try:
        request = KIND.read_request(read_json(folder / "request.json"))
    except (CnnlabError, OSError):
        return []
    return [run for run, *_ in request.runs]
