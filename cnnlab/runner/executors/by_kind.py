"""Runs on a cluster, all other work on this machine, where somebody waits for it."""

from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.executors.ray_jobs import RayJobsExecutor
from cnnlab.runner.notes import Loss
from cnnlab.worker.process.channel import Job


class RunsOnCluster:
    """Trains on the cluster; previews, imports, predictions and what has secrets stay here.

    A start on a cluster takes seconds more, and such work talks to the app over sockets of this
    machine. A run that began here, before there was a cluster, ends here.

    Args:
        cluster: trains.
        here: does the rest.
    """

    def __init__(self, cluster: RayJobsExecutor, here: LocalExecutor) -> None:
        self._cluster, self._here = cluster, here

    def capacity(self) -> Capacity:
        """The cluster's devices."""
        return self._cluster.capacity()

    def start(self, job: Job) -> None:
        """As the executor does that the job's kind is for."""
        if job.kind_name == "train":
            self._cluster.start(job)
        else:
            self._here.start(job)

    def is_alive(self, job: Job) -> bool:
        """As the executor says that has it."""
        return self._of(job).is_alive(job)

    def kill(self, job: Job) -> None:
        """As the executor does that has it."""
        self._of(job).kill(job)

    def baseline(self) -> int:
        """This machine's; the cluster counts nothing."""
        return self._here.baseline()

    def why_lost(self, job: Job, baseline: int) -> Loss:
        """As the executor says that had it."""
        return self._of(job).why_lost(job, baseline)

    def keep_warm(self) -> bool:
        """Keep a worker of this machine ready."""
        return self._here.keep_warm()

    def close(self) -> None:
        """Close both."""
        self._cluster.close()
        self._here.close()

    def _of(self, job: Job) -> Executor:
        return self._cluster if self._cluster.has_started(job) else self._here
