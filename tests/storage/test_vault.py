"""The ledger of looks: on the disk before anything is shown, whatever is killed or damaged."""

import contextlib
import errno
import functools
import hashlib
import os
import resource
import shutil

import pytest

from cnnlab.domain.data.vault import VaultLook
from cnnlab.domain.errors import DiskFullError, StorageError
from cnnlab.storage.home import open_home
from cnnlab.storage.vault import Vault
from tests.storage.together import in_processes

HASHES = [hashlib.sha256(bytes([number])).hexdigest() for number in range(5)]


def look(number, run="a"):
    at = f"2026-01-{number + 1:02d}T00:00:00+00:00"
    return VaultLook(f"{number:032x}", at, run, "Näme", "d", {"accuracy": 0.5}, len(HASHES))


@pytest.fixture
def ledger(home):
    return Vault(open_home(home))


def looks_file(home):
    (path,) = home.glob("vault/*/looks.jsonl")
    return path


def test_nothing_is_recorded_before_the_first_look(ledger, home):
    assert ledger.read() == []
    assert not (home / "vault").exists()


def test_looks_come_back_as_they_were_with_their_images(ledger, home):
    ledger.record(reversed(HASHES), look(0))
    ledger.record(HASHES, look(1, "b"))
    ledger.record(HASHES[:2], look(2))
    sets = sorted(Vault(open_home(home)).read(), key=lambda each: len(each.looks))
    assert [(each.images, each.unreadable) for each in sets] == [
        (frozenset(HASHES[:2]), 0), (frozenset(HASHES), 0)
    ]  # fmt: skip
    assert sets[1].looks == (look(0), look(1, "b"))
    assert len([*home.glob("vault/*/images.sha256")]) == 2, "a set is stored once"


def test_looks_of_a_bundle_are_added_once_for_each_image(ledger, home):
    ledger.record(HASHES[:3], look(0))
    ledger.add(HASHES[:2], [look(0)])  # at images of which it is noted
    assert len(ledger.read()) == 1
    ledger.add(HASHES[2:], [look(0), look(1)])
    ledger.add(HASHES[2:], [look(0), look(1)])
    ledger.add([], [look(2)])
    sets = {each.images: each.looks for each in Vault(open_home(home)).read()}
    assert sets == {
        frozenset(HASHES[:3]): (look(0),), frozenset(HASHES[2:]): (look(0), look(1))
    }  # fmt: skip


@pytest.mark.parametrize("left", [1, 60, -1])
def test_what_a_kill_left_of_a_line_never_was(ledger, home, left):
    ledger.record(HASHES, look(0))
    whole = looks_file(home).read_bytes()
    ledger.record(HASHES, look(1))
    looks_file(home).write_bytes(whole + looks_file(home).read_bytes()[len(whole) :][:left])
    assert ledger.read()[0].looks == (look(0),)
    ledger.record(HASHES, look(2))
    assert ledger.read()[0].looks == (look(0), look(2))
    assert ledger.read()[0].unreadable == 0


@pytest.mark.parametrize("spoilt", [b"rubbish", b'{"crc":1,"look":{}}', b"\xff\x00", b"[]", b""])
def test_a_damaged_line_is_counted_and_the_others_are_read(ledger, home, spoilt):
    for number in range(3):
        ledger.record(HASHES, look(number))
    lines = looks_file(home).read_bytes().splitlines()
    lines[1] = spoilt
    looks_file(home).write_bytes(b"\n".join(lines) + b"\n")
    (each,) = ledger.read()
    assert (each.looks, each.unreadable) == ((look(0), look(2)), 1)


def test_a_changed_number_is_a_damaged_line(ledger, home):
    ledger.record(HASHES, look(0))
    text = looks_file(home).read_text()
    looks_file(home).write_text(text.replace("0.5", "0.9"))
    assert ledger.read()[0].unreadable == 1


def test_of_images_that_are_damaged_nothing_is_known_until_they_are_looked_at_again(ledger, home):
    ledger.record(HASHES, look(0))
    (images,) = home.glob("vault/*/images.sha256")
    images.write_bytes(images.read_bytes()[:-32])
    (each,) = ledger.read()
    assert (each.images, each.unreadable) == (None, 1)
    ledger.record(HASHES, look(1))
    (each,) = ledger.read()
    assert (each.images, len(each.looks), each.unreadable) == (frozenset(HASHES), 2, 0)


