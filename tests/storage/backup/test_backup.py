"""A home as one file and back: whole, while runs train, and nothing that anybody else has built."""

import contextlib
import hashlib
import json
import os
import shutil
import threading
import zipfile

import numpy as np
import pytest

from cnnlab.domain.data.vault import VaultLook
from cnnlab.domain.errors import BadInputError, StorageError, UploadError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.checkpoints import sound_checkpoints
from cnnlab.storage.backup import restoring, writing
from cnnlab.storage.backup.manifest import MANIFEST
from cnnlab.storage.backup.writing import write_backup
from cnnlab.storage.home import open_home
from cnnlab.storage.index.rebuild import list_what_is_new
from cnnlab.storage.pretrained.store import PretrainedStore, Source
from cnnlab.storage.vault import Vault
from tests.made_runs import epoch_record
from tests.storage.index.test_rebuild import Place

LEFT_OUT = ("secret", "cnnlab.db", "uploads/a/file", "jobs/queue/a.json", "supervisor.lock")


def restore_backup(*given, **named):
    with contextlib.ExitStack() as held:
        return restoring.restore_backup(*given, **named, held=held)


@pytest.fixture
def place(tmp_path):
    """A home with a dataset, a finished run and one that trains; and what nobody wants to keep."""
    place = Place(tmp_path / "home", (None, ""))
    dataset = place.home.dataset(place.add_dataset().id)
    (dataset / "images.bin").write_bytes(bytes(range(256)) * 100)
    (dataset / "prepared" / "16").mkdir(parents=True)
    (dataset / "prepared" / "16" / "images.npy").write_bytes(bytes(1000))
    (dataset / "index.npz").write_bytes(b"made again from the Parquet file")
    place.train(place.add_run("done")).result.write_text('{"status": "finished"}')
    place.runs.update("done", status=Status.FINISHED)
    place.train(place.add_run("busy"), [0.5])
    place.runs.update("busy", status=Status.RUNNING)
    os.utime(place.attempt("done").result, (1_700_000_000, 1_700_000_000))
    for name in LEFT_OUT[:1] + LEFT_OUT[2:]:
        (place.home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (place.home.root / name).write_text("not to be kept")
    (place.home.runs / "busy" / "attempt-1" / ".a.part").write_text("half")
    (place.home.runs / "busy" / "link").symlink_to("/etc/hostname")
    yield place
    place.engine.dispose()


@pytest.fixture
def backup(place, tmp_path):
    return write_backup(place.home, tmp_path / "backup.zip").file


@pytest.fixture
def other(tmp_path):
    return open_home(tmp_path / "other")


def files(home):
    """Every file that was brought in with its content, and when it was changed."""
    found = [path for path in home.root.rglob("*") if path.is_file() and path.parent != home.root]
    return {
        path.relative_to(home.root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in found
    }


def test_what_comes_back_is_what_was_there(place, other, tmp_path):
    lock = take_lock(place.attempt("busy").lock)
    os.write(lock, b"12345")
    wanted = {
        name: content
        for name, content in files(place.home).items()
        if name.split("/")[0] in ("datasets", "runs", "studies")
        and "prepared" not in name
        and not name.endswith((".part", "link", "/index.npz"))
    }
    state = os.fstat(lock).st_mtime_ns
    wanted["runs/busy/attempt-1/attempt.lock"] = (b"", state)
    told = []
    written = write_backup(place.home, tmp_path, lambda *given: told.append(given))
    assert written.file.parent == tmp_path and written.file.name.startswith("cnnlab-2")
    assert told and told[-1][0] <= told[-1][1]
    with zipfile.ZipFile(written.file) as archive:
        assert set(archive.namelist()) == {*wanted, MANIFEST}
    restored = restore_backup(other, written.file, merge=False)
    os.close(lock)
    assert files(other) == wanted
    assert restored.brought == ["datasets/signs-1", "runs/busy", "runs/done"]
    found = list_what_is_new(other, "")
    assert {run.id: run.status for run in found.runs} == {
        "busy": Status.INTERRUPTED,
        "done": Status.FINISHED,
    }
    ended = next(run.ended_at for run in found.runs if run.id == "done")
    assert ended.startswith("2023-11-14T22:13:20")
    assert other.sample_mark.exists()
    again = list_what_is_new(other, "")
    assert (again.datasets, again.runs) == ([], [])


def test_pretrained_weights_come_back(other, tmp_path):
    home = open_home(tmp_path / "home")
    kept = PretrainedStore(home).keep({"conv/kernel": np.ones(3)}, Source("a", "the file a"))
    restored = restore_backup(other, write_backup(home, tmp_path / "b.zip").file, merge=False)
    assert restored.brought == [f"pretrained/{kept.id}"]
    assert PretrainedStore(other).list() == [kept]
    PretrainedStore(other).check(kept)


def _train(attempt, end):
    recorder, epoch = AttemptRecorder(attempt), 0
    recorder.started({"epochs": 10_000})
    said = Predictions(np.arange(2), np.arange(2), np.full((2, 2), 0.5, np.float32))
    while not end.is_set():
        recorder.predictions(epoch, said)
        recorder.epoch(epoch_record(epoch))
        recorder.checkpoint(epoch, {"a": np.full(1000, epoch)}, is_best=epoch % 3 == 0)
        epoch += 1
    recorder.close()


def test_whatever_moment_a_training_is_kept_in_it_can_go_on(place, tmp_path):
    place.add_run("quick")
    attempt, end = place.attempt("quick"), threading.Event()
    attempt.create({})
    training = threading.Thread(target=_train, args=(attempt, end))
    training.start()
    try:
        for turn in range(5):
            home = open_home(tmp_path / str(turn))
            written = write_backup(place.home, tmp_path / f"{turn}.zip")
            restore_backup(home, written.file, merge=False)
            kept = Attempt(home.attempt("quick", 1))
            epochs = len(kept.history())
            reached = [entry["epoch"] for entry in sound_checkpoints(kept.checkpoints)]
            assert not reached or min(reached) < epochs
            following = Attempt(home.attempt("quick", 2))
            following.create({})
            assert following.continue_from(kept) == bool(reached)
            assert not reached or len(following.history()) >= min(reached) + 1
            said = following.read_predictions()
            epochs_said = [] if said is None else said.epochs
            assert epochs_said == list(range(len(following.history())))
    finally:
        end.set()
        training.join()
    assert epochs > 0 and reached


def test_what_is_deleted_meanwhile_is_told(place, other, tmp_path):
    for name in ("x", "y"):
        place.add_run(name)
    to = tmp_path / "backup.zip"
    written = write_backup(place.home, to, lambda *_: shutil.rmtree(place.home.runs / "y", True))
    assert written.left_out == ["runs/y"]
    assert "runs/x" in restore_backup(other, to, merge=False).brought


def test_an_earlier_backup_is_replaced_and_nothing_else(place, backup, tmp_path):
    before = backup.stat().st_ino
    assert write_backup(place.home, backup).file == backup
    assert backup.stat().st_ino != before
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear")
    with pytest.raises(BadInputError, match="exists and is no backup"):
        write_backup(place.home, letter)
    with pytest.raises(BadInputError, match="isn't there"):
        write_backup(place.home, tmp_path / "none" / "backup.zip")
    assert letter.read_text() == "Dear"


def test_a_disk_without_room_is_said_and_left_clean(place, small_disk, backup, monkeypatch):
    with pytest.raises(StorageError, match="too little of the"):
        write_backup(place.home, small_disk / "backup.zip")
    with pytest.raises(StorageError, match="too little of the"):
        restore_backup(open_home(small_disk / "home"), backup, merge=False)
    monkeypatch.setattr(writing, "MIN_FREE_BYTES", -(2**40))  # it fills up while we write
    (place.home.dataset("signs-1") / "large").write_bytes(bytes(3 * 2**20))
    with pytest.raises(StorageError, match="disk is full"):
        write_backup(place.home, small_disk / "backup.zip")
    assert [path.name for path in small_disk.iterdir()] == ["home"]


def test_a_home_that_holds_something_is_added_to_on_request_only(place, backup, other):
    first = Place(other.root, (None, ""))
    first.runs.update(first.add_run("done"), name="mine")
    first.add_run("own")
    before = files(other)
    with pytest.raises(BadInputError, match=r"isn't empty .*--merge"):
        restore_backup(other, backup, merge=False)
    assert files(other) == before
    (other.root / ".restore-of-a-killed-one").mkdir()
    restored = restore_backup(other, backup, merge=True)
    assert restored.there_already == ["runs/done"]
    assert before.items() <= files(other).items()
    list_what_is_new(other, "")
    assert {run.id: run.name for run in first.runs.list()} == {
        "done": "mine",
        "own": "Run own",
        "busy": "Run busy",
    }
    assert not list(other.root.glob(".restore-*"))
    first.engine.dispose()


def look(number):
    at = f"2026-01-0{number}T00:00:00+00:00"
    return VaultLook(f"{number:032x}", at, "done", "Done", "d", {"accuracy": 0.5}, 2)


def test_looks_at_test_images_come_back_and_none_is_lost_in_a_merge(place, other, tmp_path):
    both, theirs = ["aa" * 32, "bb" * 32], ["cc" * 32]
    for number, hashes in ((1, both), (2, both), (3, theirs)):
        Vault(place.home).record(hashes, look(number))
    backup = write_backup(place.home, tmp_path / "backup.zip").file
    restore_backup(other, backup, merge=False)
    expected = {frozenset(both): (look(1), look(2)), frozenset(theirs): (look(3),)}
    assert {each.images: each.looks for each in Vault(other).read()} == expected
    Vault(other).record(both, look(4))
    restored = restore_backup(other, backup, merge=True)
    assert restored.there_already == ["datasets/signs-1", "runs/busy", "runs/done"]
    expected[frozenset(both)] += (look(4),)
    assert {each.images: each.looks for each in Vault(other).read()} == expected


def test_a_home_with_nothing_but_looks_takes_a_backup_in(backup, other):
    Vault(other).record(["aa" * 32], look(1))
    restore_backup(other, backup, merge=False)
    assert len(Vault(other).read()) == 1


def test_a_backup_of_the_first_format_is_read(backup, other):
    def change(values):
        values["format"] = 1

    assert restore_backup(other, rewritten(backup, change), merge=False).brought


def test_what_cannot_be_put_in_place_is_not_there_in_part(backup, other, monkeypatch):
    first = Place(other.root, (None, ""))
    first.add_run("own")
    before = files(other)
    real = restoring._unpack

    def unpack(*args):
        real(*args)
        (other.runs / "done").mkdir()
        (other.runs / "done" / "mine").write_text("mine")

    monkeypatch.setattr(restoring, "_unpack", unpack)
    with pytest.raises(StorageError, match=r"Can't use .*runs/done"):
        restore_backup(other, backup, merge=True)
    assert files(other).keys() == before.keys() | {"runs/done/mine"}
    assert [path.name for path in other.datasets.iterdir()] == []
    monkeypatch.undo()
    restored = restore_backup(other, backup, merge=True)
    assert restored.there_already == ["runs/done"]
    first.engine.dispose()


def rewritten(backup, change, *, more=()):
    """A backup whose manifest somebody has changed, with more members."""
    target = backup.with_name("hostile.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            if info.filename != MANIFEST:
                new.writestr(info, old.read(info))
        for name, content in more:
            new.writestr(name, content)
        values = json.loads(old.read(MANIFEST))
        change(values["cnnlab_backup"])
        new.writestr(MANIFEST, json.dumps(values))
    return target


def refused(other, source, words):
    before = files(other)
    with pytest.raises(UploadError, match=words):
        restore_backup(other, source, merge=False)
    assert files(other) == before
    assert not list(other.root.glob(".restore-*")) and not other.sample_mark.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../evil/a",
        "/etc/evil/a",
        "runs/../../evil",
        "runs/a/../../../evil",
        "runs//evil/a",
        "runs/./a/evil",
        "runs/evil",
        "jobs/queue/evil",
        "secret",
        "cnnlab.db",
        "runs/.ssh/evil",
        "runs/a\\b/evil",
        "runs/a\x00b/evil",
        "runs/" + 20 * "a/" + "evil",
        "runs/a/" + 300 * "b",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(backup, other, name):
    content = b"evil"
    kept = {"bytes": 4, "sha256": hashlib.sha256(content).hexdigest(), "changed_at": 0}
    source = rewritten(
        backup,
        lambda values: values["files"].update({name: kept}),
        more=[(name, content)] if name else [],
    )
    refused(other, source, "damaged")


def _other_sum(values):
    values["files"]["datasets/signs-1/images.bin"]["sha256"] = 64 * "0"


def _other_size(values):
    values["files"]["datasets/signs-1/images.bin"]["bytes"] -= 1


def _negative(values):
    values["files"]["datasets/signs-1/images.bin"]["bytes"] = -1


def _unknown(values):
    values["files"]["runs/a/b"] = {"bytes": 1, "sha256": 64 * "0", "changed_at": 0}


def _later(values):
    values["format"] = 99


def _list(values):
    values["files"] = []


@pytest.mark.parametrize("change", [_other_sum, _other_size, _negative, _unknown, _later, _list])
def test_a_list_that_is_not_true_is_refused(backup, other, change):
    refused(other, rewritten(backup, change), "damaged|format 99.*update cnnlab")


def test_members_that_are_on_no_list_are_never_written(backup, other):
    source = rewritten(backup, lambda values: None, more=[("../evil", b"1"), ("runs/x/y", b"1")])
    restore_backup(other, source, merge=False)
    assert not (other.root.parent / "evil").exists() and not (other.runs / "x").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_members_of_one_name_are_refused(backup, other):
    source = rewritten(backup, lambda values: None, more=[("runs/done/run.json", b"{}")])
    refused(other, source, "two files of one name")


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(backup, other, part):
    backup.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * part)])
    refused(other, backup, "damaged or no backup")


