"""The executors over which the contract suite runs: a new one is one line here.

Each is made with the home folder, the worker's module and `capacity`.
"""

from cnnlab.runner.cluster.address import cluster_address
from cnnlab.runner.cluster.api import RayApi
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.executors.ray_jobs import RayJobsExecutor
from tests.runner.cluster.ray_cluster import RAY_PYTHON
from tests.runner.executors.node import NodeExecutor


def _on_ray(root, module, **options):
    return RayJobsExecutor(root, module, api=RayApi(cluster_address()), **options)


EXECUTORS = {"local": LocalExecutor, "node": NodeExecutor, "ray": _on_ray}
PLAYED = [name for name in EXECUTORS if name != "ray" or RAY_PYTHON]
"""Those over which the suite runs here: Ray's where `tests/check.py --ray` has installed it."""
