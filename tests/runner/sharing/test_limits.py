"""Quotas as the supervisor keeps them."""

import pytest

from cnnlab.domain.people.workspace import Quota
from cnnlab.runner.devices import Capacity
from cnnlab.runner.sharing.limits import READ_SECONDS, RegisteredQuotas
from cnnlab.storage.people.register import open_register
from cnnlab.storage.runs.training_hours import TrainingHours, trained_seconds
from tests.runner.sharing.held import A, B, Installation


@pytest.fixture
def installation(home):
    made = Installation(home, Capacity(("gpu:0", "gpu:1", "gpu:2", "gpu:3")))
    yield made
    made.close()


def test_no_more_runs_train_than_a_workspace_may_and_others_take_what_is_free(installation):
    installation.quotas = {A: Quota(running_runs=1)}
    installation.add(A, "1", "2", "3")
    installation.add(B, "1", "2")
    installation.tick(A, B)
    assert installation.share() == {"a": 1, "b": 2}
    installation.end(A, "1")
    installation.tick()
    assert installation.starts()[-1] == "a:2"


def test_another_quota_counts_after_a_moment(installation):
    installation.quotas = {A: Quota(running_runs=1)}
    installation.add(A, "1", "2", "3")
    installation.tick(A)
    installation.quotas = {A: Quota(running_runs=3)}
    installation.pass_time(READ_SECONDS)
    installation.tick()
    assert installation.share() == {"a": 3}


def test_over_a_days_hours_what_trains_goes_on_and_the_rest_waits_till_midnight(installation):
    installation.quotas = {A: Quota(hours_a_day=0.01), B: Quota()}  # 36 s
    installation.add(A, "1", "2")
    installation.tick(A)
    assert installation.share() == {"a": 2}
    installation.pass_time(20)  # of two runs
    installation.add(A, "3")
    installation.add(B, "1")
    installation.tick(A, B)
    assert installation.trains() == ["a:1", "a:2", "b:1"]
    assert trained_seconds(installation.homes[A], installation.day) == pytest.approx(40)
    installation.new_supervisor()  # it knows what the one before has counted
    installation.tick(A)
    assert installation.share()["a"] == 2
    installation.day = "2026-01-02"
    installation.tick()
    assert installation.share()["a"] == 3


def test_without_a_register_nothing_is_counted(installation):
    installation.add(A, "1")
    for _ in range(3):
        installation.tick(A)
        installation.pass_time(60)
    assert not installation.homes[A].trained.exists()


def test_what_is_not_noted_yet_is_noted_at_the_end(installation):
    installation.quotas = {}
    installation.add(A, "1")
    installation.tick(A)
    installation.pass_time(4)
    installation.end(A, "1")
    installation.tick()
    installation.pass_time(1)
    installation.tick()
    assert trained_seconds(installation.homes[A], installation.day) == 4


@pytest.mark.parametrize("damage", ["{", "[]", '{"day": "2026-01-01"}'])
def test_damaged_hours_begin_at_none(installation, damage):
    home = installation.homes[A]
    home.trained.write_text(damage)
    hours = TrainingHours(home, lambda: "2026-01-01")
    assert hours.seconds == 0
    hours.add(20)
    assert trained_seconds(home, "2026-01-01") == 20


def test_quotas_come_from_the_register_where_there_is_one(installation):
    quotas = RegisteredQuotas(installation.home)
    assert quotas() is None
    register = open_register(installation.home)
    made = register.workspaces.add("Class", Quota(running_runs=2))
    assert quotas() == {"default": Quota(), made.id: Quota(running_runs=2)}
    register.engine.dispose()
    quotas.close()
