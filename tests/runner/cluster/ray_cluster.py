"""A real Ray cluster of several nodes on this machine, with fake GPUs and quick health checks.

Run by the Python that has Ray (`RAY_PYTHON`), which the tests' own doesn't; it takes one order a
line, `start`, `add`, `kill_node`, `kill_raylet`, `freeze`, `kill_head`, and answers in one line of
JSON.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

RAY_PYTHON = os.environ.get("CNNLAB_TEST_RAY", "")
"""The Python of the environment in which Ray is; `tests/check.py --ray` names it."""

ROOT = Path(__file__).parents[3]
TOKEN = "of-the-tests-" + "0" * 24
MEMORY_BYTES = 2**30
HEALTH = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 1500,
    "health_check_failure_threshold": 5,
}
"""One that is dead refuses at once, five times in 2.5 s; one that is only busy has 10 s."""

VARIABLES = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_worker_prestart": "0",
    "AUTOSCALER_UPDATE_INTERVAL_S": "1",
}
"""No workers that nobody needs, and each second what is taken."""

MODULES = ("JobHead", "NodeHead", "ReportHead", "StateHead")
"""Of the dashboard's: what is asked here of a cluster. Each is a process of 90 MB."""

START_SECONDS = 180
_STORE_BYTES = 78 * 2**20


OF_EACH = {"dashboard_agent_listen_port": 0, "include_log_monitor": False}
"""A node's agent takes a free port. All of one machine want the same one else; that of the head
must have got it, or no job ever begins: it may still be an earlier node's."""


