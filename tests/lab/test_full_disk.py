"""A disk that is really full, under whatever a user does: the fault matrix, row 5.

What was stored is there, the sentence names the path, no half a file is left behind, and it works
again as soon as there is room. What a worker does then is in `tests/test_worker_faults.py`.
"""

import shutil

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.attempts.attempt import Attempt
from tests.conftest import draw_zip, end_processes_of
from tests.datasets.uploads import jpeg
from tests.made_runs import no_supervisor
from tests.waiting import wait_until

LEFT_BYTES = 12_000


class SmallHome:
    """A home on a file system of 2 MB, which a ballast fills to the last few bytes."""

    def __init__(self, disk):
        self.root = disk / "home"
        self._ballast = disk / "ballast"

    def fill(self, *_):
        with self._ballast.open("ab") as file:
            file.write(bytes(max(0, shutil.disk_usage(self.root).free - LEFT_BYTES)))

    def free(self):
        self._ballast.unlink()

    def files(self):
        """All that is there, the database aside, whose files come and go."""
        return {path for path in self.root.rglob("*") if not path.name.startswith("cnnlab.db")}


@pytest.fixture
def disk(small_disk, home, monkeypatch):
    disk = SmallHome(small_disk)
    monkeypatch.setenv("CNNLAB_HOME", str(disk.root))
    monkeypatch.setattr("cnnlab.storage.space.incoming.RESERVE_BYTES", 0)
    monkeypatch.setattr("cnnlab.datasets.limits.MIN_FREE_BYTES", 0)
    monkeypatch.setenv("CNNLAB_MIN_FREE_BYTES", "1")
    no_supervisor(monkeypatch)
    yield disk
    workplace().runs._engine.dispose()
    end_processes_of(disk.root)


def test_an_upload_goes_on_where_the_disk_was_full(disk, tmp_path):
    content = draw_zip(tmp_path / "a.zip").read_bytes()
    token = lab.begin_upload("shades.zip", len(content))
    have = lab.append_chunk(token, 0, content[:10_000])
    disk.fill()
    with pytest.raises(StorageError, match=rf"disk is full at {disk.root}/.*/shades\.zip"):
        lab.append_chunk(token, have, content[have:])
    (stored,) = disk.root.glob("uploads/*/file/shades.zip")
    assert content.startswith(stored.read_bytes()) and stored.stat().st_size >= have
    disk.free()
    have = lab.append_chunk(token, 0, b"")
    assert lab.append_chunk(token, have, content[have:]) == len(content)
    assert stored.read_bytes() == content


def test_labels_that_find_no_room_are_told(disk, tmp_path, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", ensure_supervisor)
    content = draw_zip(tmp_path / "a.zip").read_bytes()
    token = lab.begin_upload("shades.zip", len(content))
    lab.append_chunk(token, 0, content)
    disk.fill()
    with pytest.raises(StorageError, match=r"disk is full at .*/labels\.csv"):
        lab.start_import(token, name="Shades", labels=b"x" * 3 * LEFT_BYTES)
    assert not list(disk.root.rglob("*labels*"))
    disk.free()
    lab.start_import(token, name="Shades")
    state = wait_until(lambda: (found := lab.import_state(token)).is_ended and found)
    assert lab.load_dataset(state.answer.dataset).images == 48


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_an_import_is_whole_or_not_there(disk, tmp_path, moment):
    first = lab.import_dataset(draw_zip(tmp_path / "a.zip"), name="First")
    before = disk.files()
    upload = draw_zip(tmp_path / "b.zip", each=100)
    if moment == "before":
        disk.fill()
    with pytest.raises(StorageError, match=str(disk.root)):
        lab.import_dataset(upload, name="Second", on_progress=disk.fill)
    assert disk.files() == before
    assert [dataset.name for dataset in lab.list_datasets()] == ["First"]
    assert len(lab.example_images(first.id, each=30, size_px=8)["dark"]) == 24
    disk.free()
    assert lab.import_dataset(upload, name="Second").images == 200


def test_added_pictures_are_whole_or_not_there(disk, tmp_path):
    dataset = lab.import_dataset(draw_zip(tmp_path / "a.zip"))
    before = disk.files()

    def pictures():
        yield "a.jpg", jpeg(1)
        disk.fill()
        yield from ((f"{number}.jpg", jpeg(number)) for number in range(2, 500))

    with pytest.raises(StorageError, match=rf"disk .*{disk.root}"):
        lab.add_images(dataset.id, pictures(), "dark")
    assert disk.files() == before
    disk.free()
    assert lab.add_images(dataset.id, [("a.jpg", jpeg(1))], "dark").images == 49


def test_a_launch_is_whole_or_not_there(disk, tmp_path):
    dataset = lab.import_dataset(draw_zip(tmp_path / "a.zip"))
    launched = [lab.launch_run(RunConfig(dataset=dataset.id))]
    disk.fill()
    with pytest.raises(StorageError, match=r"disk"):
        for _ in range(1000):
            launched.append(lab.launch_run(RunConfig(dataset=dataset.id)))
    assert {run.id for run in lab.list_runs()} == {run.id for run in launched}
    for run in launched:
        assert lab.load_run(run.id) == run
    assert not list(disk.root.rglob(".*.part"))
    disk.free()
    lab.stop_run(launched[0].id)
    assert lab.load_run(launched[0].id).status is Status.STOPPED
    assert lab.launch_run(RunConfig(dataset=dataset.id)) in lab.list_runs()


@pytest.fixture
def exported(disk, tmp_path):
    """Makes a run whose model files have so many bytes; the disk is full then."""

    def make(size):
        dataset = lab.import_dataset(draw_zip(tmp_path / "a.zip"))
        run = lab.launch_run(RunConfig(dataset=dataset.id))
        attempt = Attempt(workplace().home.attempt(run.id, 1))
        attempt.create({})
        for file in (attempt.model, attempt.package):
            file.write_bytes(b"m" * size)
        disk.fill()
        return run.id

    return make


@pytest.mark.parametrize("name", ["model.keras", "model.zip"])
def test_an_export_is_whole_or_leaves_what_was_there(disk, exported, name):
    run = exported(3 * LEFT_BYTES)
    target = disk.root.parent / name
    target.write_bytes(b"an earlier one")
    others = sorted(disk.root.parent.iterdir())
    with pytest.raises(StorageError, match=f"disk is full at {target}"):
        lab.export_run(run, "keras", target)
    assert target.read_bytes() == b"an earlier one"
    assert sorted(disk.root.parent.iterdir()) == others
    disk.free()
    assert lab.export_run(run, "keras", target)["bytes"] == 3 * LEFT_BYTES
    assert set(target.read_bytes()) == {ord("m")}


def test_what_a_page_reads_needs_no_room(disk, tmp_path):
    dataset = lab.import_dataset(draw_zip(tmp_path / "a.zip"))
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    disk.fill()
    assert lab.view_run(run.id).run == run
    assert lab.list_runs() == [run]
    assert lab.list_datasets() == [dataset]