def test_a_look_that_cannot_be_recorded_is_an_error_and_leaves_the_others(small_disk):
    home = open_home(small_disk / "home")
    ledger = Vault(home)
    ledger.record(HASHES, look(0))
    with contextlib.suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(bytes(4096)):
            pass
    with pytest.raises(DiskFullError, match="free some space and try again"):
        for number in range(1, 100):
            ledger.record(HASHES, look(number))
    (each,) = ledger.read()
    assert each.unreadable == 0 and look(0) in each.looks
    (small_disk / "ballast").unlink()
    ledger.record(HASHES, look(200))
    assert look(200) in ledger.read()[0].looks


def test_wherever_in_a_line_the_disk_ends_nothing_of_it_is_left(ledger, home):
    ledger.record(HASHES, look(0))
    whole = (path := looks_file(home)).read_bytes()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in range(0, len(whole), 37):
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + room, usual[1]))
        try:
            with pytest.raises(StorageError, match=r"looks\.jsonl"):
                ledger.record(HASHES, look(1))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        assert path.read_bytes() == whole, room
    ledger.record(HASHES, look(1))
    assert ledger.read()[0].looks == (look(0), look(1))


def test_a_line_that_the_disk_does_not_take_is_not_left(ledger, home, monkeypatch):
    ledger.record(HASHES, look(0))
    whole = (path := looks_file(home)).read_bytes()
    real = os.fsync

    def fail(file):
        if os.path.samestat(os.fstat(file), path.stat()):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(file)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=r"looks\.jsonl"):
        ledger.record(HASHES, look(1))
    assert path.read_bytes() == whole
    monkeypatch.undo()
    monkeypatch.setenv("CNNLAB_HOME", str(home))
    ledger.record(HASHES, look(1))
    assert ledger.read()[0].looks == (look(0), look(1))


def test_what_is_recorded_comes_back_with_the_new_look(ledger, home):
    ledger.record(HASHES, look(0))
    ledger.record(HASHES[:2], look(1))
    assert ledger.record(HASHES, look(2)) == ledger.read()


def test_where_another_set_cannot_be_read_nothing_is_recorded(ledger, home):
    ledger.record(HASHES, look(0))
    (in_the_way := home / "vault" / "00" / "looks.jsonl").mkdir(parents=True)
    with pytest.raises(StorageError):
        ledger.record(HASHES, look(1))
    in_the_way.rmdir()
    assert [one.looks for one in ledger.read() if one.images] == [(look(0),)]


def test_a_folder_that_is_a_file_is_an_error_with_its_path(home):
    (open_home(home).vault).write_text("")
    with pytest.raises(StorageError, match="vault"):
        Vault(open_home(home)).record(HASHES, look(0))


def _record_some(home, number, meet):
    meet()
    for at in range(20):
        Vault(open_home(home)).record(HASHES, look(at, f"{20 * number + at}"))


def test_processes_that_look_at_once_lose_no_look(home):
    open_home(home)
    in_processes(3, functools.partial(_record_some, home))
    (each,) = Vault(open_home(home)).read()
    assert sorted(int(one.run) for one in each.looks) == list(range(60))


def test_looks_of_another_home_are_taken_in_once(ledger, home, tmp_path):
    ledger.record(HASHES, look(0))
    (ours,) = home.glob("vault/*/")
    theirs = tmp_path / "theirs" / ours.name
    shutil.copytree(ours, theirs)
    ledger.record(HASHES, look(1))
    Vault(open_home(tmp_path / "other")).record(HASHES, look(2))
    (other,) = (tmp_path / "other").glob("vault/*/")
    for folder in (theirs, other, other):
        ledger.take_in(folder)
    (each,) = ledger.read()
    assert each.looks == (look(0), look(1), look(2))


def _take_in_all(home, folders, number, meet):
    meet()
    for folder in folders:
        Vault(open_home(home)).take_in(folder)


def test_processes_that_take_in_the_same_looks_at_once_have_each_once(home, tmp_path):
    folders = []
    for number in range(20):
        theirs = tmp_path / str(number)
        Vault(open_home(theirs)).record(HASHES, look(number))
        folders += theirs.glob("vault/*/")
    in_processes(3, functools.partial(_take_in_all, home, folders))
    (each,) = Vault(open_home(home)).read()
    assert (each.looks, each.unreadable) == (tuple(map(look, range(20))), 0)


def test_damaged_lines_are_taken_in_too_each_once(ledger, home, tmp_path):
    ledger.record(HASHES, look(0))
    (ours,) = home.glob("vault/*/")
    theirs = tmp_path / "theirs" / ours.name
    shutil.copytree(ours, theirs)
    with (theirs / "looks.jsonl").open("ab") as file:
        file.write(b"rub\rbish\nrubbish\n\xff\nunfinished")
    for _ in range(2):
        ledger.take_in(theirs)
    (each,) = ledger.read()
    assert (each.looks, each.unreadable) == ((look(0),), 3)
