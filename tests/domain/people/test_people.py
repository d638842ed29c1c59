"""Roles, quotas and the names of workspaces."""

import pytest

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Action, Role, allows, least_role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, Quota, is_workspace_id

ALLOWED = {
    Role.VIEWER: {Action.VIEW},
    Role.EDITOR: {Action.VIEW, Action.EDIT},
    Role.OWNER: {Action.VIEW, Action.EDIT, Action.OWN},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_role_may_what_those_before_it_may(role, action):
    assert allows(role, action) is (action in ALLOWED[role])


def test_no_role_of_a_workspace_looks_after_the_installation():
    assert [least_role(action) for action in Action] == [*Role, None]


@pytest.mark.parametrize(
    "limits", [{"disk_bytes": -1}, {"hours_a_day": float("nan")}, {"hours_a_day": float("inf")}]
)
def test_a_quota_below_nothing_is_refused(limits):
    with pytest.raises(BadInputError, match=f"{next(iter(limits))} must be 0 or more"):
        Quota(**limits)


def test_a_quota_of_nothing_is_one():
    assert Quota(queued_runs=0, hours_a_day=0.5).queued_runs == 0


@pytest.mark.parametrize(
    "name", ["", DEFAULT_WORKSPACE, "a" * 11, "a" * 13, "A" * 12, "../../../etc", "a" * 11 + "\n"]
)
def test_what_could_leave_the_folder_is_no_id_of_a_workspace(name):
    assert not is_workspace_id(name)


def test_what_is_drawn_is_one():
    assert is_workspace_id("abc012xyz789")
