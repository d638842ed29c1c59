import contextlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.files import (
    is_locked,
    read_json,
    remove_folder,
    synced_together,
    take_lock,
    write_atomically,
    write_json,
)
from cnnlab.storage.home import open_home


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path):
    path = tmp_path / "state.json"
    write_json(path, {"old": 1})

    def fail(file):
        file.write(b"half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write_atomically(path, fail)
    assert read_json(path) == {"old": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_a_full_disk_is_named_and_nothing_is_lost(small_disk):
    path = small_disk / "model.bin"
    write_atomically(path, lambda file: file.write(b"old"))
    with pytest.raises(StorageError, match=f"disk is full at {path}"):
        write_atomically(path, lambda file: file.write(os.urandom(3 * 1024**2)))
    assert path.read_bytes() == b"old"
    assert [file.name for file in small_disk.iterdir()] == ["model.bin"]


def test_damaged_json_is_named(tmp_path):
    path = tmp_path / "state.json"
    path.write_text('{"a": 1')
    with pytest.raises(StorageError, match=r"state\.json is damaged"):
        read_json(path)


def test_a_lock_lives_as_long_as_the_process_that_holds_it(tmp_path):
    path = tmp_path / "lock"
    program = (
        "import sys; from cnnlab.files import take_lock; from pathlib import Path\n"
        "assert take_lock(Path(sys.argv[1])) is not None; print('held', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        assert is_locked(path)
        assert take_lock(path) is None
        holder.kill()
        holder.wait()
    assert not is_locked(path)
    assert not is_locked(tmp_path / "none")


def test_a_removed_folder_is_gone(tmp_path):
    folder = tmp_path / "run"
    (folder / "deep").mkdir(parents=True)
    remove_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_many_threads_may_write_the_same_file_at_once(tmp_path):
    path = tmp_path / "state.json"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write_json(path, {"number": number}), range(80)))
    assert read_json(path)["number"] in range(80)
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_the_token_is_the_same_for_all_first_visitors(tmp_path):
    home = open_home(tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: home.token(), range(40)))) == 1


def test_what_is_written_together_is_brought_to_the_disk_at_once(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda handle: done.append("one"))
    monkeypatch.setattr(os, "sync", lambda: done.append("all"))
    with synced_together():
        write_json(tmp_path / "a.json", 1)
        write_json(tmp_path / "b.json", 2)
        assert done == []
    assert done == ["all"]
    write_json(tmp_path / "c.json", 3)
    assert done == ["all", "one", "one"]
    with contextlib.suppress(KeyError), synced_together():
        raise KeyError
    assert done == ["all", "one", "one"], "what failed is thrown away"
