"""Workers as jobs of a Ray cluster: Ray decides where, all else is decided here.

Ray knows of a job only while its head lives, and tells late. So a worker's own signs count first:
the lock of its folder where the storage has locks, the number that grows there in any case. A lock
that was held and is free says that a worker is gone, long before Ray has missed its node. Ray's
word is asked for where these are missing, and believed where it has seen the process end.
"""

import hashlib
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import OutOfReachError, RunStateError, StorageError
from cnnlab.files import disk_errors, read_json, wait_for_lock, write_json
from cnnlab.runner.cluster.api import RayApi, Submission
from cnnlab.runner.cluster.command import command_line
from cnnlab.runner.cluster.fitness import Fitness
from cnnlab.runner.cluster.nodes import GPU_CPUS, NODE_LABEL, Places, find_places, needs, read_nodes
from cnnlab.runner.devices import ALL_GPUS, CPU, Capacity
from cnnlab.runner.notes import Loss
from cnnlab.storage.home import named_home
from cnnlab.worker.process.channel import Job
from cnnlab.worker.process.on_node import NO_LOCKS, ON_NODE

NOTE = "cluster.json"
"""In the job's folder: what it is called in the cluster."""

LOOK_SECONDS = 2.0
"""So often the cluster is asked what there is."""

AWAY_SECONDS = 10.0
"""So often where it doesn't answer: each time may cost a round of the supervisor as long."""

ASK_SECONDS = 0.5
"""So often it is asked about a job that shows no sign of life."""

QUIET_SECONDS = 3.0
"""A worker that Ray has lost may live on; one that says nothing for so long doesn't."""

RELEASED_SECONDS = 2.0
"""The same of one that was seen to hold its lock and holds it no more: it is gone, and Ray has so
long to say why, and that it has noticed."""

LOCKED_SECONDS = 60.0
"""The same of one whose lock is still held: a machine that froze keeps its locks for a while."""

UNREACHABLE_SECONDS = 30.0
"""The same where the cluster can't be asked."""

PENDING_SECONDS = 300.0
"""Ray gives up what waits for a place after 900 s, and may start it all the same."""

TOLD_SECONDS = 10.0
"""So long after a run got its place what Ray tells of the nodes' usage may not know of it yet."""

_log = logging.getLogger(__name__)


@dataclass
class _Watched:
    """What is known of a job in the cluster, as long as this executor lives.

    Attributes:
        submission: its id there.
        device: what it was given.
        signs: its last signs of life.
        silent_since: when these were first seen, on our clock.
        ray: what Ray said last; None where it knew of no such job, or wasn't asked.
        is_answered: whether Ray answered the last time.
        ask_at: when it may be asked again.
        pending_since: when it was first seen to wait for a place.
        placed_at: when it was first seen to have a place.
        was_locked: whether its lock was seen held.
        released_at: when it was then first seen free.
        is_over: whether nothing is left of it, for good.
        has_result: whether that is so because it said how it ended: nobody will ask why it did.
        is_unplaced: whether that is so because it has waited for a place for too long.
    """

    submission: str
    device: str
    silent_since: float
    signs: tuple[Any, ...] | None = None
    ray: Submission | None = None
    is_answered: bool = False
    ask_at: float = 0.0
    pending_since: float | None = None
    placed_at: float | None = None
    was_locked: bool = False
    released_at: float | None = None
    is_over: bool = False
    has_result: bool = False
    is_unplaced: bool = False

    def see_place(self, now: float) -> None:
        """Note that it has a place."""
        self.placed_at = now if self.placed_at is None else self.placed_at

    def see_lock(self, now: float, *, is_held: bool, is_there: bool) -> None:
        """Note whether its lock is held; storage that is away, and it with that, says nothing."""
        self.was_locked = self.was_locked or is_held
        if is_held or not is_there:
            self.released_at = None
        elif self.was_locked and self.released_at is None:
            self.released_at = now

    def is_released(self, now: float) -> bool:
        """Whether its lock, once held, has been free for so long that it is gone."""
        return self.released_at is not None and now - self.released_at >= RELEASED_SECONDS


