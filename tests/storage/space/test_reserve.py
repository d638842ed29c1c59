"""The reserve on a disk of 2 MB: made where there is room, given up where there is none."""

import shutil

import pytest

from cnnlab.storage.space import reserve
from cnnlab.storage.space.reserve import spending_reserve, tend_reserve

SIZE = 131_072  # a sixteenth of the disk


@pytest.fixture
def disk(small_disk, monkeypatch):
    monkeypatch.setenv("CNNLAB_RESERVE_BYTES", "67108864")
    tend_reserve(small_disk)
    return small_disk


def size(disk):
    path = disk / "reserve"
    return path.stat().st_size if path.exists() else None


def fill(disk):
    with (disk / "ballast").open("ab") as file:
        file.write(bytes(shutil.disk_usage(disk).free))


def test_it_is_small_on_a_small_disk_and_takes_its_room(disk):
    assert size(disk) == SIZE
    assert shutil.disk_usage(disk).used >= SIZE
    assert [path.name for path in disk.iterdir()] == ["reserve"]


@pytest.mark.parametrize(("text", "expected"), [("0", None), ("4096", 4096)])
def test_an_operator_says_how_large_it_is(small_disk, monkeypatch, text, expected):
    monkeypatch.setenv("CNNLAB_RESERVE_BYTES", text)
    tend_reserve(small_disk)
    assert size(small_disk) in (expected, 0)


def test_it_is_not_made_where_it_would_take_what_is_left(small_disk, monkeypatch):
    monkeypatch.setenv("CNNLAB_RESERVE_BYTES", "67108864")
    (small_disk / "content").write_bytes(bytes(1_700_000))
    tend_reserve(small_disk)
    assert size(small_disk) is None


def test_a_full_disk_gets_a_piece_of_it_once_somebody_opens_the_home(disk, monkeypatch):
    monkeypatch.setattr(reserve, "OPENING_BYTES", 40_960)
    fill(disk)
    tend_reserve(disk)
    assert size(disk) == SIZE - 40_960
    tend_reserve(disk)  # there is room for who opens it next
    assert size(disk) == SIZE - 40_960
    fill(disk)
    tend_reserve(disk)
    assert size(disk) == SIZE - 2 * 40_960


def test_who_makes_room_has_all_of_it_and_it_is_made_again(disk):
    fill(disk)
    with spending_reserve(disk):
        assert shutil.disk_usage(disk).free >= SIZE
        (disk / "ballast").unlink()
    assert size(disk) == SIZE


def test_with_room_nobody_spends_it(disk):
    with spending_reserve(disk):
        assert size(disk) == SIZE
