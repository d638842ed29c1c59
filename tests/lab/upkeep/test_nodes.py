"""The machines as an admin sees them, and their check."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import NotAllowedError
from cnnlab.domain.people.person import Person
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import LOCAL, acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep import machines, nodes
from cnnlab.lab.upkeep.machines import Machine, MachineCheck, Machines
from cnnlab.lab.upkeep.nodes import check_nodes, view_nodes
from cnnlab.lab.workplace import workplace
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor


@pytest.fixture
def runs(dataset, tmp_path, monkeypatch):
    """One that trains in each of two workspaces."""
    no_supervisor(monkeypatch)
    other = register().workspaces.add("Group 1").id
    mine = lab.launch_run(RunConfig(dataset=dataset.id), name="mine")
    workplace().runs.update(mine.id, status=Status.RUNNING)
    with acting_as(local_in(other)):
        theirs = lab.import_dataset(draw_zip(tmp_path / "few.zip", each=6))
        foreign = lab.launch_run(RunConfig(dataset=theirs.id), name="secret")
        workplace().runs.update(foreign.id, status=Status.RUNNING)
    return mine, foreign


def test_this_machine_and_what_trains_on_it(runs):
    mine, foreign = runs
    found = view_nodes()
    assert (found.address, found.problem, found.checked_seconds_ago) == ("", "", None)
    [node] = found.nodes
    assert node.free_disk_bytes > 0 and node.versions["Python"] and node.check is None
    told = {(one.run, one.title, one.name) for one in node.runs}
    assert told == {(mine.id, "default", "mine"), (foreign.id, "Group 1", "")}


def test_a_clusters_nodes_have_what_their_check_found(runs, monkeypatch):
    mine, foreign = runs
    rows = [
        Machine(name, name, "A100", name == "n1", 8, 1, 2**35, 4, 0, 2**34, some)
        for name, some in (("n1", (mine,)), ("n2", ()))
    ]
    seen = Machines("http://head:8265", "", tuple(rows), (foreign,))
    check = MachineCheck("n1", "n1", True, (), 0.1, {"keras": "3.15"}, storage_free_bytes=10**9)
    monkeypatch.setattr(nodes, "view_machines", lambda places: seen)
    monkeypatch.setattr(nodes, "last_check", lambda: (machines.time.time() - 60, [check]))
    found = view_nodes()
    first, second = found.nodes
    assert (first.free_disk_bytes, first.versions, first.check) == (10**9, {"keras": "3.15"}, check)
    assert (second.free_disk_bytes, second.versions, second.check) == (None, {}, None)
    assert [one.run for one in found.elsewhere] == [foreign.id]
    assert 59 < found.checked_seconds_ago < 120


def test_a_check_looks_at_this_machine(home, monkeypatch):
    monkeypatch.setattr(nodes, "examine", lambda: {"disk": "looked at"})
    told = []
    found = check_nodes(lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]
    assert found.machines[0].is_fit and found.here == {"disk": "looked at"}
    assert view_nodes().nodes[0].check is not None


def test_both_are_for_admins(home):
    somebody = replace(LOCAL, person=Person("x", "Ben", is_admin=False))
    with acting_as(somebody):
        for act in (view_nodes, lambda: check_nodes(print)):
            with pytest.raises(NotAllowedError):
                act()
