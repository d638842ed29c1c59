"""An installation as a folder and back: all workspaces with their people."""

import shutil
from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.errors import BadInputError, NotAllowedError, RunStateError, UploadError
from cnnlab.domain.people.person import Person
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep import whole_backup
from cnnlab.lab.upkeep.whole_backup import back_up_all, restore_all
from cnnlab.storage.backup.people import bring_people
from tests.conftest import draw_zip


def datasets():
    """Names of the datasets of each workspace, by its title."""
    found = {}
    for workspace in register().workspaces.all():
        with acting_as(replace(LOCAL, workspace=workspace.id)):
            found[workspace.title] = [one.name for one in lab.list_datasets()]
    return found


@pytest.fixture
def backup(home, dataset, tmp_path):
    """Of an installation with two workspaces."""
    group = register().workspaces.add("Group 1")
    register().accounts.add("Ada", password="correct horse battery")
    with acting_as(replace(LOCAL, workspace=group.id)):
        lab.import_dataset(draw_zip(tmp_path / "few.zip", each=6), name="Theirs")
    (tmp_path / "backups").mkdir()
    return back_up_all(tmp_path / "backups")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, backup):
    """Another installation, in which nobody has done anything."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "elsewhere"))


def test_an_installation_comes_back_whole(backup, elsewhere, tmp_path):
    folder = tmp_path / "backups"
    assert [path.name[:7] for path in folder.iterdir()] == ["cnnlab-"]  # nothing half
    told = restore_all(next(folder.iterdir()))
    assert datasets() == {"default": ["Shades"], "Group 1": ["Theirs"]}
    assert (told["people"], len(told["workspaces"])) == (1, 2)
    assert {one["title"] for one in told["workspaces"]} == {"default", "Group 1"}
    assert register().accounts.check("Ada", "correct horse battery")


def test_the_copy_of_the_register_stays_off_the_storage_that_others_see(
    backup, elsewhere, tmp_path, monkeypatch
):
    monkeypatch.setenv("CNNLAB_STORAGE", str(tmp_path / "seen-by-all"))
    copies = []

    def bring(kept, engine, beside):
        copies.append(beside)
        bring_people(kept, engine, beside)

    monkeypatch.setattr(whole_backup, "bring_people", bring)
    restore_all(next((tmp_path / "backups").iterdir()))
    assert [copy.parent for copy in copies] == [tmp_path / "elsewhere"]
    assert register().accounts.check("Ada", "correct horse battery")


def test_what_is_there_is_not_replaced(backup, tmp_path):
    folder = next((tmp_path / "backups").iterdir())
    with pytest.raises(BadInputError, match="isn't empty"):
        restore_all(folder)
    told = restore_all(folder, merge=True)
    assert all(one["there_already"] and not one["datasets"] for one in told["workspaces"])


def test_what_broke_off_goes_on(backup, elsewhere, tmp_path):
    folder = next((tmp_path / "backups").iterdir())
    broken = next(file for file in folder.glob("*.zip") if file.name != "default.zip")
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-100])
    with pytest.raises(UploadError):
        restore_all(folder)
    broken.write_bytes(whole)
    restore_all(folder, merge=True)
    assert datasets() == {"default": ["Shades"], "Group 1": ["Theirs"]}


def test_into_other_peoples_installation_no_people_come(backup, elsewhere, tmp_path):
    register().accounts.add("Eve", password="correct horse battery")
    with pytest.raises(RunStateError, match="have accounts here already"):
        restore_all(next((tmp_path / "backups").iterdir()))


def test_without_people_the_one_workspace_is_kept(home, dataset, tmp_path, monkeypatch):
    told = back_up_all(tmp_path)
    folder = next(tmp_path.glob("cnnlab-*"))
    assert told["folder"] == str(folder)
    assert [path.name for path in folder.iterdir()] == ["default.zip"]
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "elsewhere"))
    assert restore_all(folder)["people"] == 0
    assert [one.name for one in lab.list_datasets()] == ["Shades"]


def test_it_needs_a_folder_and_an_admin(home, tmp_path):
    with pytest.raises(BadInputError, match="isn't there"):
        back_up_all(tmp_path / "none")
    with pytest.raises(BadInputError, match="backup --all"):
        restore_all(tmp_path)
    somebody = replace(LOCAL, person=Person("x", "Ben", is_admin=False))
    with acting_as(somebody), pytest.raises(NotAllowedError):
        back_up_all(tmp_path)


def test_the_commands(backup, elsewhere, tmp_path, capsys):
    folder = next((tmp_path / "backups").iterdir())
    assert main(["restore", str(folder), "--all"]) == 0
    told = capsys.readouterr()
    assert "Group 1: 1 dataset" in told.out and "1 account" in told.out
    shutil.rmtree(folder)
    assert main(["backup", str(tmp_path / "backups"), "--all"]) == 0
    assert "2 workspaces in" in capsys.readouterr().out
    assert len([*(tmp_path / "backups").iterdir()]) == 1
