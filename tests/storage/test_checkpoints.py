import numpy as np
import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.storage.checkpoints import list_checkpoints, load_checkpoint, save_checkpoint


def _save(folder, epoch, *, best=False):
    save_checkpoint(folder, epoch, {"weights": np.full(4, epoch)}, is_best=best)


def test_the_last_two_and_the_best_are_kept(tmp_path):
    for epoch, best in enumerate([True, True, False, False, False]):
        _save(tmp_path, epoch, best=best)
    kept = list_checkpoints(tmp_path)
    assert [entry["epoch"] for entry in kept] == [1, 3, 4]
    assert {file.name for file in tmp_path.glob("*.npz")} == {entry["file"] for entry in kept}
    assert load_checkpoint(tmp_path, kept[0])["weights"].tolist() == [1, 1, 1, 1]


def test_a_flipped_byte_is_noticed(tmp_path):
    _save(tmp_path, 0)
    (entry,) = list_checkpoints(tmp_path)
    path = tmp_path / entry["file"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StorageError, match="missing or damaged"):
        load_checkpoint(tmp_path, entry)


def test_a_full_disk_keeps_the_older_checkpoints(small_disk):
    _save(small_disk, 0, best=True)
    with pytest.raises(StorageError, match="disk is full"):
        save_checkpoint(small_disk, 1, {"weights": np.random.rand(500_000)}, is_best=True)
    (entry,) = list_checkpoints(small_disk)
    assert load_checkpoint(small_disk, entry)["weights"].tolist() == [0, 0, 0, 0]
