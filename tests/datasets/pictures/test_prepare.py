import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.pixels import to_square
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.domain.config.run_config import Image
from cnnlab.domain.errors import StorageError
from tests.datasets.uploads import jpeg, make_zip

ROOT = Path(__file__).parents[3]
SIZES = ((24, 20), (20, 24), (40, 10), (16, 16))


def make_dataset(folder, each):
    files = {
        f"{name}/{number}.jpg": jpeg(number, SIZES[number % len(SIZES)])
        for name in ("cat", "dog")
        for number in range(each)
    }
    (folder / "dataset").mkdir()
    import_images(make_zip(folder / "a.zip", files), folder / "dataset")
    return folder / "dataset"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("small"), 4)


@pytest.fixture
def large(tmp_path):
    return make_dataset(tmp_path, 200)


@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
@pytest.mark.parametrize(("color", "channels"), [("rgb", 3), ("grayscale", 1)])
def test_every_image_becomes_a_square_in_the_order_of_the_index(dataset, resize, color, channels):
    image = Image(size=16, color=color, resize=resize)
    path = prepare_images(dataset, image)
    assert path == dataset / "prepared" / f"16-{color}-{resize}" / "images.npy"
    squares, index = np.load(path, mmap_mode="r"), ImageIndex(dataset)
    assert squares.shape == (8, 16, 16, channels)
    assert squares.dtype == np.uint8
    for row in range(len(index)):
        expected = to_square(index.open(row), 16, color, resize)
        assert np.array_equal(squares[row], expected)


def test_it_is_made_once(dataset):
    told = []
    path = prepare_images(dataset, Image(size=24), on_progress=lambda *done: told.append(done))
    made = path.stat().st_mtime_ns
    assert told[-1] == (8, 8)
    told.clear()
    assert prepare_images(dataset, Image(size=24), on_progress=lambda *done: told.append(done))
    assert (told, path.stat().st_mtime_ns) == ([], made)
    assert sorted(file.name for file in path.parent.iterdir()) == ["images.npy", "lock"]


def test_many_processes_give_what_one_gives(large):
    squares = np.load(prepare_images(large, Image(size=16)))
    index = ImageIndex(large)
    for row in range(0, len(index), 37):
        assert np.array_equal(squares[row], to_square(index.open(row), 16, "rgb", "crop"))
    assert squares.reshape(len(index), -1).any(axis=1).all()


def start(dataset, size, stdin=subprocess.DEVNULL):
    code = (
        "import sys; from pathlib import Path;"
        "from cnnlab.datasets.pictures.prepare import prepare_images;"
        "from cnnlab.domain.config.run_config import Image;"
        "tell = lambda done, total: (print(done, flush=True), sys.stdin.read());"
        f"prepare_images(Path(sys.argv[1]), Image(size={size}), tell)"
    )
    command = [sys.executable, "-c", code, str(dataset)]
    pipes = {"stdin": stdin, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, text=True, **pipes)


def test_two_processes_at_once_end_with_one_array(large):
    children = [start(large, 32) for _ in range(2)]
    done = [child.communicate()[0].splitlines() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert sorted(bool(lines) for lines in done) in ([False, True], [True, True])
    folder = large / "prepared" / "32-rgb-crop"
    assert np.load(folder / "images.npy", mmap_mode="r").shape == (400, 32, 32, 3)


def test_killed_in_the_middle_it_leaves_nothing_broken(large):
    with start(large, 64, stdin=subprocess.PIPE) as child:
        child.stdout.readline()  # the first images are done, and it waits for us
        child.send_signal(signal.SIGKILL)
    folder = large / "prepared" / "64-rgb-crop"
    assert not (folder / "images.npy").exists()
    assert (folder / "images.npy.part").exists()
    squares = np.load(prepare_images(large, Image(size=64)))
    index = ImageIndex(large)
    assert np.array_equal(squares[-1], to_square(index.open(len(index) - 1), 64, "rgb", "crop"))
    assert not (folder / "images.npy.part").exists()


def test_threads_may_ask_at_once(dataset):
    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(prepare_images(dataset, Image(size=40))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(paths)) == 1
    assert len(paths) == 4


def test_a_full_disk_is_told_with_the_path(dataset, monkeypatch):
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(
        StorageError, match=r"56-rgb-crop/images.npy can't be written: No space left"
    ):
        prepare_images(dataset, Image(size=56))
    assert [file.name for file in (dataset / "prepared" / "56-rgb-crop").iterdir()] == ["lock"]


def test_a_damaged_pack_is_told(tmp_path):
    dataset = make_dataset(tmp_path, 2)
    pack = dataset / "images-0.pack"
    pack.write_bytes(bytes(pack.stat().st_size))
    with pytest.raises(StorageError, match="can't be decoded any more"):
        prepare_images(dataset, Image(size=16))
