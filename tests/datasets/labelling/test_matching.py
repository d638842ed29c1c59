import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.datasets.labelling.matching import ImageNames, without_suffix
from cnnlab.datasets.upload.suffixes import suffix_of

PARTS = st.sampled_from(["a", "b", "A", "c d", "ä"])
PATHS = st.lists(
    st.builds(
        lambda folders, base, suffix: "/".join([*folders, base + suffix]),
        st.lists(PARTS, max_size=3),
        PARTS,
        st.sampled_from([".jpg", ".png", ".JPG", ""]),
    ),
    unique=True,
    min_size=1,
)


@given(PATHS)
def test_every_image_is_found_by_its_whole_path(paths):
    names = ImageNames(paths)
    for position, path in enumerate(paths):
        assert names.find(path) == position
        assert names.find(f"./{path}/") == position
        assert names.spells(f"elsewhere/{path}")


@given(PATHS, st.data())
def test_what_is_found_ends_like_the_name(paths, data):
    name = data.draw(st.sampled_from(paths))
    name = name[data.draw(st.integers(0, len(name))) :]
    found = ImageNames(paths).find(f"x/{name}")
    if found is not None:
        bases = [
            without_suffix(path.rpartition("/")[2]).casefold() for path in (paths[found], name)
        ]
        assert bases[0] == bases[1]


def test_many_images_of_one_name_are_told_apart_by_their_folders():
    paths = [f"set {number // 100}/{number}/image.jpg" for number in range(1000)]
    names = ImageNames([*paths, "image.jpg"])
    assert [names.find(path) for path in paths] == list(range(1000))
    assert [names.find(f"{number}/IMAGE") for number in range(1000)] == list(range(1000))
    assert names.find("image.jpg") == 1000
    assert names.find("elsewhere/image.jpg") == 1000
    assert names.find("set 1/image.jpg") == 1000
    assert ImageNames(paths).find("image.jpg") is None


def test_many_names_that_differ_only_in_case_are_nobodys():
    paths = ["".join(parts) for parts in zip("aA" * 10, "b" * 20, strict=True)]
    assert ImageNames([f"{path}.jpg" for path in paths]).find("ab.jpg") is None


@pytest.mark.parametrize(
    ("paths", "name", "found"),
    [
        (["a.png", "A.png"], "A.png", 1),
        (["a.png", "A.png"], "a", 0),
        (["a.jpg", "a.png"], "a.png", 1),
        (["a.jpg", "a.png"], "a", None),
        (["a.jpg", "a.png"], "a.gif", None),
        (["masks/1.png", "photos/1.jpg"], "1.jpg", 1),
        (["a/1.jpg", "b/1.png"], "b/1.jpg", 1),
        (["x.png", "x.jpg.png"], "x.jpg", 1),
        (["1.jpg", "a/1.jpg"], "1.jpg", 0),
        (["x/a/1.jpg", "x/b/1.jpg"], "C:\\data\\b\\1.JPG", 1),
        ([unicodedata.normalize("NFD", "é.jpg")], "é.jpg", 0),
        (["a.jpg"], "", None),
        (["a.jpg"], " / ", None),
        (["a.jpg"], "b.jpg", None),
        ([".jpg"], ".jpg", 0),
    ],
)
def test_the_closest_image_is_meant(paths, name, found):
    assert ImageNames(paths).find(name) == found


def test_extensions():
    assert [suffix_of(path) for path in ("a.JPG", "a/b.c", "a.b/c", ".jpg", "a.")] == [
        ".jpg",
        ".c",
        "",
        "",
        ".",
    ]
    assert [without_suffix(path) for path in ("a.b.Png", "v1.2", "a/b.c")] == [
        "a.b",
        "v1.2",
        "a/b.c",
    ]
