"""The homes of an installation: one for each workspace, and what they share."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.lab.workplace import workplace
from cnnlab.storage.home import Home, named_home, open_home, see_storage

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


def test_a_list_of_homes_that_can_not_be_read_is_told_in_a_sentence(home):
    open_home().workspaces.write_text("no folder")
    with pytest.raises(StorageError, match="Can't use .*/workspaces: Not a directory"):
        open_home().with_others()


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


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """A folder that other machines see too, as the environment names it."""
    folder = tmp_path / "seen-by-all"
    monkeypatch.setenv("CNNLAB_STORAGE", str(folder))
    return folder


def test_without_a_storage_all_lies_in_the_home(home):
    opened = open_home()
    assert opened == Home(home)
    assert opened.own == opened.root == home


def test_what_runs_are_made_of_lies_on_the_storage_and_what_is_this_machines_in_the_home(
    home, storage, upload
):
    lab.import_dataset(upload, name="shades")
    opened = workplace().home
    assert (opened.root, opened.own) == (storage, home)
    assert opened.token()
    there = {path.name for path in home.iterdir()}
    assert {"cnnlab.db", "token"} <= there
    assert not there & {"datasets", "runs", "studies", "uploads", "jobs"}
    assert {path.name for path in storage.iterdir()}.isdisjoint({"cnnlab.db", "token"})
    assert len(list((storage / "datasets").glob("*/"))) == 1


@pytest.mark.parametrize("part", ["own", "root"])
def test_a_home_within_the_home_lies_at_the_same_place_of_the_storage(home, storage, part):
    inner = getattr(named_home(), part) / "workspaces" / "abc"
    assert named_home(inner) == Home(
        storage / "workspaces" / "abc", own=home / "workspaces" / "abc"
    )
    elsewhere = home.parent / "elsewhere"
    assert named_home(elsewhere) == Home(elsewhere)


@pytest.mark.parametrize("names", [("all/home", "all"), ("home", "home/all")])
def test_one_of_the_two_may_lie_within_the_other(tmp_path, monkeypatch, names):
    own, storage = (tmp_path / name for name in names)
    monkeypatch.setenv("CNNLAB_HOME", str(own))
    monkeypatch.setenv("CNNLAB_STORAGE", str(storage))
    one = Home(storage, own=own).of_workspace("a" * 12)
    assert named_home() == named_home(own) == named_home(storage) == Home(storage, own=own)
    for place in (one.own, one.root):
        assert named_home(place) == Home(one.root, own=one.own)
    assert open_home() == Home(storage, own=own)


def test_an_empty_folder_in_the_place_of_a_storage_that_is_away_is_no_new_home(home, storage):
    opened = open_home()
    see_storage(opened)
    away = storage.rename(storage.with_name("away"))
    storage.mkdir()  # where it is mounted
    with pytest.raises(StorageError, match="isn't there: connect"):
        see_storage(opened)
    with pytest.raises(StorageError, match="no new home is made in its place"):
        open_home()
    assert list(storage.iterdir()) == []
    storage.rmdir()
    away.rename(storage)
    assert open_home() == opened


def test_each_workspace_has_its_part_of_both(home, storage):
    one = open_home(workspace="a" * 12)
    assert (one.root, one.own) == (
        storage / "workspaces" / ("a" * 12),
        home / "workspaces" / ("a" * 12),
    )
    assert (one.installation, one.storage) == (home, storage)
    assert one.supervisor_lock == home / "supervisor.lock"
    assert one.database == one.own / "cnnlab.db"
    default = open_home()
    assert one.of_workspace("default") == default
    assert default.with_others() == [default, one]
    assert default.holding(one.runs / "r" / "attempt-1") == one
    assert one.holding(storage / "runs" / "r") == default