class RayJobsExecutor:
    """Workers as jobs of a Ray cluster; the home folder lies on storage that every node sees.

    Nodes have cnnlab in the same folder as this machine, with an environment at the same place.

    Args:
        root: the home folder they work on.
        module: the worker's module; tests have a light one.
        api: asks the cluster.
        capacity: the devices to give; None takes what the cluster has at the moment.
        clock: seconds on a clock that never jumps.
    """

    def __init__(
        self,
        root: Path,
        module: str = "cnnlab.worker",
        *,
        api: RayApi,
        capacity: Capacity | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = named_home(root)
        self._module = module
        self._api = api
        self._given = capacity
        self._clock = clock
        self._fitness = Fitness(self._home, api, clock)
        self._capacity = Capacity((), 0, 0, is_elsewhere=True)
        self._places = Places({}, 0, 1)
        self._look_at = clock()
        self._trouble = ""
        self._door_is_seen = False
        self._watched: dict[str, _Watched] = {}

    def capacity(self) -> Capacity:
        """What the cluster has for us at the moment; nothing where it can't be reached."""
        if self._given is not None:
            return self._given
        if self._clock() >= self._look_at:
            seconds = LOOK_SECONDS if self._look() else AWAY_SECONDS
            self._look_at = self._clock() + seconds
        return self._capacity

    def start(self, job: Job) -> None:
        """Hand the job over to the cluster, which finds it a node.

        Raises:
            RunStateError: it has a worker already.
            OutOfReachError: the cluster doesn't answer; it may have taken the job all the same.
            StorageError: its folder can't be written.
        """
        self._see_door()
        with wait_for_lock(job.files.folder / "cluster.lock"):
            before = self._find(job, anew=True)  # another executor may have started it since
            if self.is_alive(job):
                raise RunStateError(f"The job {job.run} has a worker already.")
            number = 1 + (int(before.submission.rpartition("-")[2]) if before else 0)
            name = _name_of(job, number)
            device = job.device or CPU
            write_json(job.files.folder / NOTE, {"submission": name, "device": device})
            if not self._submit(job, name):
                raise RunStateError(f"The job {job.run} is in the cluster already.")
            self._watched[job.folder] = _Watched(name, device, self._clock())

    def is_alive(self, job: Job) -> bool:
        """Whether its lock is held, it shows signs of life, or Ray has it in its hands.

        Raises:
            StorageError: its folder can't be read.
        """
        is_locked = _is_locked(job)
        watched = self._find(job)
        if watched is None:
            return is_locked
        if watched.is_over and not is_locked:
            return False
        if not is_locked and job.files.result.exists():  # its last word
            watched.is_over = watched.has_result = True
            return False
        is_there = is_locked or job.files.lock.exists()
        watched.see_lock(self._clock(), is_held=is_locked, is_there=is_there)
        silent = self._silence(job, watched)
        if is_locked and silent < LOCKED_SECONDS:
            watched.see_place(self._clock())
            return True
        lives = self._lives(watched, silent, is_locked=is_locked)
        watched.is_over = not lives
        return lives

    def kill(self, job: Job) -> None:
        """Have Ray end the worker; where it can't be asked, the fence keeps the worker off."""
        watched = self._find(job)
        if watched is not None and not watched.is_over:
            self._stop(watched)

    def baseline(self) -> int:
        """Nothing is counted here: nodes don't tell what their kernels have ended."""
        return 0

    def why_lost(self, job: Job, baseline: int) -> Loss:
        """Ray says when a node's memory ran out, we when it had no place; else it isn't known."""
        watched = self._find(job)
        if watched and watched.is_unplaced:
            return Loss.UNPLACED
        said = watched.ray.message if watched and watched.ray else ""
        return Loss.MEMORY if "OutOfMemory" in said or "memory monitor" in said else Loss.KILLED

    def keep_warm(self) -> bool:
        """Nothing is kept ready: a node's memory is for runs, also those of others."""
        return False

    def close(self) -> None:
        """Nothing is held."""

    def has_started(self, job: Job) -> bool:
        """Whether a job is this cluster's, rather than this machine's."""
        return (job.files.folder / NOTE).exists()

    def _look(self) -> bool:
        """See what the cluster has; say so once where it can't be used, and whether it can."""
        try:
            self._see_door()
            nodes = self._fitness.fit(read_nodes(self._api))
        except StorageError as error:
            self._door_is_seen = False  # who answers next may be another one
            self._capacity = Capacity((), 0, 0, is_elsewhere=True)
            self._say(str(error))
            return False
        self._places = find_places(nodes)
        self._watched = {job: one for job, one in self._watched.items() if not one.has_result}
        ours = [known for known in self._watched.values() if not known.is_over]
        self._capacity = self._places.capacity(
            [known.device for known in ours],
            nodes,
            [known.device for known in ours if not self._is_told(known)],
        )
        self._say(self._fitness.problem)
        return True

    def _is_told(self, watched: _Watched) -> bool:
        """Whether the nodes' usage knows of a run."""
        placed_at = watched.placed_at
        return placed_at is not None and self._clock() - placed_at >= TOLD_SECONDS

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.warning("%s", trouble)
        self._trouble = trouble

    def _see_door(self) -> None:
        if not self._door_is_seen:
            self._api.see_door()
            self._door_is_seen = True

    def _submit(self, job: Job, name: str) -> bool:
        asked = needs()
        gpus = 0
        if job.device is not None and job.device != CPU:
            gpus = self._places.most_gpus if job.device == ALL_GPUS else 1
        values: dict[str, Any] = {
            "submission_id": name,
            "entrypoint": command_line(self._module, [*job.options(), ON_NODE], self._home.root),
            "entrypoint_num_cpus": max(GPU_CPUS, gpus) if gpus else asked.cpus,
            "entrypoint_memory": asked.memory_bytes * max(1, gpus),
            "metadata": {"cnnlab": _plain(job.run)},
        }
        if gpus:
            values["entrypoint_num_gpus"] = gpus
        kind = self._places.kinds.get(job.device or "")
        if kind and kind != "GPU":
            values["entrypoint_resources"] = {f"accelerator_type:{kind}": 0.001}
        if ids := self._fitness.only:
            values["entrypoint_label_selector"] = {NODE_LABEL: f"in({','.join(ids)})"}
        try:
            return self._api.submit(values)
        except OutOfReachError:
            if self._api.find(name) is not None:  # the answer was lost, not the job
                return True
            raise

    def _find(self, job: Job, *, anew: bool = False) -> _Watched | None:
        """What is known of a job in the cluster; None where it was never handed over.

        Args:
            job: the job.
            anew: whether another executor may have handed it over since.
        """
        known = self._watched.get(job.folder)
        note = job.files.folder / NOTE
        if (known is None or anew) and note.exists():
            values = read_json(note)
            if known is None or known.submission != values["submission"]:
                known = _Watched(values["submission"], values["device"], self._clock())
                self._watched[job.folder] = known
        return known

    def _silence(self, job: Job, watched: _Watched) -> float:
        """For how many seconds the worker has shown no sign of life while we watched."""
        with disk_errors(job.files.folder):
            signs = job.files.signs_of_life()
        if signs != watched.signs:
            watched.signs, watched.silent_since = signs, self._clock()
        return self._clock() - watched.silent_since

    def _lives(self, watched: _Watched, silent: float, *, is_locked: bool) -> bool:
        """Whether a worker lives, by what Ray says and for how long it has been silent."""
        self._ask(watched)
        if watched.ray is not None and watched.ray.status == "RUNNING":
            watched.see_place(self._clock())
        ray, limit = watched.ray, LOCKED_SECONDS if is_locked else QUIET_SECONDS
        if watched.is_released(self._clock()) and silent >= RELEASED_SECONDS:
            return False
        if not watched.is_answered:
            return silent < max(limit, UNREACHABLE_SECONDS)
        if ray is not None and ray.is_active:
            return not self._waits_too_long(watched)
        if ray is not None and ray.was_seen_to_end and not is_locked:
            return False
        return silent < limit

    def _waits_too_long(self, watched: _Watched) -> bool:
        """Whether it waits for a place for so long that Ray might give it up; it is ended then."""
        if watched.ray is None or watched.ray.status != "PENDING":
            watched.pending_since = None
            return False
        if watched.pending_since is None:
            watched.pending_since = self._clock()
        if self._clock() - watched.pending_since < PENDING_SECONDS:
            return False
        watched.is_unplaced = True
        self._stop(watched)
        return True

    def _stop(self, watched: _Watched) -> None:
        try:
            self._api.stop(watched.submission)
        except OutOfReachError as error:
            _log.warning("%s can't be ended: %s", watched.submission, error)

    def _ask(self, watched: _Watched) -> None:
        """Ask Ray about a job, unless that was just done or it has said the last word."""
        is_final = watched.ray is not None and not watched.ray.is_active
        if is_final or self._clock() < watched.ask_at:
            return
        watched.ask_at = self._clock() + ASK_SECONDS
        try:
            watched.ray = self._api.find(watched.submission)
            watched.is_answered = True
        except OutOfReachError as error:
            self._say(str(error))
            watched.is_answered = False
            watched.ask_at = self._clock() + AWAY_SECONDS


def _is_locked(job: Job) -> bool:
    try:
        return job.files.is_alive()
    except StorageError as error:
        if getattr(error.__cause__, "errno", None) in NO_LOCKS:
            return False
        raise


def _name_of(job: Job, number: int) -> str:
    """What a job is called in the cluster, whose ids all its users share."""
    digest = hashlib.sha256(job.folder.encode()).hexdigest()[:12]
    return f"cnnlab-{_plain(job.run)}-{_plain(Path(job.folder).name)}-{digest}-{number}"


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9-]", "-", name.lower())[:40]
