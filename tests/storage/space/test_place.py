"""A home that isn't there: made, or refused with what to do where its disk is away."""

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.storage.home import open_home
from cnnlab.storage.space import place


@pytest.fixture
def disks(tmp_path, monkeypatch):
    """A folder in which disks appear, and a table of mounts that lists one of them."""
    (tmp_path / "disks").mkdir()
    monkeypatch.setattr(place, "_PLACES_OF_DISKS", {tmp_path / "disks": 1})
    monkeypatch.setattr(place, "FSTAB", tmp_path / "fstab")
    listed = tmp_path / "srv" / "data"
    listed.mkdir(parents=True)
    place.FSTAB.write_text(f"# {tmp_path}/no\nUUID=1 / ext4\nUUID=2 {listed} ext4 defaults 0 2\n")
    return tmp_path


@pytest.mark.parametrize("home", ["disks/usb/lab", "disks/usb/a/lab", "srv/data/lab", "srv/data"])
def test_no_home_is_made_in_the_place_of_a_disk_that_is_away(disks, home):
    before = sorted(disks.rglob("*"))
    with pytest.raises(StorageError, match=r"neither is the disk .*/(usb|data): connect it"):
        open_home(disks / home)
    assert sorted(disks.rglob("*")) == before


@pytest.mark.parametrize("home", ["a/new/place", "disks/lab", "srv/lab", "no/lab"])
def test_elsewhere_it_is_made(disks, home):
    assert open_home(disks / home).runs.is_dir()


def test_a_file_or_a_dangling_link_is_no_home(disks):
    (disks / "file").write_text("x")
    (disks / "link").symlink_to(disks / "away")
    with pytest.raises(StorageError, match="because .*/file is a file: move it away"):
        open_home(disks / "file")
    with pytest.raises(StorageError, match="because .*/file is a file"):
        open_home(disks / "file" / "lab")
    with pytest.raises(StorageError, match="is a link to .*/away, which isn't there"):
        open_home(disks / "link")


def test_a_home_with_content_is_opened_wherever_it_is(disks):
    (disks / "srv" / "data" / "datasets").mkdir()
    assert open_home(disks / "srv" / "data").datasets.is_dir()
