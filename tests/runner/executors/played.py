"""A cluster that answers as a test says, without HTTP and without a process."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.domain.errors import OutOfReachError
from cnnlab.files import write_json
from cnnlab.runner.cluster.api import Submission
from cnnlab.storage.home import open_home
from cnnlab.worker.node_check import node_facts

RUNNING = Submission("RUNNING")
PENDING = Submission("PENDING")
GIB = 2**30


@dataclass
class PlayedCluster:
    """Stands for `RayApi`: knows what the test has told it.

    Attributes:
        known: the jobs by id.
        asked: what was handed over.
        stopped: ids.
        rows: the nodes, as Ray lists them.
        taken: by node and resource, what others have of it.
        is_away: whether it answers nothing.
        versions: by node what differs there; a node answers its check at once.
        loses_answers: whether a job is taken whose sender gets no answer.
        ahead_seconds: of the nodes' clocks.
        mute: nodes whose check ends without an answer.
        silent: nodes whose check never begins.
        untold: nodes of which nothing is told but that they are there.
    """

    known: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    stopped: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    taken: dict = field(default_factory=dict)
    is_away: bool = False
    versions: dict = field(default_factory=dict)
    loses_answers: bool = False
    ahead_seconds: float = 0.0
    mute: set = field(default_factory=set)
    silent: set = field(default_factory=set)
    untold: set = field(default_factory=set)

    def see_door(self):
        self._see()

    def submit(self, asked):
        self._see()
        name = asked["submission_id"]
        if name in self.known:
            return False
        self.known[name] = RUNNING
        self.asked.append(asked)
        if "node_check" in asked["entrypoint"]:
            self._check(asked)
        if self.loses_answers:
            raise OutOfReachError("no answer")
        return True

    def _check(self, asked):
        words = shlex.split(asked["entrypoint"])
        node = asked["entrypoint_label_selector"]["ray.io/node-id"]
        if node in self.silent:
            return
        if node in self.mute:
            said = "python: No module named cnnlab"
            self.known[asked["submission_id"]] = Submission("FAILED", 1, node, said)
            return
        facts = node_facts(open_home().root)
        facts["time"] += self.ahead_seconds
        facts["versions"] |= self.versions.get(node, {})
        write_json(open_home().root / "cluster" / Path(words[-1]).name, facts)

    def submissions(self):
        self._see()
        return self.known

    def find(self, name):
        self._see()
        return self.known.get(name)

    def stop(self, name):
        self._see()
        self.stopped.append(name)

    def nodes(self):
        self._see()
        return self.rows

    def usage(self):
        self._see()
        told = {row["node_id"]: {} for row in self.rows if isinstance(row, dict)}
        return {name: it for name, it in (told | self.taken).items() if name not in self.untold}

    def add(self, name, **resources):
        there = {"CPU": 4.0, "memory": 16.0 * GIB} | resources
        self.rows.append(
            {"node_id": name, "node_ip": "10.0.0.1", "state": "ALIVE", "resources_total": there}
        )

    @property
    def runs(self):
        return [asked for asked in self.asked if "node_check" not in asked["entrypoint"]]

    @property
    def called(self):
        """Id of the last job of a run."""
        return self.runs[-1]["submission_id"]

    def _see(self):
        if self.is_away:
            raise OutOfReachError("The cluster doesn't answer.")
