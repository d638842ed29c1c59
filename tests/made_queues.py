"""Runs that train or wait in a workspace, and nobody who brings them on."""

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Run, Status
from cnnlab.lab.workplace import workplace
from tests.made_runs import no_supervisor


def queued_config(dataset, monkeypatch):
    """The config of runs that count as what their rows say: no lock of a worker is looked for."""
    no_supervisor(monkeypatch)
    monkeypatch.setattr("cnnlab.lab.queue.all_queues.as_it_is", lambda run: run)
    return load_config({"dataset": dataset.id, "training": {"epochs": 10}})


def queue_runs(config, *names, status=Status.QUEUED):
    """Have runs wait in the workspace of whoever acts, in the order of their names."""
    for number, name in enumerate(names):
        at = f"2026-01-01T00:00:0{number}.000+00:00"
        workplace().runs.create(
            Run(name, f"secret {name}", config.dataset, config.model_dump(mode="json"),
                status, created_at=at)
        )  # fmt: skip
