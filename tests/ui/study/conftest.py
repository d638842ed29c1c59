"""A study page where nothing is trained."""

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from tests.made_runs import no_supervisor
from tests.made_studies import made_study, study_base


@pytest.fixture
def quiet(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return dataset


@pytest.fixture
def study(quiet):
    arms = ready_arms(["baseline", "dropout", "l2"])
    found = lab.compare_arms(study_base(quiet.id), arms, seeds=4, margin=0.01)
    return made_study(found, {"baseline": 0.7, "dropout": 0.8, "L2": 0.704})