class RayCluster:
    """Our end of it.

    Args:
        port: of the dashboard.
        folder: for what Ray keeps; its path must be short.
        gpus: fake ones of each node.
        cpus: as Ray counts them, of each node.
        count: of nodes beside the head.
    """

    def __init__(self, port, folder, *, gpus=1, cpus=4, count=2):
        self.url = f"http://127.0.0.1:{port}"
        self._asked = {"port": port, "folder": str(folder), "gpus": gpus, "cpus": cpus}
        environment = os.environ | VARIABLES | {"RAY_AUTH_TOKEN": TOKEN}
        environment.pop("PYTHONPATH", None)
        with Path(folder, "cluster.log").open("ab") as log:
            self._process = subprocess.Popen(
                [RAY_PYTHON, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, env=environment, start_new_session=True,
            )  # fmt: skip
        self._count = count
        self._start()

    def _start(self):
        self.order("start", **self._asked)
        self.order("show")
        self.order("add", count=self._count)

    def fill(self):
        """Add nodes for those that a test has killed."""
        self.order("fill", count=self._count)

    def restart(self):
        """End what is left of it; another one begins at the same address, and knows nothing."""
        self.order("stop")
        self._start()

    def order(self, what, **values):
        """Have it do something; what it answers."""
        self._process.stdin.write(json.dumps([what, values]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the cluster is gone"
        answer = json.loads(answer)
        assert answer is None or "error" not in answer, answer["error"]
        return answer

    def close(self):
        """End it with all that belongs to it."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


def name_cluster(monkeypatch, cluster, token=TOKEN):
    """Have the environment name a cluster, and small runs."""
    monkeypatch.setenv("CNNLAB_CLUSTER", cluster.url)
    monkeypatch.setenv("RAY_AUTH_TOKEN", token)
    monkeypatch.setenv("CNNLAB_CLUSTER_CPUS", "1")
    monkeypatch.setenv("CNNLAB_CLUSTER_MEMORY_BYTES", str(2**26))


class Side:
    """Ray's end: a `Cluster` that does what it is told."""

    def __init__(self):
        self._cluster = None
        self._nodes = []
        self._asked = {}

    def start(self, **asked):
        from ray._private import services  # noqa: PLC0415
        from ray._private.node import Node  # noqa: PLC0415 - not in the tests' environment
        from ray.cluster_utils import Cluster  # noqa: PLC0415

        self._asked = asked
        head = {
            "num_cpus": 0, "num_gpus": 0, "include_dashboard": True,
            "dashboard_host": "127.0.0.1", "dashboard_port": asked["port"],
            "object_store_memory": _STORE_BYTES, "_system_config": HEALTH,
            "temp_dir": asked["folder"], **OF_EACH,
        }  # fmt: skip
        # A node must answer within 30 s, which on a busy machine it doesn't while the dozen
        # processes of the dashboard start: they come after it, and it is asked for longer.
        start_dashboard, services.get_node = Node.start_api_server, _patient(services.get_node)
        Node.start_api_server = lambda node, **_: setattr(node, "_webui_url", None)
        try:
            self._cluster = Cluster(initialize_head=True, head_node_args=head)
        finally:
            Node.start_api_server = start_dashboard
        self._nodes = []

    def show(self):
        """Start the dashboard, without which there are no jobs."""
        from ray._private import services  # noqa: PLC0415

        start, services.start_ray_process = services.start_ray_process, _with_few_modules(services)
        try:
            self._cluster.head_node.start_api_server(include_dashboard=True, raise_on_failure=True)
        finally:
            services.start_ray_process = start

    def add(self, count=1, variables=None):
        """Add nodes, with environment variables of their own; their ids."""
        before = dict(os.environ)
        os.environ.update(variables or {})
        try:
            added = [self._add() for _ in range(count)]
        finally:
            os.environ.clear()
            os.environ.update(before)
        for node in added:
            self._cluster._wait_for_node(node, START_SECONDS)
        self._nodes += added
        return [node.node_id for node in added]

    def fill(self, count):
        """Add nodes until there are so many."""
        if (missing := count - len(self._nodes)) > 0:
            self.add(missing)

    def _add(self):
        return self._cluster.add_node(
            num_cpus=self._asked["cpus"],
            num_gpus=self._asked["gpus"],
            memory=MEMORY_BYTES,
            object_store_memory=_STORE_BYTES,
            wait=False,
            **OF_EACH,
        )

    def kill_raylet(self, node):
        """What Ray's process on a node dies of; the machine lives on."""
        os.kill(_raylet(self._of(node)), signal.SIGKILL)
        self._see_off(self._of(node))

    def freeze(self, node):
        """Ray's process on a node stands still; the machine and what trains there go on."""
        os.kill(_raylet(self._of(node)), signal.SIGSTOP)

    def thaw(self, node):
        """It goes on, and finds that nobody counts on it any more."""
        os.kill(_raylet(self._of(node)), signal.SIGCONT)
        self._see_off(self._of(node))

    def kill_node(self, node):
        """What is left of a node without power."""
        for pid in _tree(_raylet(self._of(node))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._see_off(self._of(node))

    def kill_head(self):
        """The head with all its processes; its nodes are left."""
        for processes in self._cluster.head_node.all_processes.values():
            for info in processes:
                for pid in _tree(info.process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

    def stop(self):
        """All nodes, and the head."""
        for node in [*self._cluster.worker_nodes, self._cluster.head_node]:
            node.kill_all_processes(check_alive=False, allow_graceful=False, wait=True)
        self._cluster, self._nodes = None, []

    def _see_off(self, node):
        """Reap it, as whatever starts nodes does: Ray's workers take a zombie for living."""
        node.all_processes["raylet"][0].process.wait(timeout=START_SECONDS)
        self._nodes.remove(node)

    def _of(self, name):
        return next(node for node in self._nodes if node.node_id == name)


def _patient(ask):
    def ask_on(*arguments):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                return ask(*arguments)
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    return ask_on


def _with_few_modules(services):
    start = services.start_ray_process

    def start_process(command, *arguments, **options):
        return start([*command, f"--modules-to-load={','.join(MODULES)}"], *arguments, **options)

    return start_process


def _raylet(node):
    return node.all_processes["raylet"][0].process.pid


def _tree(pid):
    """A process and all that come from it, stopped first so that none of them gets away."""
    found = [pid]
    for known in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(known, signal.SIGSTOP)
        for task in Path(f"/proc/{known}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def main():
    side = Side()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Ray talks
    try:
        for line in sys.stdin:
            what, values = json.loads(line)
            try:
                answer = getattr(side, what)(**values)
            except Exception as error:
                answer = {"error": repr(error)}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
    except BrokenPipeError:  # whoever asked was ended meanwhile
        pass
    finally:
        if side._cluster is not None:
            side.stop()


if __name__ == "__main__":
    main()
