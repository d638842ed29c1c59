"""Pictures gathered class by class: kept on the disk, taken out, made into datasets."""

import io
import os
import shutil
import time

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.errors import DatasetError, NotFoundError, StorageError, UploadError
from cnnlab.lab.data import drafts
from cnnlab.lab.data.adding import add_to_classes
from cnnlab.lab.workplace import workplace
from cnnlab.storage.space.leftovers import STALE_SECONDS, remove_leftovers
from tests.datasets.uploads import jpeg
from tests.made_runs import no_supervisor

CUP, PEN = "a" * 8, "b" * 8


@pytest.fixture
def token(home, monkeypatch):
    """A draft with two pictures of a cup and one of a pen."""
    no_supervisor(monkeypatch)
    token = drafts.begin_draft()
    for class_id, name in ((CUP, " cup "), (PEN, "pen")):
        drafts.name_draft_class(token, class_id, name)
    for number, class_id in enumerate((CUP, PEN, CUP)):
        drafts.add_draft_picture(token, class_id, f"{number:08}", "IMG 1.JPG", jpeg(number))
    return token


def told(token):
    return [(each.name, each.pictures) for each in drafts.draft_classes(token)]


def request_of(token):
    """Where an import's pictures are, and what its table says of them."""
    folder = workplace().home.uploads / token
    rows = (folder / "labels.csv").read_text().split()[1:]
    return folder / "file" / "pictures", [row.split(",") for row in rows]


def test_what_was_gathered_is_told_in_the_order_in_which_it_was_made(token):
    assert told(token) == [("cup", ["00000000", "00000002"]), ("pen", ["00000001"])]
    drafts.add_draft_picture(token, PEN, "00000001", "IMG 1.JPG", jpeg(9))  # sent once more
    assert told(token)[1] == ("pen", ["00000001"])
    drafts.name_draft_class(token, PEN, "pencil")
    drafts.remove_draft_picture(token, CUP, "00000000")
    drafts.remove_draft_picture(token, CUP, "00000000")
    assert told(token) == [("cup", ["00000002"]), ("pencil", ["00000001"])]
    drafts.remove_draft_class(token, CUP)
    assert told(token) == [("pencil", ["00000001"])]
    with pytest.raises(NotFoundError, match="removed meanwhile"):
        drafts.add_draft_picture(token, CUP, "00000003", "a.jpg", jpeg())


def test_a_picture_that_comes_again_under_another_name_is_one(token):
    drafts.add_draft_picture(token, PEN, "00000001", "other.png", jpeg(9))
    assert told(token)[1] == ("pen", ["00000001"])
    (path,) = (workplace().home.uploads / token / "file" / PEN).iterdir()
    assert (path.name, path.read_bytes()) == ("00000001.other.png", jpeg(9))


def test_what_another_window_removes_meanwhile_is_passed_over(token, dataset):
    folder = workplace().home.uploads / token
    (folder / "classes" / ("c" * 8)).symlink_to("gone")  # listed, and gone when it is read
    (folder / "file" / CUP / "00000007.a.jpg").symlink_to("gone")
    assert [name for name, _ in told(token)] == ["cup", "pen"]
    drafts.name_draft_class(token, PEN, "dark")
    grown = drafts.add_draft(token, dataset.id)
    assert grown.images == dataset.images + 3


def test_what_cannot_be_deleted_is_said(token):
    folder = workplace().home.uploads / token
    (folder / "file" / PEN / "00000008.a.jpg").mkdir()
    with pytest.raises(StorageError, match="Can't use"):
        drafts.remove_draft_picture(token, PEN, "00000008")
    (folder / "classes" / ("c" * 8)).mkdir()
    with pytest.raises(StorageError, match="Can't use"):
        drafts.remove_draft_class(token, "c" * 8)


def test_a_picture_is_shown_small(token):
    content = drafts.draft_thumbnail(token, CUP, "00000000", 16)
    assert max(Image.open(io.BytesIO(content)).size) == 16
    with pytest.raises(NotFoundError, match="taken out"):
        drafts.draft_thumbnail(token, CUP, "00000007", 16)


def test_what_is_no_picture_or_no_name_is_refused_and_leaves_nothing(token, home):
    before = sorted(home.rglob("*"))
    with pytest.raises(UploadError):
        drafts.add_draft_picture(token, CUP, "00000005", "a.jpg", b"no picture")
    for bad in ("../../x", "A" * 8, "0", ""):
        with pytest.raises(UploadError, match="reload it"):
            drafts.add_draft_picture(token, CUP, bad, "a.jpg", jpeg())
        with pytest.raises(UploadError, match="reload it"):
            drafts.name_draft_class(token, bad, "x")
        with pytest.raises(NotFoundError):
            drafts.draft_classes(bad)
    assert sorted(home.rglob("*")) == before


def test_a_full_disk_is_said_and_the_rest_stays(token, monkeypatch):
    monkeypatch.setattr(type(workplace().home), "free_bytes", lambda home: 1000)
    with pytest.raises(StorageError, match="disk is full"):
        drafts.add_draft_picture(token, CUP, "00000005", "a.jpg", jpeg())
    assert told(token)[0] == ("cup", ["00000000", "00000002"])


