"""The numbers of an installation, over all of its workspaces."""

import os
from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import NotAllowedError
from cnnlab.domain.people.person import Person
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep.numbers import read_numbers
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor


def test_a_new_home_has_none(home):
    numbers = read_numbers()
    assert set(numbers.runs) == set(Status) and sum(numbers.runs.values()) == 0
    assert (numbers.jobs, numbers.workers, numbers.workspaces) == (0, 0, 1)
    assert numbers.refused_sign_ins == 0 and numbers.free_disk_bytes > 0
    assert not (home / "people.db").exists()


def test_all_workspaces_count(home, dataset, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    trains = lab.launch_run(RunConfig(dataset=dataset.id))
    workplace().runs.update(trains.id, status=Status.RUNNING)
    attempt = Attempt(workplace().home.attempt(trains.id, 1))
    attempt.create(trains.config)
    other = register().workspaces.add("Another")
    with acting_as(replace(LOCAL, workspace=other.id)):
        theirs = lab.import_dataset(draw_zip(tmp_path / "few.zip", each=6))
        lab.launch_run(RunConfig(dataset=theirs.id))
    register().audit.note("sign_in", "refused", address="192.0.2.1")
    register().audit.note("sign_in", person="Ada")
    worker = take_lock(attempt.lock)
    numbers = read_numbers()
    os.close(worker)
    assert (numbers.runs[Status.RUNNING], numbers.runs[Status.QUEUED]) == (1, 1)
    assert (numbers.workers, numbers.workspaces, numbers.refused_sign_ins) == (1, 2, 1)
    assert read_numbers().workers == 0


def test_they_are_for_admins(home):
    somebody = replace(LOCAL, person=Person("x", "Ben", is_admin=False))
    with acting_as(somebody), pytest.raises(NotAllowedError):
        read_numbers()
