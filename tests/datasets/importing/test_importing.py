import os
import resource
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets import limits
from cnnlab.datasets.importing.candidates import count_tiles, find_candidates
from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.appearance import LOOK
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import StorageError, UploadError
from tests.datasets.uploads import encoded, images, jpeg, make_folder, make_zip

ROOT = Path(__file__).parents[3]


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    return folder


def two_classes(each: int) -> dict[str, bytes]:
    return images(*(f"{name}/{number}.jpg" for name in ("cat", "dog") for number in range(each)))


def warnings_of(imported):
    return {warning.kind: warning for warning in imported.warnings}


def test_what_goes_in_comes_out(tmp_path, into, enough_to_judge):
    files = two_classes(12)
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.classes == {"cat": 12, "dog": 12}
    assert (imported.splits, imported.skipped, imported.warnings) == (None, (), ())
    index = ImageIndex(into)
    assert index.class_names == ("cat", "dog")
    assert index.files == sorted(files)
    assert index.labels.dtype == np.int32
    assert list(index.labels) == [0] * 12 + [1] * 12
    assert index.given_splits == [None] * 24
    assert [index.read_bytes(row) for row in range(len(index))] == [files[f] for f in index.files]
    assert index.sizes_px.tolist() == [[24, 20]] * 24
    assert index.open(3).size == (24, 20)
    assert index.thumbnail(3, 12).size == (12, 10)
    names = ["copies.npz", "images-0.pack", "index.npz", "index.parquet", "looks.npy"]
    assert sorted(path.name for path in into.iterdir()) == names


def test_many_processes_give_what_one_gives(tmp_path, into):
    files = two_classes(200) | {"cat/broken.jpg": jpeg()[:200]}
    path = make_zip(tmp_path / "a.zip", files, compression=zipfile.ZIP_DEFLATED)
    told = []
    imported = import_images(path, into, processes=3, on_progress=lambda *done: told.append(done))
    assert sorted(path.name for path in into.glob("*.pack")) == [
        f"images-{n}.pack" for n in range(3)
    ]
    assert imported.classes == {"cat": 200, "dog": 200}
    assert [file.file for file in imported.skipped] == ["cat/broken.jpg"]
    read = [done for stage, *done in told if stage == "reading"]
    assert read[-1] == [401, 401]
    assert read == sorted(read)
    index = ImageIndex(into)
    assert all(index.read_bytes(row) == files[file] for row, file in enumerate(index.files))
    (tmp_path / "one").mkdir()
    again = import_images(make_folder(tmp_path / "b", files), tmp_path / "one", processes=1)
    assert again.content_hash == imported.content_hash


def test_the_hash_tells_content_and_not_packaging(tmp_path):
    files = two_classes(5)
    renamed = {name.replace("dog", "fox"): content for name, content in files.items()}
    uploads = [
        make_zip(tmp_path / "a.zip", files),
        make_zip(tmp_path / "b.zip", dict(reversed(files.items())), compression=8),
        make_zip(tmp_path / "c.zip", {f"w/{name}": content for name, content in files.items()}),
        make_folder(tmp_path / "d", files),
        make_zip(tmp_path / "e.zip", renamed),
        make_zip(tmp_path / "f.zip", files | {"cat/0.jpg": jpeg(99)}),
    ]
    hashes = []
    for number, upload in enumerate(uploads):
        into = tmp_path / str(number)
        into.mkdir()
        hashes.append(import_images(upload, into).content_hash)
    assert len(set(hashes[:4])) == 1
    assert len(set(hashes)) == 3


