"""An installation of several workspaces, driven round by round; its trainings are no processes."""

from collections import Counter

from cnnlab.domain.run import Run, Status
from cnnlab.files import write_json
from cnnlab.runner.sharing.limits import Limits
from cnnlab.runner.sharing.served import Served
from cnnlab.runner.sharing.turns import Turns
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.home import open_home
from cnnlab.storage.index.rebuild import open_index
from cnnlab.storage.runs.store import RunStore
from cnnlab.worker.process.channel import Job
from tests.runner.executors.plain import PlainExecutor

A, B, C = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"


class HeldExecutor(PlainExecutor):
    """What was started lives until a test ends it."""

    def __init__(self, capacity):
        super().__init__(capacity)
        self.started, self.alive = [], {}

    def start(self, job):
        self.started.append(job)
        self.alive[job.folder] = job

    def is_alive(self, job):
        return job.folder in self.alive

    def kill(self, job):
        self.alive.pop(job.folder, None)


class Installation:
    """Some workspaces, and the supervisor that serves them.

    Args:
        root: the home folder.
        capacity: of the devices.
        others: ids of the workspaces beside `default`.
    """

    def __init__(self, root, capacity=None, others=(A, B)):
        self.home, self.now = open_home(root), 0.0
        homes = {name: open_home(root, name) for name in ("default", *others)}
        self.homes = homes
        self.engines = {name: open_index(home) for name, home in homes.items()}
        self.stores = {name: RunStore(self.engines[name], homes[name]) for name in homes}
        self.executor = HeldExecutor(capacity)
        self.quotas, self.day = None, "2026-01-01"
        self.new_supervisor()

    def new_supervisor(self):
        """What the next supervisor's process would have."""
        self.served = Served(self.home, self.executor, clock=lambda: self.now)
        self.supervisor = Supervisor(
            self.served.workspaces,
            self.executor,
            Turns(self.home),
            Limits(lambda: self.quotas, clock=lambda: self.now, day=lambda: self.day),
            self.served.knows_all,
        )

    def close(self):
        self.served.close()
        for engine in self.engines.values():
            engine.dispose()

    def add(self, workspace, *names, **config):
        """Queue runs, which are served in the order of their names."""
        for name in names:
            run = Run(name, name, "d", config, Status.QUEUED, created_at=name)
            self.stores[workspace].create(run)

    def tick(self, *called):
        """One round of the service; whether there is a reason to stay."""
        self.served.look(set(called))
        try:
            return self.supervisor.tick()
        finally:
            self.served.settle()

    def pass_time(self, seconds):
        self.now += seconds

    def trains(self):
        """What trains, as `workspace:run`."""
        return [self.words(job) for job in self.executor.alive.values()]

    def words(self, job):
        return f"{job.folder.split('/')[-4][0]}:{job.run}" if "/workspaces/" in job.folder else (
            f"default:{job.run}")  # fmt: skip

    def starts(self):
        return [self.words(job) for job in self.executor.started]

    def end(self, workspace, run):
        """Have a training end well."""
        attempt = self.homes[workspace].attempt(run, self.stores[workspace].load(run).attempt)
        job = Job(run, str(attempt))
        write_json(job.files.result, {"status": "finished"})
        self.executor.kill(job)

    def end_all(self):
        for job in list(self.executor.alive.values()):
            write_json(job.files.result, {"status": "finished"})
            self.executor.kill(job)

    def status(self, workspace, run):
        return self.stores[workspace].load(run).status

    def due(self):
        """The workspaces that the last round looked at."""
        return {one.id for one in self.served.workspaces if one.is_due}

    def share(self):
        """How many runs of each workspace train."""
        return Counter(word.partition(":")[0] for word in self.trains())
