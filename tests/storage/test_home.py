"""The homes of an installation: one for each workspace, and what they share."""

import pytest

from cnnlab.domain.errors import NotFoundError
from cnnlab.storage.home import Home, open_home

OTHER = "a1b2c3d4e5f6"


def test_a_workspace_has_a_home_of_its_own_and_shares_what_is_the_installations(home):
    installation, other = open_home(home), open_home(home, OTHER)
    assert other.root == home / "workspaces" / OTHER
    assert other.runs.is_dir() and other.database.parent == other.root
    for name in ("supervisor_lock", "supervisor_pipe", "supervisor_log", "warm_request"):
        assert getattr(other, name) == getattr(installation, name)
    assert other.token() == installation.token()
    assert other.app_lock(1) == installation.app_lock(1)
    assert not (other.root / "reserve").exists()
    assert other.of_workspace("default") == installation.of_workspace("default") == installation


def test_the_home_of_a_folder_is_that_of_its_workspace(home):
    installation, other = open_home(home), open_home(home, OTHER)
    for place in (installation, other):
        assert installation.holding(place.attempt("a", 1)) == place
        assert other.holding(place.attempt("a", 1)) == place


def test_all_homes_are_listed_and_nothing_else_that_lies_there(home):
    assert open_home(home).with_others() == [Home(home)]
    other = open_home(home, OTHER)
    (home / "workspaces" / ".trash-a1b2").mkdir()
    (home / "workspaces" / "lost+found").mkdir()
    assert other.with_others() == [Home(home), other]


@pytest.mark.parametrize("name", ["", "..", "../../../tmp", "A1b2c3d4e5f6", "short", "a" * 13])
def test_no_name_leads_out_of_the_folder(home, name):
    with pytest.raises(NotFoundError, match="no workspace"):
        open_home(home, name)