def test_a_dataset_needs_two_named_classes_with_two_pictures(token):
    with pytest.raises(UploadError, match="'pen' has one picture: it needs 2"):
        drafts.import_draft(token, name="")
    drafts.name_draft_class(token, PEN, " cup")
    with pytest.raises(UploadError, match="Two classes are called 'cup'"):
        drafts.import_draft(token, name="")
    drafts.name_draft_class(token, PEN, " ")
    with pytest.raises(UploadError, match="has no name"):
        drafts.import_draft(token, name="")
    drafts.remove_draft_class(token, PEN)
    with pytest.raises(UploadError, match="1 class has pictures"):
        drafts.import_draft(token, name="")


def test_what_is_imported_has_its_names_and_the_draft_stays_until_something_came_of_it(token):
    drafts.add_draft_picture(token, PEN, "00000004", "../Ünde r", jpeg(4))
    own = drafts.import_draft(token, name="")
    folder, rows = request_of(own)
    assert rows == [
        ["00001-IMG-1.JPG", "cup"],
        ["00002-IMG-1.JPG", "cup"],
        ["00003-IMG-1.JPG", "pen"],
        ["00004-nde-r.jpg", "pen"],
    ]
    assert (folder / "00004-nde-r.jpg").read_bytes() == jpeg(4)
    request = (folder.parents[1] / "import" / "request.json").read_text()
    assert "cup and pen" in request
    assert len(told(token)) == 2
    assert drafts.remove_imported(own) == token
    with pytest.raises(NotFoundError, match="no longer there"):
        drafts.draft_classes(token)
    assert drafts.remove_imported(own) == token  # by whoever looks at the import, too
    assert drafts.remove_imported(lab.begin_upload("a.zip", 5)) == ""


def test_pictures_of_several_classes_are_added_in_one_version(token, dataset):
    drafts.name_draft_class(token, PEN, "dark")
    grown = drafts.add_draft(token, dataset.id)
    assert (grown.version, grown.images) == (2, dataset.images + 3)
    assert (grown.classes["cup"], grown.classes["dark"]) == (2, dataset.classes["dark"] + 1)
    assert "; ".join(grown.changes) == (
        "2 images added as class 'cup'; 1 image added as class 'dark'"
    )
    with pytest.raises(NotFoundError):
        drafts.draft_classes(token)


def test_what_comes_while_a_draft_is_imported_stays(token):
    drafts.add_draft_picture(token, PEN, "00000004", "b.jpg", jpeg(4))
    own = drafts.import_draft(token, name="")
    drafts.add_draft_picture(token, PEN, "00000005", "late.jpg", jpeg(5))
    assert drafts.remove_imported(own) == token
    assert told(token) == [("cup", []), ("pen", ["00000005"])]
    drafts.add_draft_picture(token, CUP, "00000006", "later.jpg", jpeg(6))
    assert drafts.remove_imported(own) == token  # another window saw the end later
    assert told(token) == [("cup", ["00000006"]), ("pen", ["00000005"])]
    assert drafts.has_pictures(token)


def test_what_comes_while_a_draft_is_added_stays(token, dataset, monkeypatch):
    def add_slowly(to, pictures):
        grown = add_to_classes(to, pictures)
        drafts.add_draft_picture(token, CUP, "00000006", "late.jpg", jpeg(6))
        return grown

    drafts.name_draft_class(token, PEN, "dark")
    with monkeypatch.context() as slow:
        slow.setattr(drafts, "add_to_classes", add_slowly)
        grown = drafts.add_draft(token, dataset.id)
    assert told(token) == [("cup", ["00000006"]), ("dark", [])]
    assert drafts.add_draft(token, grown.id).images == dataset.images + 4
    assert not drafts.has_pictures(token)


def test_a_draft_that_adds_nothing_stays(home, monkeypatch, dataset):
    token = drafts.begin_draft()
    with pytest.raises(UploadError, match="no picture to add"):
        drafts.add_draft(token, dataset.id)
    drafts.name_draft_class(token, CUP, "cup")
    drafts.add_draft_picture(token, CUP, "00000000", "a.jpg", jpeg(1))
    grown = drafts.add_draft(token, dataset.id)
    token = drafts.begin_draft()
    drafts.name_draft_class(token, CUP, "cup")
    drafts.add_draft_picture(token, CUP, "00000000", "a.jpg", jpeg(1))
    with pytest.raises(DatasetError, match="in the class 'cup' already"):
        drafts.add_draft(token, grown.id)
    assert told(token) == [("cup", ["00000000"])]


def test_what_is_gathered_slowly_is_not_tidied_away(token, home):
    folder = home / "uploads" / token
    long_ago = time.time() - STALE_SECONDS - 60
    for path in (folder, *folder.glob("*/*")):
        os.utime(path, (long_ago, long_ago))
    drafts.add_draft_picture(token, CUP, "00000009", "a.jpg", jpeg(5))
    remove_leftovers(workplace().home)
    assert len(told(token)[0][1]) == 3
    for path in (folder, *folder.glob("*/*")):
        os.utime(path, (long_ago, long_ago))
    remove_leftovers(workplace().home)
    assert not folder.exists()


def test_a_draft_that_is_gone_is_said(home):
    token = drafts.begin_draft()
    shutil.rmtree(home / "uploads" / token)
    with pytest.raises(NotFoundError, match="no longer there"):
        drafts.name_draft_class(token, CUP, "cup")
    drafts.remove_draft(token)
