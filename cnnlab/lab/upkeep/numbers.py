"""How much an installation does, in numbers that name nobody: for who draws and alerts by them."""

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.access.signing_in import SIGN_IN, SIGN_IN_LIMITED
from cnnlab.lab.upkeep.everywhere import of_all_workplaces, workspace_titles
from cnnlab.lab.workplace import Workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home


@dataclass(frozen=True)
class Numbers:
    """What is so at one moment, over all workspaces.

    Attributes:
        runs: how many there are by status, each status named; those of a workspace that can't be
            read don't count.
        jobs: other work that waits or is done now.
        workers: processes of this machine that do one of both.
        workspaces: how many there are.
        free_disk_bytes: on the disk of the home folder.
        refused_sign_ins: since the register was made.
    """

    runs: Mapping[Status, int]
    jobs: int
    workers: int
    workspaces: int
    free_disk_bytes: int
    refused_sign_ins: int


@asks(Action.ADMINISTER, is_noted=False)
def read_numbers() -> Numbers:
    """What is so now.

    Raises:
        NotAllowedError: whoever asks is no admin.
        StorageError: the home or the register can't be read.
    """
    parts = list(of_all_workplaces(_part_of))
    runs = sum((part.runs for part in parts), Counter[Status]())
    people = register_if_made()
    refused = functools.partial(people.audit.count, outcome="refused") if people else None
    return Numbers(
        runs={status: runs[status] for status in Status},
        jobs=sum(part.jobs for part in parts),
        workers=sum(part.workers for part in parts),
        workspaces=len(workspace_titles()),
        free_disk_bytes=open_home().free_bytes(),
        refused_sign_ins=refused(SIGN_IN, SIGN_IN_LIMITED) if refused else 0,
    )


@dataclass(frozen=True)
class _Part:
    """The same of one workspace."""

    runs: Counter[Status]
    jobs: int
    workers: int


def _part_of(place: Workplace) -> _Part:
    jobs = list(queued_jobs(place.home))
    running = place.runs.list(Status.RUNNING)
    attempts = [Attempt(place.home.attempt(run.id, run.attempt)) for run in running]
    workers = sum(work.is_alive() for work in [*attempts, *(job.files for job in jobs)])
    return _Part(Counter(place.runs.counts()), len(jobs), workers)
