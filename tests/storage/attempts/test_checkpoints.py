import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.storage.attempts import checkpoints
from cnnlab.storage.attempts.checkpoints import (
    list_checkpoints,
    load_checkpoint,
    load_states,
    remove_leftovers,
    save_checkpoint,
    save_within_epoch,
    share_checkpoints,
    sound_checkpoints,
)
from tests.storage.killed_writer import save_next, state_after

ROOT = Path(__file__).parents[3]


def _save(folder, epoch, *, best=False, **options):
    save_checkpoint(folder, epoch, {"weights": np.full(4, epoch)}, is_best=best, **options)


def _epochs(folder):
    return [entry["epoch"] for entry in list_checkpoints(folder)]


def _damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_last_two_and_the_best_are_kept_whatever_the_budget(tmp_path):
    for epoch, best in enumerate([True, True, False, False, False]):
        _save(tmp_path, epoch, best=best, fork_budget_bytes=0)
    kept = list_checkpoints(tmp_path)
    assert [entry["epoch"] for entry in kept] == [1, 3, 4]
    assert {file.name for file in tmp_path.glob("*.state")} == {entry["file"] for entry in kept}
    assert load_checkpoint(tmp_path, kept[0])["weights"].tolist() == [1, 1, 1, 1]


def test_all_epochs_are_kept_where_they_fit(tmp_path):
    for epoch in range(9):
        _save(tmp_path, epoch, best=epoch == 0)
    assert _epochs(tmp_path) == list(range(9))


def test_what_does_not_fit_is_thinned_evenly(tmp_path):
    _save(tmp_path, 0, best=True)
    budget = 10 * sum(file.stat().st_size for file in tmp_path.glob("*.state"))
    for epoch in range(1, 50):
        _save(tmp_path, epoch, fork_budget_bytes=budget)
        spare = set(_epochs(tmp_path)) - {0, epoch, epoch - 1}
        assert len(spare) == min(10, epoch - 2) or epoch < 3
    gaps = np.diff(_epochs(tmp_path))
    assert max(gaps[:-1]) <= 2 * min(gaps[1:-3])  # the last epochs lie closer together
    kept = sum(file.stat().st_size for file in tmp_path.glob("*.state"))
    assert kept <= 1.3 * budget  # the last two and the best beside it


def test_the_number_of_kept_epochs_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "MOST_FORK_EPOCHS", 3)
    for epoch in range(20):
        _save(tmp_path, epoch, best=epoch == 7)
    assert len(_epochs(tmp_path)) == 6
    assert {7, 18, 19} < set(_epochs(tmp_path))


def test_one_state_within_an_epoch_is_kept_until_the_epoch_is_whole(tmp_path):
    _save(tmp_path, 0, best=True)
    for step in (3, 6):
        save_within_epoch(tmp_path, 1, step, {"weights": np.full(4, step)})
    assert _epochs(tmp_path) == [0]
    assert len(list(tmp_path.glob("*.state"))) == 2
    states = load_states(tmp_path)
    assert states["state"]["weights"][0] == states["best_state"]["weights"][0] == 0
    assert states["within_state"]["weights"].tolist() == [6, 6, 6, 6]
    _save(tmp_path, 1)
    assert load_states(tmp_path)["within_state"] is None
    assert len(list(tmp_path.glob("*.state"))) == 2


def test_a_run_may_go_on_within_its_first_epoch(tmp_path):
    assert load_states(tmp_path) == {"state": None, "best_state": None, "within_state": None}
    save_within_epoch(tmp_path, 0, 5, {"weights": np.ones(4)})
    (entry,) = sound_checkpoints(tmp_path)
    assert (entry["epoch"], entry["step"]) == (0, 5)
    assert load_states(tmp_path)["state"] is None


def test_a_state_is_read_back_as_it_was(tmp_path):
    state = {
        "model/conv/kernel": np.random.default_rng(0).random((3, 3, 2, 4), np.float32),
        "optimizer/iteration": np.array(7, np.int64),
        "seeds/dropout/0": np.array([1, 2], np.uint32),
        "transposed": np.arange(6.0).reshape(2, 3).T,
        "half": np.ones(3, np.float16),
        "none": np.zeros((0, 2)),
    }
    save_checkpoint(tmp_path, 0, state, is_best=True)
    again = load_checkpoint(tmp_path, list_checkpoints(tmp_path)[0])
    assert list(again) == list(state)
    for name, values in state.items():
        assert (again[name].dtype, again[name].shape) == (values.dtype, values.shape)
        np.testing.assert_array_equal(again[name], values)


