"""The page opens pictures and makes them small to the very bit as Pillow does for training."""

import itertools

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.pictures.squares import square_of
from cnnlab.domain.data.value_range import ValueRange
from tests.datasets.uploads import encoded
from tests.exports.odd_pictures import odd_files
from tests.exports.web_page.in_node import needs_node, opened

pytestmark = needs_node

DAMAGED = (
    "The picture can't be opened: the file is damaged or cut off. Save it anew as JPEG or PNG."
)
NEEDS_A_BROWSER = (b"RIFF", b"GIF8", b"BM")
OTHER = "This kind of file can't be opened here: save it as JPEG or PNG."


def noisy(width, height):
    """Smooth with noise: edges and fine grain, so that every rounding shows."""
    generator = np.random.default_rng(width * height)
    rough = Image.fromarray(generator.integers(0, 256, (4, 5, 3), np.uint8))
    grain = generator.integers(-30, 31, (height, width, 3))
    values = np.asarray(rough.resize((width, height))) + grain
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def jpegs(sizes):
    """Of every sampling of colours, sequential and progressive, decoded at any scale."""
    files = {}
    for (width, height), sampling, progressive in itertools.product(
        sizes, (0, 1, 2, "4:1:1"), (False, True)
    ):
        content = encoded(
            noisy(width, height), "JPEG", subsampling=sampling, progressive=progressive, quality=85
        )
        files[f"JPEG {sampling} {progressive} {width} x {height}"] = content
    picture = noisy(150, 90)
    files["JPEG with restarts"] = encoded(picture, "JPEG", restart_marker_blocks=3)
    files["JPEG of RGB"] = encoded(picture, "JPEG", keep_rgb=True)
    files["grey progressive JPEG"] = encoded(picture.convert("L"), "JPEG", progressive=True)
    return files


def compare(files, preparations, value_range=None):
    """The names of files that are other pixels on the page, and the words of those refused."""
    cases = [
        {"name": name, "content": content, "size": size, "color": color, "resize": resize,
         "value_range": value_range}
        for (name, content), (size, color, resize) in itertools.product(files.items(), preparations)
    ]  # fmt: skip
    wrong, refused = [], {}
    for case, square in zip(cases, opened(cases), strict=True):
        if isinstance(square, str):
            refused[case["name"]] = square
            continue
        known = ValueRange(*value_range) if value_range else None
        right = square_of(case["content"], case["size"], case["color"], case["resize"], known)
        if not np.array_equal(square, right):
            wrong.append({key: case[key] for key in case if key != "content"})
    return wrong, refused


def test_odd_files_are_opened_to_the_very_bit_or_refused_in_words():
    files = {
        name: content
        for name, content in odd_files().items()
        if not content.startswith(NEEDS_A_BROWSER)
    }
    wrong, refused = compare(files, [(12, "rgb", "crop"), (24, "grayscale", "pad")])
    assert not wrong
    assert set(refused.values()) == {OTHER}
    assert set(refused) == {name for name in files if files[name][:2] in (b"II", b"MM")}
    assert len(files) - len(refused) > 30


def test_jpegs_of_every_make_are_decoded_to_the_very_bit():
    wrong, refused = compare(
        jpegs([(97, 131), (9, 7), (260, 100)]), [(48, "rgb", "crop"), (12, "rgb", "stretch")]
    )
    assert not wrong and not refused


def test_values_of_16_bits_are_black_and_white_where_the_dataset_says_so():
    values = np.linspace(0, 9000, 40 * 30).reshape(30, 40).astype(np.uint16)
    files = {"16 bits": encoded(Image.fromarray(values), "PNG")}
    files |= {name: content for name, content in odd_files().items() if "16 bits, RGB" in name}
    files = {name: content for name, content in files.items() if content[1:4] == b"PNG"}
    assert files
    wrong, refused = compare(files, [(12, "rgb", "crop")], (200.0, 4000.0))
    assert not wrong and not refused


@pytest.mark.exhaustive
def test_pictures_of_any_shape_are_made_small_to_the_very_bit():
    sizes = [tuple(map(int, size)) for size in np.random.default_rng(5).integers(1, 300, (40, 2))]
    files = jpegs(sizes) | {f"PNG {size}": encoded(noisy(*size), "PNG") for size in sizes}
    preparations = list(
        itertools.product((12, 33, 96), ("rgb", "grayscale"), ("crop", "pad", "stretch"))
    )
    wrong, refused = compare(files, preparations)
    assert not wrong and not refused


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_file_that_was_cut_off_is_refused(kind, share):
    content = encoded(noisy(80, 60), kind)
    case = {"size": 12, "color": "rgb", "resize": "crop", "value_range": None}
    [told] = opened([{"content": content[: int(share * len(content))], **case}])
    assert told == DAMAGED


def test_what_is_no_picture_is_refused():
    case = {"size": 12, "color": "rgb", "resize": "crop", "value_range": None}
    told = opened(
        [{"content": content, **case} for content in (b"", b"<svg/>", b"\xff\xd8\xff\xd9")]
    )
    assert told[0] == "The file is empty: choose another picture."
    assert told[1] == OTHER
    assert told[2] == DAMAGED
