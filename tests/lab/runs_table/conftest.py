"""Runs in the store, without any training."""

import itertools

import pytest

from cnnlab.domain.config.run_config import RunConfig, change_config
from cnnlab.domain.run import Run, Status
from cnnlab.lab.workplace import workplace
from tests.made_runs import epoch_record

_numbers = itertools.count()


@pytest.fixture
def put(home):
    """Puts a run into the store; the later, the newer."""

    def put_run(name="run", *changes, dataset="d", accuracy=None, **values):
        number = next(_numbers)
        config = change_config(RunConfig(dataset=dataset).model_dump(mode="json"), changes)
        record = {} if accuracy is None else epoch_record(1, val_accuracy=accuracy)
        known = {"status": Status.FINISHED, "last": record, "best": record} | values
        run = Run(
            f"20260101-000000-{number:04x}", name, dataset, config,
            created_at=f"2026-01-01T00:00:{number:06}", **known,
        )  # fmt: skip
        workplace().runs.create(run)
        return run.id

    return put_run
