"""Workspaces, their quotas and members."""

import pytest

from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.people.person import Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, Quota, is_workspace_id


@pytest.fixture
def people(register):
    return [register.accounts.add(name).person for name in ("Ada", "Bo", "Cy")]


def test_default_is_always_there_and_others_have_random_ids(register):
    made = register.workspaces.add("Group 1", Quota(disk_bytes=10**12, hours_a_day=1.5))
    assert is_workspace_id(made.id)
    default, *rest = register.workspaces.all()
    assert (default.id, rest) == (DEFAULT_WORKSPACE, [made])
    assert register.workspaces.find(" group 1") == register.workspaces.find(made.id) == made
    register.workspaces.set_quota(made.id, Quota(queued_runs=3))
    assert register.workspaces.find(made.id).quota == Quota(queued_runs=3)


def test_a_title_is_there_once(register):
    register.workspaces.add("Group 1")
    for title in ("GROUP 1", DEFAULT_WORKSPACE):
        with pytest.raises(BadInputError, match="already"):
            register.workspaces.add(title)
    with pytest.raises(BadInputError, match="The title must have"):
        register.workspaces.add("")


def test_members_have_a_role_and_an_owner_stays(register, people):
    ada, bo, cy = people
    one = register.workspaces.add("One", owner=ada.id)
    register.workspaces.set_role(one.id, bo.id, Role.VIEWER)
    register.workspaces.set_role(one.id, bo.id, Role.EDITOR)
    told = [(each.person, each.role) for each in register.workspaces.members(one.id)]
    assert told == [(ada, Role.OWNER), (bo, Role.EDITOR)]
    assert register.workspaces.role(one.id, cy.id) is None
    for change in (
        lambda: register.workspaces.remove_member(one.id, ada.id),
        lambda: register.workspaces.set_role(one.id, ada.id, Role.VIEWER),
    ):
        with pytest.raises(RunStateError, match="last owner"):
            change()
    assert register.workspaces.role(one.id, ada.id) is Role.OWNER
    register.workspaces.set_role(one.id, bo.id, Role.OWNER)
    register.workspaces.remove_member(one.id, ada.id)
    places = register.workspaces.of_person(bo.id)
    assert [(each.title, role) for each, role in places] == [("One", Role.OWNER)]


def test_what_is_not_there_is_said(register, people):
    for call in (
        lambda: register.workspaces.find("nothing"),
        lambda: register.workspaces.set_quota("nothing", Quota()),
        lambda: register.workspaces.delete("nothing"),
        lambda: register.workspaces.set_role("nothing", people[0].id, Role.OWNER),
    ):
        with pytest.raises(NotFoundError, match="No workspace is called 'nothing'"):
            call()
    with pytest.raises(NotFoundError, match="account"):
        register.workspaces.set_role(DEFAULT_WORKSPACE, "nobody", Role.VIEWER)
    with pytest.raises(NotFoundError, match="isn't a member"):
        register.workspaces.remove_member(DEFAULT_WORKSPACE, people[1].id)


def test_a_deleted_workspace_takes_members_and_links_along(register, people):
    one = register.workspaces.add("One", owner=people[1].id)
    secret, _ = register.links.add(one.id, "run", "r", made_by="Bo")
    key = register.sessions.begin(people[1].id, "", one.id)
    register.workspaces.delete(one.id)
    assert register.workspaces.of_person(people[1].id) == []
    assert register.links.find(secret) is None
    assert register.sessions.find(key).workspace is None
    with pytest.raises(BadInputError, match="stays"):
        register.workspaces.delete(DEFAULT_WORKSPACE)
