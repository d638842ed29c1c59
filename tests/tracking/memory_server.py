"""A server in memory that keeps MLflow's promises, and breaks off where a test says so."""

from collections import Counter

from cnnlab.tracking.server import GoneError, RefusedError, RemoteRun, ServerAwayError


class Killed(BaseException):
    """The sender is gone at this very place."""


class MemoryServer:
    """Parameters never change; a point is known by its name, time, step and value.

    Attributes:
        away: why it takes nothing; empty where it does.
        breaks_at: at the call of this number the sender breaks off, by `breaks_with`.
        has_effect: whether that call has its effect all the same: the answer is lost.
    """

    def __init__(self):
        self.away = ""
        self.breaks_at, self.breaks_with, self.has_effect = None, Killed(), True
        self.calls = 0
        self.experiments, self.runs = {}, {}

    def _call(self, effect):
        self.calls += 1
        if self.away:
            raise ServerAwayError(self.away)
        breaks = self.calls == self.breaks_at
        answer = effect() if not breaks or self.has_effect else None
        if breaks:
            raise self.breaks_with
        return answer

    def experiment(self, name, tag):
        return self._call(
            lambda: self.experiments.setdefault(tag, (str(len(self.experiments)), name))[0]
        )

    def find_run(self, experiment, tag):
        def found():
            for each in self.runs.values():
                is_it = each["experiment"] == experiment and each["tags"].get(tag[0]) == tag[1]
                if is_it and not each["deleted"]:
                    return RemoteRun(each["id"], each["started_ms"])
            return None

        return self._call(found)

    def see_run(self, run):
        def seen():
            if run not in self.runs or self.runs[run]["deleted"]:
                raise GoneError("it was deleted there")
            return RemoteRun(run, self.runs[run]["started_ms"])

        return self._call(seen)

    def create_run(self, experiment, name, started_ms, tags):
        def made():
            known = f"r{len(self.runs)}"
            self.runs[known] = {
                "id": known, "experiment": experiment, "name": name, "started_ms": started_ms,
                "tags": dict(tags), "parameters": {}, "points": Counter(), "status": "RUNNING",
                "ended_ms": None, "files": {}, "deleted": False,
            }  # fmt: skip
            return RemoteRun(known, started_ms)

        return self._call(made)

    def log(self, run, *, parameters=(), points=(), tags=()):
        def logged():
            there = self.runs[run]
            for name, value in dict(parameters).items():
                if there["parameters"].setdefault(name, value) != value:
                    raise RefusedError("the server refuses it: a parameter changed")
            there["points"] |= Counter(set(points))
            there["tags"] |= dict(tags)

        self._call(logged)

    def set_status(self, run, status, ended_ms):
        self._call(lambda: self.runs[run].update(status=status, ended_ms=ended_ms))

    def upload(self, run, file, folder):
        self._call(
            lambda: self.runs[run]["files"].update({f"{folder}/{file.name}": file.read_bytes()})
        )

    @property
    def only(self):
        """The one run that it has."""
        (run,) = self.runs.values()
        return run

    def curve(self, name):
        """The points of a metric of the one run, by step."""
        points = sorted(self.only["points"], key=lambda point: (point.step, point.at_ms))
        return [(point.step, point.value) for point in points if point.name == name]
