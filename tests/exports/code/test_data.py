"""A program prepares pictures to the pixel as training does."""

import csv
import io

import numpy as np
import pytest
from PIL import Image as Picture

from cnnlab.datasets.pictures.pixels import FORMATS, decoded, to_square
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.exports.code.package import FileRow, files_table, preparation
from tests.exports.code.made import loaded, recipe
from tests.exports.odd_pictures import odd_files

SIZES = [(16, 16), (33, 97), (170, 150), (9, 12)]


def wavy(size, mode):
    y, x = np.mgrid[: size[1], : size[0]]
    channels = [127 + 120 * np.sin(x / (3 + at)) * np.cos(y / 5) for at in range(3)]
    values = np.stack(channels, axis=-1).astype(np.uint8)
    return Picture.fromarray(values if mode == "RGB" else values[..., 0])


def ordinary_pictures():
    for size in SIZES:
        for mode in ("RGB", "L"):
            for kind, options in (
                ("JPEG", {"quality": 85}),
                ("PNG", {}),
                ("WEBP", {}),
                ("BMP", {}),
            ):
                for orientation in (1, 6) if kind in ("JPEG", "PNG") else (1,):
                    exif = Picture.Exif()
                    exif[0x0112] = orientation
                    content = io.BytesIO()
                    wavy(size, mode).save(content, kind, exif=exif, **options)
                    yield content.getvalue()


def expected(content, image, value_range=None):
    picture = Picture.open(io.BytesIO(content), formats=FORMATS)
    picture = decoded(picture, content, image.size, value_range)
    return to_square(picture, image.size, image.color, image.resize)


@pytest.mark.parametrize("color", ["rgb", "grayscale"])
@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
def test_ordinary_pictures_need_a_short_function(resize, color, tmp_path):
    told = recipe({"image": {"size": 16, "color": color, "resize": resize}})
    read_image = loaded(told, tmp_path)["read_image"]
    for content in ordinary_pictures():
        assert np.array_equal(read_image(content), expected(content, told.config.image))


def test_any_name_of_a_file_is_read_as_it_was_written():
    names = ["a\rb.png", 'say "x",.png', "line\nfeed", "Ünï 🎉", " "]
    table = files_table(FileRow(name, "class\r", "train", "0") for name in names)
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [row["file"] for row in rows] == names
    assert {row["class"] for row in rows} == {"class\r"}


@pytest.mark.parametrize("resize", ["crop", "pad"])
def test_others_are_prepared_by_the_text_of_the_product(resize, tmp_path):
    value_range = ValueRange(10.0, 40_000.0)
    values = {"image": {"size": 16, "resize": resize}}
    told = recipe(values, is_plain=False, value_range=value_range)
    known = {}
    exec(compile(preparation(told), "prepare", "exec"), known)
    pictures = list(odd_files().values())
    assert len(pictures) > 20
    for content in pictures:
        theirs = expected(content, told.config.image, value_range)
        assert np.array_equal(known["prepare"](content), theirs)
