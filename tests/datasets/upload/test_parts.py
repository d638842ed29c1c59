import re
from pathlib import Path

import pytest

from cnnlab.datasets.upload.files import told_apart
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.datasets.upload.parts import part_of, whole_archives, whole_name
from cnnlab.domain.errors import UploadError
from tests.datasets.corpus.parts import REFUSED, cut, spanned
from tests.datasets.corpus.zip_making import zip_bytes
from tests.datasets.uploads import images, make_folder, make_zip

FOUR = images("cat/1.jpg", "cat/2.jpg", "dog/3.jpg", "dog/4.jpg")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_all_there_is_refused_in_a_sentence(tmp_path, name):
    build, pattern = REFUSED[name]
    with pytest.raises(UploadError) as caught:
        list_source(build(tmp_path))
    assert re.search(pattern, str(caught.value)), caught.value


@pytest.mark.parametrize(
    ("name", "whole", "kind", "number"),
    [
        ("a.zip.001", "a.zip", "cut", 1),
        ("x/A.ZIP.012", "x/A.ZIP", "cut", 12),
        ("a.z01", "a.zip", "spanned", 1),
        ("a-003.zip", "a.zip", "drive", 3),
        ("a b-20260101T101112Z-1-002.zip", "a b-20260101T101112Z-1.zip", "drive", 2),
        ("drive-download-20260101T101112Z-001.zip", None, "drive", 1),
    ],
)
def test_names_say_what_is_a_part(name, whole, kind, number):
    part = part_of(name)
    assert part and (part.kind, part.number) == (kind, number)
    assert whole in (None, part.whole)


@pytest.mark.parametrize("name", ["a.zip", "a-1.zip", "a.zip.000", "2026-001.jpg", "a.001", "z01"])
def test_other_names_are_no_parts(name):
    assert part_of(name) is None


def test_datasets_are_called_after_the_whole():
    assert whole_name("pets-20260101T101112Z-001.zip") == "pets.zip"
    assert whole_name("pets.zip.001") == "pets.zip"
    assert whole_name("pets.tar.gz") == "pets.tar.gz"


def test_a_part_is_taken_for_one_whatever_lies_beside_it(tmp_path):
    make_folder(tmp_path, cut(zip_bytes(FOUR), 2, "a.zip"))
    whole, first = make_zip(tmp_path / "a.zip", FOUR), tmp_path / "a.zip.001"
    assert told_apart(whole) == whole
    assert told_apart(first) == told_apart((first,)) == (first,)


def test_archives_are_put_together_in_the_order_of_their_numbers():
    names = ["b.z02", "a.zip.010", "b.zip", "c.zip", "b.z01"]
    names += [f"a.zip.{number:03}" for number in range(1, 10)]
    assert [whole.zips for whole in whole_archives(names)] == [
        (tuple(f"a.zip.{number:03}" for number in range(1, 11)),),
        (("b.z01", "b.z02", "b.zip"),),
        (("c.zip",),),
    ]


@pytest.mark.parametrize("sizes", [[700], [700, 700], [80, 1000, 60, 500]])
def test_every_file_of_a_spanned_zip_is_read_wherever_it_was_cut(tmp_path, sizes):
    make_folder(tmp_path, spanned(FOUR, sizes))
    listing = list_source(tmp_path)
    with open_source(tmp_path) as reader:
        assert {member.path: reader.read(member) for member in listing.members} == FOUR


def test_several_files_are_told_apart_by_the_end_of_their_paths(tmp_path):
    make_folder(tmp_path, FOUR)
    files = tuple(tmp_path / name for name in FOUR)
    assert [member.path for member in list_source(files).members] == list(FOUR)
    with open_source(files) as reader:
        assert [reader.read(member) for member in list_source(files).members] == [*FOUR.values()]
    with pytest.raises(UploadError, match="gone.jpg is not a file"):
        list_source((*files, tmp_path / "gone.jpg"))
    with pytest.raises(UploadError, match="is not a file; give one folder"):
        list_source((*files, Path(tmp_path)))