def test_what_is_wrong_is_counted_and_named(tmp_path, into):
    files = {f"many/{n}.jpg": jpeg(n) for n in range(60)}
    files |= {f"few/{n}.jpg": jpeg(100 + n) for n in range(9)}
    files |= {"many/copy.jpg": jpeg(0), "few/same.jpg": jpeg(1), "few/broken.jpg": b"no"}
    files |= {"lost/1.jpg": b"", "notes.txt": b"hello", "few/gray.png": gray16()}
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.classes == {"few": 11, "many": 61}
    found = warnings_of(imported)
    assert {kind: warning.count for kind, warning in found.items()} == {
        "lost_classes": 1,
        "value_range": 1,
        "imbalance": 1,
        "few_judging": 14,
        "duplicates": 1,
        "label_conflict": 1,
        "blank": 1,
        "tiny": 1,
        "skipped": 3,
    }
    assert "'few/same.jpg'" in found["label_conflict"].message
    assert "; not an image (1)." in found["skipped"].message
    assert "I;16" in ImageIndex(into).modes(np.arange(len(ImageIndex(into))))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"1.txt": b"a"}, "1 file was skipped: not an image."),
        ({"1.txt": b"a", "2.txt": b"b"}, "2 files were skipped: not an image."),
    ],
)
def test_one_reason_of_skipping_has_no_number_of_its_own(tmp_path, into, others, said):
    files = {f"{name}/{n}.jpg": jpeg(n) for name in "ab" for n in range(3)} | others
    found = warnings_of(import_images(make_zip(tmp_path / "a.zip", files), into))
    assert found["skipped"].message == said


def gray16() -> bytes:
    return encoded(Image.fromarray(np.full((4, 4), 999, dtype=np.uint16)), "PNG")


def test_small_classes_are_named(tmp_path, into):
    imported = import_images(make_zip(tmp_path / "a.zip", two_classes(9)), into)
    assert warnings_of(imported)["few_images"].count == 2
    told = warnings_of(imported)["few_images"].message
    assert "'cat' has 9 images, 'dog' has 9 images." in told
    assert "up to 11 more images of each" in told and "validate" not in told
    assert warnings_of(imported)["few_judging"].count == 4


def test_splits_are_counted(tmp_path, into):
    files = images(
        "Train/a/1.jpg", "Train/b/1.jpg", "valid/a/2.jpg", "valid/b/2.jpg", "TEST/b/3.jpg"
    )
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.splits == {"train": 2, "validation": 2, "test": 1}
    assert set(ImageIndex(into).given_splits) == {"train", "validation", "test"}
    assert imported.classes == {"a": 2, "b": 3}


def test_a_csv_beside_the_images(tmp_path, into):
    (tmp_path / "l.csv").write_bytes("\ufefffile;label\r\n0;007\r\n1;NA\r\n2;10\r\n3;9".encode())
    upload = make_folder(tmp_path / "a", images("0.jpg", "1.jpg", "2.jpg", "3.jpg"))
    imported = import_images(upload, into, labelling=Labelling(tmp_path / "l.csv"))
    assert list(imported.classes) == ["007", "9", "10", "NA"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a/1.jpg": b"x", "b/1.jpg": b"y"}, r"no images that can be used.*\(2 files\): not an"),
        ({"a/1.jpg": jpeg(), "b/1.jpg": b"y"}, "only one class, 'a'"),
        ({"a/1.jpg": jpeg()[:-300], "b/1.jpg": jpeg()[:-300]}, "ends too early"),
    ],
)
def test_nothing_usable_names_the_reason(tmp_path, into, files, message):
    with pytest.raises(UploadError, match=message):
        import_images(make_zip(tmp_path / "a.zip", files), into)


def test_a_disk_with_too_little_room_is_told_before(tmp_path, into, monkeypatch):
    monkeypatch.setattr(limits, "MIN_FREE_BYTES", 2**60)
    with pytest.raises(StorageError, match="too little room"):
        import_images(make_zip(tmp_path / "a.zip", two_classes(2)), into)


