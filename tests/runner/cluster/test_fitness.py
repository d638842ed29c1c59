"""Which nodes may have runs: judged by what they say, and again once somebody has mended them."""

import pytest

from cnnlab.runner.cluster import checking
from cnnlab.runner.cluster.api import Submission
from cnnlab.runner.cluster.fitness import (
    AGAIN_AT_MOST_SECONDS,
    AGAIN_SECONDS,
    LATE_SECONDS,
    Fitness,
)
from cnnlab.runner.cluster.nodes import read_nodes
from cnnlab.storage.home import open_home
from tests.runner.executors.played import PlayedCluster


@pytest.fixture
def cluster(home):
    open_home()
    played = PlayedCluster()
    played.add("n0")
    return played


@pytest.fixture
def fit(cluster, clock):
    """Looks at the nodes; gives the ids of those that may have runs, and what is said."""
    fitness = Fitness(open_home(), cluster, clock)
    return lambda: ([node.id for node in fitness.fit(read_nodes(cluster))], fitness.problem)


def test_a_node_that_was_mended_is_found_fit_without_a_restart(cluster, clock, fit):
    cluster.versions["n0"] = {"keras": "2.0"}
    assert fit() == ([], "")
    assert "keras 2.0" in fit()[1]
    cluster.versions.clear()
    for _ in range(3):
        assert fit()[0] == []  # nobody asks at every look
    assert len(cluster.asked) == 1
    clock.now += AGAIN_SECONDS
    assert "keras 2.0" in fit()[1], "what was found stays until there is another answer"
    assert fit() == (["n0"], "")
    clock.now += AGAIN_AT_MOST_SECONDS
    assert fit() == (["n0"], "")
    assert len(cluster.asked) == 2


def test_one_that_stays_unfit_is_asked_less_and_less_often(cluster, clock, fit):
    cluster.versions["n0"] = {"keras": "2.0"}
    hours = 10
    for _ in range(hours * 60):
        fit()
        fit()
        clock.now += 60
    assert hours * 3600 / AGAIN_AT_MOST_SECONDS <= len(cluster.asked) <= 50


def test_a_node_whose_check_never_begins_is_told_and_may_answer_later(cluster, clock, fit):
    cluster.silent = {"n0"}
    assert fit() == ([], "")
    clock.now += LATE_SECONDS
    found, problem = fit()
    assert found == []
    assert "It had no answer within 90 s" in problem
    assert len(cluster.asked) == 1
    cluster.silent = set()
    cluster._check(cluster.asked[0])
    assert fit() == (["n0"], "")


def test_an_answer_may_come_into_sight_a_little_after_the_end(cluster, clock, fit, monkeypatch):
    now = [5000.0]
    monkeypatch.setattr(checking.time, "time", lambda: now[0])
    cluster.silent = {"n0"}
    fit()
    (asked,) = cluster.asked
    cluster.known[asked["submission_id"]] = Submission("SUCCEEDED", 0, "n0")
    assert fit() == ([], "")
    now[0] += checking.LATE_FILE_SECONDS - 1
    assert fit() == ([], "")
    now[0] += 2
    assert "wrote nothing that can be seen here" in fit()[1]
