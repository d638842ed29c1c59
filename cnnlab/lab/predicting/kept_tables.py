"""The tables of many pictures that are kept, and whose models were asked for them."""

from collections.abc import Iterator, Set

from cnnlab.domain.errors import CnnlabError
from cnnlab.files import read_json
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.predict import KIND
from cnnlab.lab.work import delete_work
from cnnlab.lab.workplace import workplace


def asked_tables() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The key of each, the last one first, with the runs that were asked and their attempts."""
    folder = workplace().home.jobs / KIND.name
    found = sorted(folder.glob("*/request.json"), key=lambda file: -file.stat().st_mtime_ns)
    for file in found:
        try:
            request = KIND.read_request(read_json(file))
        except CnnlabError:  # of another version, or gone since
            continue
        yield file.parent.name, [(run, attempt) for run, _, attempt in request.runs]


def delete_tables_of(runs: Set[str]) -> None:
    """Delete all tables that models of runs were asked for; one that is being made is cancelled.

    They show pictures of users, which mustn't outlive a run without anybody knowing. What can't
    be deleted is logged: the run is gone all the same.

    Args:
        runs: ids; each table is read once, however many they are.
    """
    for key, asked in list(asked_tables()):
        if any(run in runs for run, _ in asked):
            delete_work(job_folder(workplace().home, KIND, key))
