"""Runs on a disk that is full: they wait, say so, and go on by themselves; the matrix, row 5."""

import contextlib

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.runner import room
from cnnlab.storage.home import Home
from cnnlab.storage.index.inventory import take_inventory
from cnnlab.storage.space import reserve
from cnnlab.storage.space.reserve import tend_reserve
from tests.runner.light_worker import whole_history
from tests.runner.place import Place
from tests.waiting import wait_until

EPOCHS = 30


class Disk:
    """A disk of 2 MB that a ballast fills to the last byte."""

    def __init__(self, folder):
        self._ballast = folder / "ballast"

    def fill(self):
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:  # a worker writes as well
                file.write(bytes(4096))

    def free(self):
        self._ballast.unlink()


@pytest.fixture
def disk(small_disk):
    return Disk(small_disk)


@pytest.fixture
def place(small_disk, home, monkeypatch):
    monkeypatch.setenv("CNNLAB_HOME", str(small_disk / "home"))
    monkeypatch.setenv("CNNLAB_RESERVE_BYTES", "67108864")
    monkeypatch.setattr(room, "START_BYTES", 200_000)
    monkeypatch.setattr(reserve, "OPENING_BYTES", 49_152)
    monkeypatch.setattr(reserve, "_SHARE", 4)  # a worker that goes on takes pieces of it as well
    place = Place(small_disk / "home")
    yield place
    place.close()


def round_of(place):
    """What the supervisor's process does in a round; a full disk is no end of it."""
    try:
        place.supervisor.tick()
    except StorageError:
        tend_reserve(place.home.root)


def wait(place, run, status):
    """Wait for a status; our clock stands still, so that no worker counts as one that hangs."""

    def is_there():
        with contextlib.suppress(StorageError):
            return place.load(run).status is status
        return False

    wait_until(is_there, tick=lambda: round_of(place))
    return place.load(run)


def test_a_run_that_a_full_disk_stopped_goes_on_by_itself(place, disk):
    run = place.add("a", EPOCHS, epoch_seconds=0.05)
    place.wait_for_epochs(run, 2)
    disk.fill()
    waiting = wait(place, run, Status.INTERRUPTED)
    assert waiting.message.startswith("The disk is full. The finished epochs are kept (")
    assert "goes on by itself when 39" in waiting.message  # two starts and eight states, in KiB
    assert waiting.lost_workers == 0
    for _ in range(30):
        round_of(place)
    assert place.load(run) == waiting
    disk.free()
    place.now += room.LOOK_SECONDS
    ended = wait(place, run, Status.FINISHED)
    assert (ended.attempt, ended.lost_workers) == (2, 0)
    assert place.history(run) == whole_history(EPOCHS)


def test_a_run_that_fills_the_disk_again_and_again_waits_for_more_room_each_time(
    place, monkeypatch
):
    run = place.add("a", fails="disk")
    rooms = []
    for number, free in enumerate((250_000, 500_000, 1_000_000, 2_000_000), start=1):
        monkeypatch.setattr(Home, "free_bytes", lambda _, free=free: free)
        place.now += room.LOOK_SECONDS
        place.wait_until(lambda number=number: place.load(run).attempt == number)
        rooms.append(wait(place, run, Status.INTERRUPTED).message.split(" when ")[1])
    sizes = ("391\u00a0KiB", "781\u00a0KiB", "1.53\u00a0MiB", "3.05\u00a0MiB")
    assert rooms == [f"{size} are free." for size in sizes]
    assert place.load(run).lost_workers == 0


def test_no_run_begins_on_a_full_disk(place, disk):
    run = place.add("a")
    disk.fill()
    for _ in range(5):
        round_of(place)
    assert place.load(run).status is Status.QUEUED
    assert not place.attempt(run).folder.exists()
    disk.free()
    assert wait(place, run, Status.FINISHED).attempt == 1


def test_a_run_that_waits_for_room_is_stopped(place, user, monkeypatch):
    monkeypatch.setattr(Home, "free_bytes", lambda _: 250_000)
    run = place.add("a", fails="disk")
    assert wait(place, run, Status.INTERRUPTED)
    user.stop_run(run)
    round_of(place)
    ended = place.load(run)
    assert ended.status is Status.STOPPED and "Stopped" in ended.message


def test_the_folders_say_that_a_run_waits_for_room(place, monkeypatch):
    monkeypatch.setattr(Home, "free_bytes", lambda _: 250_000)
    run = place.add("a", fails="disk")
    wait(place, run, Status.INTERRUPTED)
    place.store._home = place.home
    place.store.update(run, name="renamed")  # its file is written
    (found,) = take_inventory(place.home).runs
    assert (found.id, found.status) == (run, Status.INTERRUPTED)
