"""Which part of an app can't work, and how often that is looked at."""

import dataclasses
import os
import sqlite3

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.files import take_lock
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep import health
from cnnlab.lab.upkeep.health import LOOK_SECONDS, UNSUPERVISED_SECONDS, Health, failing_parts
from cnnlab.storage.home import open_home
from tests.made_runs import no_supervisor


def test_a_new_home_is_well(home):
    assert failing_parts() == ()


def test_a_home_that_cannot_be_written_is_told_by_its_name_alone(home, monkeypatch):
    monkeypatch.setattr(health, "why_unwritable", lambda home: "The disk of /secret is full")
    assert Health().failing() == ("home",)


def test_a_damaged_database_fails_and_the_other_parts_are_looked_at(home, monkeypatch):
    open_home().database.write_bytes(b"no database" * 1000)
    assert "database" in Health().failing()


def test_the_register_counts_where_people_have_accounts(home, monkeypatch):
    monkeypatch.setattr(health, "have_accounts", lambda: True)
    assert Health().failing() == ()
    with sqlite3.connect(home / "people.db") as database:
        database.execute("DROP TABLE workspaces")
    database.close()
    assert "database" in Health().failing()


def test_runs_that_nobody_serves_fail_only_when_none_comes(home, clock, dataset, monkeypatch):
    no_supervisor(monkeypatch)
    register().workspaces.add("Another")
    watched = Health(clock)
    assert watched.failing() == ()
    lab.launch_run(RunConfig(dataset=dataset.id))
    launched_at = clock.now + LOOK_SECONDS
    for waited in (0.0, UNSUPERVISED_SECONDS - LOOK_SECONDS):
        clock.now = launched_at + waited
        assert watched.failing() == ()
    clock.now = launched_at + UNSUPERVISED_SECONDS
    assert watched.failing() == ("supervisor",)
    lock = take_lock(open_home().supervisor_lock)
    clock.now += LOOK_SECONDS
    assert watched.failing() == ()
    os.close(lock)
    clock.now += LOOK_SECONDS
    assert watched.failing() == ()  # it may have left just now: the app starts another one


def test_an_answer_holds_for_a_while(home, clock, monkeypatch):
    looked = []
    monkeypatch.setattr(health, "why_unwritable", lambda home: looked.append(home) or "")
    watched = Health(clock)
    for _ in range(100):
        watched.failing()
    assert len(looked) == 1
    clock.now += LOOK_SECONDS
    watched.failing()
    assert len(looked) == 2


def test_whoever_asks_needs_to_be_nobody(home):
    with acting_as(dataclasses.replace(LOCAL, workspace="")):
        assert failing_parts() == ()
