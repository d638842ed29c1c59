"""What a light worker does to put datasets and ended runs into the bucket, and to delete there."""

import logging

from cnnlab.domain.errors import BadInputError, OutOfReachError, StorageError
from cnnlab.jobs.kinds.keep import KeepRequest, KeptInBucket
from cnnlab.storage.bucket.address import bucket_address
from cnnlab.storage.bucket.kept import HomeInBucket, Thing, things_of
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.index.rebuild import open_index
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.runs.store import RunStore
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work

_MOST_PROBLEMS = 3
"""After so many it is left to a later try: most likely all would fail for the same reason.

A folder that is missing here is no such reason."""

_log = logging.getLogger("cnnlab.worker")


def keep_in_bucket(work: Work[KeepRequest, JobFolder, JobRecorder]) -> KeptInBucket:
    """Put what isn't there, delete what was deleted here; one that fails isn't in others' way.

    Raises:
        StorageError: something couldn't be done; the rest was, unless the bucket is away.
    """
    home, address = home_of_work(), bucket_address()
    if address is None:  # it was named when somebody asked
        return KeptInBucket(0, 0)
    kept = HomeInBucket(home, address)
    with beating(work.recorder):
        try:
            answer = _keep(kept, _things(home), work.recorder)
        except StorageError as error:
            kept.note_problem(str(error))
            raise
    kept.note_problem("")
    return answer


def _things(home: Home) -> list[Thing]:
    engine = open_index(home)
    try:
        return things_of(DatasetStore(home, engine), RunStore(engine))
    finally:
        engine.dispose()


def _keep(kept: HomeInBucket, things: list[Thing], recorder: JobRecorder) -> KeptInBucket:
    deleted, due = kept.deleted(), kept.due(things)
    if deleted or due:
        kept.bucket.see()
    problems: list[Exception] = []
    of_bucket = 0
    steps = [(kept.delete, thing) for thing in deleted] + [(kept.put, thing) for thing in due]
    for number, (step, thing) in enumerate(steps):
        recorder.phase(f"Keeping {thing.id}")
        recorder.progress(number, len(steps))
        try:
            step(thing)
        except OutOfReachError:
            raise
        except (StorageError, BadInputError, FileNotFoundError) as error:  # or it is being deleted
            _log.warning("%s can't be kept in the bucket: %s", thing.id, error)
            problems.append(error)
            of_bucket += step == kept.delete or kept.folder(thing).is_dir()
            if of_bucket == _MOST_PROBLEMS:
                break
    if problems:
        raise StorageError(str(problems[0])) from problems[0]
    return KeptInBucket(len(due), len(deleted))