def test_any_byte_that_the_disk_has_lost_is_noticed(backup, other):
    sound = backup.read_bytes()
    place = sound.index(bytes(range(100, 200)))
    backup.write_bytes(sound[:place] + b"\xff" + sound[place + 1 :])
    refused(other, backup, "damaged")


def test_what_is_no_backup_is_refused(other, tmp_path):
    (tmp_path / "a.txt").write_text("Dear")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("cat/1.png", b"")
    refused(other, tmp_path / "a.txt", "no backup")
    refused(other, tmp_path / "a.zip", "isn't a backup")
    with pytest.raises(BadInputError, match="There is no file"):
        restore_backup(other, tmp_path / "none.zip", merge=False)


def test_a_list_with_a_flipped_byte_is_refused_wherever_it_is(other, backup):
    content = bytearray(backup.read_bytes())
    with zipfile.ZipFile(backup) as archive:
        begin = archive.getinfo(MANIFEST).header_offset + 30 + len(MANIFEST)
        stored = archive.getinfo(MANIFEST).compress_size - 4  # behind it only says that it ends
    for at in range(begin, begin + stored, max(1, stored // 20)):
        content[at] ^= 0x55
        backup.write_bytes(content)
        refused(other, backup, "damaged")
        content[at] ^= 0x55
