"""The executor that the environment asks for."""

from pathlib import Path

from cnnlab.runner.cluster.address import cluster_address
from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.executors.port import Executor


def chosen_executor(root: Path, module: str = "cnnlab.worker", *, capacity: Capacity) -> Executor:
    """Workers of the cluster that `CNNLAB_CLUSTER` names, or of this machine.

    Args:
        root: the home folder they work on.
        module: the workers' module.
        capacity: this machine's devices.

    Raises:
        ConfigError: the cluster's address or the file with its token can't be used.
        StorageError: that file can't be read.
    """
    here = LocalExecutor(root, module, capacity=capacity)
    address = cluster_address()
    if address is None:
        return here
    # Without a cluster the supervisor does without what HTTP takes.
    from cnnlab.runner.cluster.api import RayApi  # noqa: PLC0415
    from cnnlab.runner.executors.by_kind import RunsOnCluster  # noqa: PLC0415
    from cnnlab.runner.executors.ray_jobs import RayJobsExecutor  # noqa: PLC0415

    return RunsOnCluster(RayJobsExecutor(root, module, api=RayApi(address)), here)
