"""Workspaces that people make by themselves: with limits, and not any number."""

from dataclasses import replace

import pytest

from cnnlab.domain.errors import QuotaError
from cnnlab.domain.people.person import Role
from cnnlab.domain.people.workspace import NO_QUOTA, Quota
from cnnlab.lab.access import signing_in
from cnnlab.lab.access.acting import LOCAL, acting_as, acting_in
from cnnlab.lab.access.own_limits import own_quota
from cnnlab.lab.access.register import register
from cnnlab.lab.access.workspaces import delete_workspace
from cnnlab.lab.people.own import make_own_workspace

LIMITS = Quota(disk_bytes=1_500_000_000, queued_runs=7, running_runs=0, hours_a_day=2.5)


@pytest.fixture
def known(home, monkeypatch):
    """A register in which Ada is the admin."""
    monkeypatch.setenv("CNNLAB_AUTH", "password")
    for name, value in (
        ("DISK_GB", "1.5"), ("QUEUED_RUNS", "7"), ("RUNNING_RUNS", "0"), ("HOURS_A_DAY", "2.5")
    ):  # fmt: skip
        monkeypatch.setenv(f"CNNLAB_OWN_{name}", value)
    register().accounts.add("Ada")
    return register()


@pytest.fixture
def as_ben(known):
    with acting_as(acting_in(known.accounts.add("Ben").person)):
        yield


def test_what_people_make_has_limits(as_ben, known):
    assert known.workspaces.find(make_own_workspace("Lab").id).quota == LIMITS


def test_what_an_admin_makes_has_none(known):
    with acting_as(acting_in(known.accounts.find("Ada").person)):
        assert make_own_workspace("Lab").quota == NO_QUOTA


def test_without_settings_there_are_limits(home):
    assert None not in vars(own_quota()).values()


@pytest.mark.parametrize("come_in", [signing_in.session_by_email, signing_in.session_by_proxy])
def test_who_is_new_gets_a_workspace_with_limits(known, come_in):
    come_in("zoe@uni.example", "192.0.2.7")
    assert known.workspaces.find("zoe@uni.example").quota == LIMITS


def test_nobody_makes_any_number_even_by_giving_them_away(as_ben, known, monkeypatch):
    monkeypatch.setenv("CNNLAB_OWN_MOST", "2")
    ben, ada = (known.accounts.find(name).person.id for name in ("Ben", "Ada"))
    first = make_own_workspace("One")
    known.workspaces.set_role(first.id, ada, Role.OWNER)
    known.workspaces.remove_member(first.id, ben)
    make_own_workspace("Two")
    with pytest.raises(QuotaError, match="made 2 workspaces .* may make 2"):
        make_own_workspace("Three")
    with acting_as(LOCAL):
        delete_workspace("One")
    assert make_own_workspace("Three").title == "Three"
    with acting_as(replace(LOCAL, person=known.accounts.find("Ada").person)):
        assert [make_own_workspace(f"A{number}") for number in range(3)]