def test_a_flipped_byte_is_noticed(tmp_path):
    _save(tmp_path, 0)
    (entry,) = list_checkpoints(tmp_path)
    _damage(tmp_path / entry["file"])
    with pytest.raises(StorageError, match="missing or damaged"):
        load_checkpoint(tmp_path, entry)


def test_only_sound_states_count(tmp_path):
    for epoch in range(3):
        _save(tmp_path, epoch)
    save_within_epoch(tmp_path, 3, 1, {"weights": np.ones(4)})
    assert [entry["epoch"] for entry in sound_checkpoints(tmp_path)] == [0, 1, 2, 3]
    _damage(tmp_path / list_checkpoints(tmp_path)[1]["file"])
    assert [entry["epoch"] for entry in sound_checkpoints(tmp_path)] == [0, 2, 3]
    (tmp_path / list_checkpoints(tmp_path)[2]["file"]).unlink()
    assert [entry["epoch"] for entry in sound_checkpoints(tmp_path)] == [0]  # 3 builds on 2


def test_a_full_disk_keeps_the_older_checkpoints(small_disk):
    _save(small_disk, 0, best=True)
    with pytest.raises(StorageError, match="disk is full"):
        save_checkpoint(small_disk, 1, {"weights": np.random.rand(500_000)}, is_best=True)
    with pytest.raises(StorageError, match="disk is full"):
        save_within_epoch(small_disk, 1, 1, {"weights": np.random.rand(500_000)})
    (entry,) = list_checkpoints(small_disk)
    assert load_checkpoint(small_disk, entry)["weights"].tolist() == [0, 0, 0, 0]
    assert len(list(small_disk.iterdir())) == 2


def test_leftovers_of_a_kill_are_removed(tmp_path):
    _save(tmp_path, 0)
    expected = {file.name for file in tmp_path.iterdir()}
    (tmp_path / ".epoch-00002.state.0123.part").write_bytes(b"half")
    (tmp_path / "epoch-00002.state").write_bytes(b"whole, but not yet in the manifest")
    remove_leftovers(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == expected
    remove_leftovers(tmp_path / "missing")


def test_a_kill_at_any_moment_of_writing_leaves_sound_checkpoints(tmp_path):
    """Fifty moments or so: what is named can be read back, the epochs before are among it."""
    before = tmp_path / "before"
    before.mkdir()
    for epoch in range(3):
        save_checkpoint(before, epoch, state_after(epoch), is_best=epoch == 1)
    command = [sys.executable, "-m", "tests.storage.killed_writer", str(tmp_path), "13"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seen = set()
    for moment in told.stdout.split():
        folder = tmp_path / moment
        parts = {file.name for file in folder.glob(".*.part")}
        entries = list_checkpoints(folder)
        found = {entry["epoch"]: load_checkpoint(folder, entry) for entry in entries}
        within = load_states(folder)["within_state"]
        seen.add((len(found), within is not None, bool(parts)))
        assert {1, 2} <= set(found) <= {0, 1, 2, 3}
        for epoch, state in found.items():
            np.testing.assert_equal(state, state_after(epoch))
        if within is not None:
            np.testing.assert_equal(within, state_after(2.5))
        remove_leftovers(folder)  # as the next attempt begins
        named = {entry["file"] for entry in sound_checkpoints(folder)} | {"manifest.json"}
        assert {file.name for file in folder.iterdir()} == named
        save_next(folder)
        assert not list(folder.glob(".*.part"))
    assert {(3, False, True), (3, True, False), (3, True, True)} <= seen  # the moments differed


@pytest.mark.parametrize("links", [True, False])
def test_checkpoints_are_shared_with_another_folder(links, tmp_path, monkeypatch):
    if not links:
        monkeypatch.setattr("os.link", _no_links)
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for epoch in range(3):
        _save(source, epoch, best=epoch == 0)
    entries = sound_checkpoints(source)[1:]
    (target / entries[0]["file"]).write_bytes(b"from a copy that was cut off")
    for _ in range(2):
        share_checkpoints(source, entries, target)
        assert list_checkpoints(target) == entries == sound_checkpoints(target)
    shared = (target / entries[0]["file"]).samefile(source / entries[0]["file"])
    assert shared == links
    _save(target, 3, fork_budget_bytes=0)
    assert _epochs(source) == [0, 1, 2] and len(sound_checkpoints(source)) == 3


def _no_links(*_):
    raise OSError("no hard links here")
