"""A dataset and a config for searches on a page; nothing is trained."""

import pytest

from cnnlab.domain.config.run_config import RunConfig
from tests.made_runs import no_supervisor


@pytest.fixture
def quiet(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return dataset


@pytest.fixture
def base(quiet):
    return RunConfig(dataset=quiet.id, training={"epochs": 6, "seed": 5}, image={"size": 16})
