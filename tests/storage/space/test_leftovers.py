"""What killed processes left is gone at once; what somebody needs stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnlab.files import take_lock, write_json
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.space import leftovers
from cnnlab.storage.space.leftovers import remove_leftovers
from cnnlab.storage.uploaded import import_folder

ROOT = Path(__file__).parents[3]
IMPORTING = """
import sys, time
from cnnlab.storage.home import open_home
from cnnlab.storage.uploaded import import_folder
with import_folder(open_home()) as folder:
    (folder / "pack-0.bin").write_bytes(bytes(300_000))
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def opened(home):
    return open_home(home)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_what_a_killed_import_left_is_gone_at_once(opened):
    child = subprocess.Popen(
        [sys.executable, "-c", IMPORTING], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with child:
        folder = Path(child.stdout.readline().strip())
        with import_folder(opened) as own:
            remove_leftovers(opened)
            assert (folder / "pack-0.bin").stat().st_size == 300_000
            child.send_signal(signal.SIGKILL)
            child.wait()
            remove_leftovers(opened)
            assert names(opened.datasets) == {own.parent.name}
    assert names(opened.datasets) == set()


@pytest.mark.parametrize("place", ["datasets", "runs", "studies", "jobs/export"])
def test_what_a_killed_delete_left_is_gone_at_once(opened, place):
    folder = opened.root / place / ".trash-shades-123"
    folder.mkdir(parents=True)
    (folder / "content").write_bytes(b"x")
    (folder.parent / "kept").mkdir()
    remove_leftovers(opened)
    assert names(folder.parent) == {"kept"}


def upload(opened, name, *, status=None, age=0.0):
    """An upload of a file, and what its import says if there was one."""
    folder = opened.uploads / name
    (folder / "file").mkdir(parents=True)
    (folder / "file" / "a.zip").write_bytes(b"x")
    if status:
        (folder / "import").mkdir()
        write_json(folder / "import" / "result.json", {"status": status, "message": ""})
    for path in (folder, *folder.glob("*/*")):
        os.utime(path, (time.time() - age,) * 2)
    return folder


def test_an_upload_goes_when_it_is_done_with(opened):
    stored = upload(opened, "stored", status="finished")
    upload(opened, "coming", age=leftovers.STALE_SECONDS - 60)
    upload(opened, "stale", age=leftovers.STALE_SECONDS + 60)
    for status in ("failed", "cancelled", "lost"):
        upload(opened, f"{status}-now", status=status, age=leftovers.AGAIN_SECONDS - 60)
        upload(opened, f"{status}-before", status=status, age=leftovers.AGAIN_SECONDS + 60)
    remove_leftovers(opened)
    assert names(opened.uploads) == {"stored", "coming", "failed-now", "cancelled-now", "lost-now"}
    assert names(stored / "file") == set()
    assert (stored / "import" / "result.json").exists()
    assert (opened.uploads / "failed-now" / "file" / "a.zip").exists()


def test_an_upload_of_a_living_import_stays(opened):
    folder = upload(opened, "old", status="failed", age=leftovers.STALE_SECONDS + 60)
    lock = take_lock(JobFolder(folder / "import").lock)
    remove_leftovers(opened)
    assert (folder / "file" / "a.zip").exists()
    os.close(lock)
    upload_again = opened.uploads / "old"
    os.utime(upload_again / "import" / "job.lock", (0, 0))
    os.utime(upload_again, (0, 0))
    remove_leftovers(opened)
    assert names(opened.uploads) == set()


def test_weights_that_nobody_writes_any_more_are_gone(opened):
    for name in (".old.part", ".new.part", ".trash-w-0123456789ab-0", "w-0123456789ab"):
        (opened.pretrained / name).mkdir(parents=True)
        (opened.pretrained / name / "weights.npz").touch()
    long_ago = time.time() - 2 * leftovers.AGAIN_SECONDS
    for name in (".old.part", "w-0123456789ab"):
        os.utime(opened.pretrained / name, (long_ago, long_ago))
    remove_leftovers(opened)
    assert names(opened.pretrained) == {".new.part", "w-0123456789ab"}
