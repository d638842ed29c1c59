"""The Machines page: what it shows, what its buttons do, who gets it."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.people.person import Person, Role
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import LOCAL, Acting, acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep.doctor import Check
from cnnlab.lab.upkeep.machines import Machine, MachineCheck
from cnnlab.lab.upkeep.nodes import Findings, Node, Nodes
from cnnlab.lab.workplace import workplace
from cnnlab.ui import navigation
from cnnlab.ui.machines import checking
from cnnlab.ui.machines import nodes as cards
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def foreign(home, tmp_path):
    """A workspace with two runs that wait."""
    other = register().workspaces.add("Group 1").id
    with acting_as(local_in(other)):
        dataset = lab.import_dataset(draw_zip(tmp_path / "few.zip", each=6))
        config = RunConfig(dataset=dataset.id)
        runs = [lab.launch_run(config, name=f"secret {number}") for number in (1, 2)]
    return other, [run.id for run in runs]


def key(foreign, number, does):
    workspace, runs = foreign
    return f"all_{does}_{workspace}_{runs[number]}"


def test_foreign_runs_are_listed_by_id_moved_and_stopped(foreign):
    workspace, (first, second) = foreign
    app = open_page("machines")
    text = words(app)
    assert f"`{first}`" in text and "Group 1" in text and "secret" not in text
    assert "Workspaces take turns." in text
    assert app.button(key=key(foreign, 0, "up")).disabled
    app.button(key=key(foreign, 1, "first")).click().run()
    with acting_as(local_in(workspace)):
        assert workplace().runs.queue() == [second, first]
    app.button(key=key(foreign, 0, "stop")).click().run()
    with acting_as(local_in(workspace)):
        assert workplace().runs.load(first).status is Status.STOPPED
    assert f"`{first}`" not in words(app)


@pytest.mark.parametrize(("workspace", "role"), [("default", Role.VIEWER), ("", None)])
def test_an_admin_may_whatever_they_may_elsewhere(foreign, monkeypatch, workspace, role):
    admin = Acting(Person("a", "Ada", is_admin=True), workspace, role)
    monkeypatch.setattr("cnnlab.lab.access.acting.LOCAL", admin)
    app = open_page("machines")
    assert not app.button(key=key(foreign, 1, "first")).disabled
    app.button(key=key(foreign, 0, "stop")).click().run()
    with acting_as(local_in(foreign[0])):
        assert workplace().runs.load(foreign[1][0]).status is Status.STOPPED


def test_a_run_that_is_gone_is_said_and_the_page_stays(foreign):
    workspace, (first, _) = foreign
    app = open_page("machines")
    with acting_as(local_in(workspace)):
        workplace().runs.update(first, status=Status.RUNNING)
    app.button(key=key(foreign, 0, "down")).click().run()
    assert any("only one that waits is moved" in error for error in errors(app))


def test_a_check_says_what_it_found(home, monkeypatch):
    found = Findings(
        [MachineCheck("", "host", False, ("Its clock is 90 s behind.",))],
        {"disk": Check(True, "70 GiB free"), "device": Check(False, "CPU", "Install the driver.")},
    )
    monkeypatch.setattr(checking, "check_nodes", lambda tell: (tell(1, 1), found)[1])
    app = open_page("machines")
    app.button(key="check_cluster").click().run()
    text = words(app).replace("\\", "")
    assert "**host**: Its clock is 90 s behind." in text
    assert "**disk**: 70 GiB free" in text and "CPU. Install the driver." in text


def test_a_clusters_machines_and_its_problem(home, monkeypatch):
    machine = Machine("n1", "node 1", "A100", True, 8, 2, 2**35, 4, 1, 2**34, ())
    check = MachineCheck("n1", "node 1", False, ("keras is 3.14 there.",))
    nodes = Nodes(
        "http://head:8265", "", [Node(machine, [], 2**40, {"keras": "3.14"}, check)], [], 3.0
    )
    monkeypatch.setattr(cards, "view_nodes", lambda: nodes)
    app = open_page("machines")
    text = words(app).replace("\\", "")
    assert (
        "2 GPUs, 1 free (A100)\u00a0· 8 CPUs, 4 free\u00a0· 32\u00a0GiB memory, 16\u00a0GiB free"
        in text
    )
    assert "on the cluster at http://" in text and "head:8265: 1 machine." in text
    assert [one.value.replace("\\", "") for one in app.warning] == ["keras is 3.14 there."]
    assert app.button(key="check_cluster").label == "Check this cluster"
    head = replace(machine, name="node 0", kind="cpu", cpus=0, gpus=0, free_cpus=0, free_gpus=0)
    alone = replace(nodes, nodes=[Node(head, [], None, {}, None)])
    monkeypatch.setattr(cards, "view_nodes", lambda: alone)
    text = words(open_page("machines"))
    assert "It has no CPU to give, so no run." in text and "not checked" not in text
    broken = replace(nodes, problem="The cluster doesn't answer.", nodes=[])
    monkeypatch.setattr(cards, "view_nodes", lambda: broken)
    assert errors(open_page("machines")) == ["The cluster doesn't answer."]


def test_it_is_in_the_menu_of_admins_alone_and_tells_others_where_to_look(home, monkeypatch):
    drawn = []
    monkeypatch.setattr(navigation, "render_bar", lambda *given: drawn.append(given))
    open_page("home")
    somebody = replace(LOCAL, person=Person("x", "Ben", is_admin=False))
    monkeypatch.setattr("cnnlab.lab.access.acting.LOCAL", somebody)
    app = open_page("machines")
    [told] = app.info
    assert "for admins" in told.value and "stands on Runs" in told.value
    assert not errors(app) and not app.button
    for given, is_there in ((drawn[0], True), (drawn[-1], False)):
        assert ("Machines" in [place["title"] for place in given[0]]) is is_there
