"""A home that can't be written: what it holds is shown, and the sentence says what to do."""

import shutil
import subprocess

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.lab import workplace as opened
from cnnlab.lab.workplace import workplace
from cnnlab.storage.space.unwritable import why_unwritable
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor


@pytest.fixture
def disk(small_disk, home, tmp_path, monkeypatch):
    """A disk of 2 MB with a home, in which are two datasets and a run that was stopped."""
    monkeypatch.setenv("CNNLAB_HOME", str(small_disk / "home"))
    monkeypatch.setenv("CNNLAB_MIN_FREE_BYTES", "1")
    monkeypatch.setattr("cnnlab.datasets.limits.MIN_FREE_BYTES", 0)
    monkeypatch.setattr("cnnlab.storage.space.unwritable.FULL_BYTES", 65_536)
    monkeypatch.setattr(opened, "_AGAIN_SECONDS", 0)
    no_supervisor(monkeypatch)
    first = lab.import_dataset(draw_zip(tmp_path / "a.zip"), name="First")
    lab.import_dataset(draw_zip(tmp_path / "b.zip"), name="Second")
    run = lab.launch_run(RunConfig(dataset=first.id))
    lab.stop_run(run.id)
    files = workplace().home.attempt(run.id, 1)
    files.mkdir(parents=True)
    (files / "model.keras").write_bytes(bytes(300_000))
    close()
    yield small_disk
    close()


def close():
    """What the end of a process does."""
    for known in opened._known.values():
        known.workplace.runs._engine.dispose()
    opened._known.clear()


def fill(disk):
    with (disk / "ballast").open("ab") as file:
        file.write(bytes(shutil.disk_usage(disk).free))
    assert shutil.disk_usage(disk).free == 0


def make_read_only(disk):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def what_is_shown():
    (run,) = lab.list_runs()
    assert lab.view_run(run.id).run == run
    first = next(dataset for dataset in lab.list_datasets() if dataset.name == "First")
    assert len(lab.example_images(first.id, each=30, size_px=8)["dark"]) == 24
    return [dataset.name for dataset in lab.list_datasets()], run.status


def delete_all():
    (run,) = lab.list_runs()
    lab.delete_run(run.id)
    for dataset in lab.list_datasets():
        lab.delete_dataset(dataset.id)


@pytest.mark.parametrize("reserve", ["0", "67108864"])
def test_a_full_disk_is_looked_at_and_freed_with_cnnlab_itself(disk, monkeypatch, reserve):
    expected = what_is_shown()
    monkeypatch.setenv("CNNLAB_RESERVE_BYTES", reserve)
    workplace()
    close()  # the next process finds the reserve, or none
    lab.list_runs()
    close()
    fill(disk)
    assert what_is_shown() == expected
    if reserve == "0":
        assert "is full: 0\u00a0bytes free" in lab.unwritable()
    delete_all()
    assert shutil.disk_usage(disk).free > 300_000
    assert lab.list_datasets() == lab.list_runs() == []
    assert lab.unwritable() == ""
    assert {path.name for path in (disk / "home" / "datasets").iterdir()} == set()
    assert {path.name for path in (disk / "home" / "runs").iterdir()} == set()


def test_a_run_that_is_active_is_not_deleted_because_the_disk_is_full(disk):
    (run,) = lab.list_runs()
    lab.resume_run(run.id)
    close()
    fill(disk)
    with pytest.raises(RunStateError, match="stop it before"):
        lab.delete_run(run.id)
    assert (workplace().home.attempt(run.id, 1) / "model.keras").exists()


def test_a_read_only_home_is_shown_and_says_what_to_do(disk, capsys):
    expected = what_is_shown()
    close()
    make_read_only(disk)
    assert what_is_shown() == expected
    words = rf"home is on a disk that is read-only\. .*mount -o remount,rw {disk}\)"
    with pytest.raises(StorageError, match=words):
        delete_all()
    assert main(["runs", "--json"]) == 0
    assert "is on a disk that is read-only" in capsys.readouterr().err
    assert "is on a disk that is read-only" in lab.unwritable()
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    delete_all()
    assert lab.list_runs() == []


def test_an_open_home_notices_that_its_disk_is_gone(disk):
    what_is_shown()
    (disk / "home").rename(disk / "elsewhere")
    (disk / "home").write_text("a file")
    with pytest.raises(StorageError, match="is a file"):
        lab.list_runs()
    (disk / "home").unlink()
    (disk / "elsewhere").rename(disk / "home")
    assert len(lab.list_runs()) == 1


def test_what_another_user_owns_is_said_with_both_names(disk, monkeypatch):
    home = workplace().home

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)  # root ignores the rights of a folder
    assert "belongs to root, and this program runs as " in why_unwritable(home)