@pytest.mark.parametrize("each", [2, 200])
def test_a_pack_that_cant_be_written_is_named(tmp_path, into, each):
    path = make_zip(tmp_path / "a.zip", two_classes(each))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageError, match="images-[01].pack can't be written"):
            import_images(path, into, processes=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_progress_tells_what_of_the_search_for_copies_is_done(tmp_path, into):
    pictures = two_classes(3)
    files = pictures | {f"copy/{number}.jpg": pictures["cat/0.jpg"] for number in range(3)}
    told = {}

    def tell(stage: str, done: int, total: int) -> None:
        told[stage] = (done, total)

    import_images(make_zip(tmp_path / "a.zip", files), into, on_progress=tell)
    assert list(told) == ["reading", "glancing", "comparing", "confirming"]
    assert list(told.values()) == [(9, 9), (1, 1), (3, 3), (1, 1)]


@pytest.mark.parametrize("shares", [1, 3])
def test_the_tiles_of_all_blocks_add_up(tmp_path, shares):
    glances = np.random.default_rng(0).integers(0, 256, (3000, 16, 16), np.uint8)
    looks = np.zeros(3000, LOOK)
    looks["glance"] = glances
    np.save(tmp_path / "looks.npy", looks)
    task = {"looks": str(tmp_path / "looks.npy"), "rows": list(range(3000)), "shares": shares}
    parts = [part for share in range(shares) for part in find_candidates(task | {"share": share})]
    assert sum(part["tiles"] for part in parts) == count_tiles(3000)


def test_an_error_of_the_caller_ends_all_processes(tmp_path, into):
    def cancel(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    path = make_zip(tmp_path / "a.zip", two_classes(200))
    before = set(children_of(os.getpid()))  # of other tests
    with pytest.raises(KeyboardInterrupt):
        import_images(path, into, processes=2, on_progress=cancel)
    assert set(children_of(os.getpid())) <= before


def children_of(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def test_a_process_that_is_killed_is_told(tmp_path, into):
    def kill(stage: str, done: int, total: int) -> None:
        for child in children_of(os.getpid()):
            os.kill(child, signal.SIGKILL)

    path = make_zip(tmp_path / "a.zip", two_classes(3000))
    with pytest.raises(StorageError, match="exit code=-9"):
        import_images(path, into, processes=2, on_progress=kill)


def test_a_damaged_dataset_is_told(tmp_path, into):
    import_images(make_zip(tmp_path / "a.zip", two_classes(2)), into)
    index = ImageIndex(into)
    pack = into / "images-0.pack"
    pack.write_bytes(pack.read_bytes()[:-1])
    with pytest.raises(StorageError, match="damaged"):
        index.read_bytes(3)
    pack.unlink()
    with pytest.raises(StorageError, match="can't be read"):
        index.read_bytes(0)
    (into / "index.parquet").write_bytes(b"no")
    with pytest.raises(StorageError, match="missing or damaged"):
        ImageIndex(into)
    with pytest.raises(StorageError, match="missing or damaged"):
        ImageIndex(tmp_path)


def test_the_worker_needs_little():
    """Its start is part of every import, and the training worker must not load Keras twice."""
    code = (
        "import sys, cnnlab.datasets.importing.import_worker, cnnlab.datasets.pictures.squares;"
        "print({'pyarrow', 'pandas', 'pydantic', 'keras'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_of_several_frames_is_taken_and_told(format, tmp_path, into):
    frames = [Image.new("RGB", (16, 12), color) for color in ("red", "green", "blue")]
    moving = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    suffix = format.lower()
    files = {f"a/{n}.{suffix}": moving for n in range(3)}
    files |= {f"b/{n}.{suffix}": encoded(frames[n], format) for n in range(2)}
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    note = warnings_of(imported)["animated"]
    assert note.count == 3
    assert f"'a/0.{suffix}'" in note.message
    red, _, blue = ImageIndex(into).open(0).convert("RGB").getpixel((4, 4))
    assert red > 200 > 50 > blue


def test_names_of_classes_beside_arrays_are_never_split(tmp_path, into):
    path = tmp_path / "set.npz"
    names = ["a;b", "c;b", "blue, light blue", "blue"]
    pictures = np.random.default_rng(0).integers(0, 256, (12, 8, 8), np.uint8)
    np.savez(path, x=pictures, y=np.arange(12) % 4, class_names=names)
    assert import_images(path, into).classes == dict.fromkeys(sorted(names), 3)
