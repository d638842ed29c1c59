"""The tables of many pictures that are kept, and whose models were asked for them."""

import logging
from collections.abc import Iterator

from cnnlab.domain.errors import CnnlabError, StorageError
from cnnlab.files import read_json, remove_folder
from cnnlab.jobs.asking import cancel, job_folder
from cnnlab.jobs.kinds.predict import KIND
from cnnlab.jobs.state import stage_of
from cnnlab.lab.workplace import workplace

_log = logging.getLogger(__name__)


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


def delete_tables_of(run: str) -> None:
    """Delete all tables that a run's model was asked for; one that is being made is cancelled.

    They show pictures of users, which mustn't outlive the run without anybody knowing. What can't
    be deleted is logged: the run is gone all the same.
    """
    for key, asked in list(asked_tables()):
        if run not in (one for one, _ in asked):
            continue
        files = job_folder(workplace().home, KIND, key)
        try:
            cancel(files)
            if stage_of(files).is_ended:
                remove_folder(files.folder)
        except StorageError as error:
            _log.warning("%s can't be deleted: %s", files.folder, error)
