"""Images with more than 8 bits a channel: one range of values for all of a dataset."""

import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.importing import looking, packing, processes
from cnnlab.datasets.importing.depth import choose_range
from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.decode import check_image
from cnnlab.datasets.pictures.extremes import Extremes
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.datasets.versions import Draft, write_version
from cnnlab.domain.config.run_config import Image as ImageConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.value_range import ValueRange
from tests.datasets.deep_pictures import COLORS, colors_png, deep_files, hot_pixel, shares
from tests.datasets.uploads import encoded, images, make_folder, make_zip


def padded(number, values):
    """CT scanners fill what lies outside of their view."""
    values[:4] = -2000


def one_bright_image(number, values):
    if number == 0:
        values[:] = np.minimum(values.astype(np.int64) * 16, 65535)


def overshooting(number, values):
    values += np.random.default_rng(number).normal(0, 0.03, values.shape).astype(values.dtype)
    values[0, :3] = 1.03 + 0.1 * (number % 2)


def without_numbers(number, values):
    values[2] = np.nan
    values[5, 5], values[6, 6] = np.inf, -np.inf


CASES = {
    "8 bits in a 16-bit PNG": (np.uint16, 0, 255, None, "png", (0, 255)),
    "10 bits in a 16-bit PNG": (np.uint16, 0, 1023, None, "png", (0, 1023)),
    "12 bits in a 16-bit PNG": (np.uint16, 0, 4095, None, "png", (0, 4095)),
    "12 bits with hot pixels": (np.uint16, 0, 4095, hot_pixel(65535), "png", (0, 4095)),
    "14 bits in a TIFF": (np.uint16, 0, 16383, None, "tif", (0, 16383)),
    "16 bits in a PNG": (np.uint16, 0, 65535, None, "png", (0, 65535)),
    "16 bits, big-endian": (">u2", 0, 65535, None, "tif", (0, 65535)),
    "12 bits, big-endian": (">u2", 0, 4095, None, "tif", (0, 4095)),
    "0 to 16 in a TIFF": (np.uint16, 0, 16, None, "tif", None),
    "floats to 31": (np.float32, 0, 31, None, "tif", None),
    "heat in few of 65,536 values": (np.uint16, 21_000, 23_000, None, "png", None),
    "floats to 1": (np.float32, 0, 1, None, "tif", (0, 1)),
    "floats with one at 1.03": (np.float32, 0, 1, hot_pixel(1.03), "tif", (0, 1)),
    "floats that overshoot": (np.float32, 0, 1, overshooting, "tif", (0, 1)),
    "floats without numbers": (np.float32, 0, 1, without_numbers, "tif", (0, 1)),
    "floats to 255": (np.float32, 0, 255, hot_pixel(262.5), "tif", (0, 255)),
    "floats around 0": (np.float32, -1, 1, None, "tif", (-1, 1)),
    "floats of their own": (np.float32, 0, 5.2, None, "tif", None),
    "32 bits to 255": (np.int32, 0, 255, hot_pixel(300), "tif", (0, 255)),
    "32 bits to 4,095": (np.int32, 0, 4095, hot_pixel(-1), "tif", (0, 4095)),
    "32 bits to 65,535": (np.int32, 0, 65535, None, "tif", (0, 65535)),
    "32 bits beyond": (np.int32, 0, 3_000_000, None, "tif", None),
    "CT": (np.int32, -1024, 3071, None, "tif", None),
    "CT in a round view": (np.int32, -1024, 3071, padded, "tif", None),
}


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    return folder


def range_note(imported):
    [note] = [warning for warning in imported.warnings if warning.kind == "value_range"]
    return note


@pytest.mark.parametrize(
    ("kind", "low", "high", "odd", "suffix", "expected"), CASES.values(), ids=CASES
)
def test_one_range_is_found_for_all(kind, low, high, odd, suffix, expected, tmp_path, into):
    upload = make_zip(tmp_path / "a.zip", deep_files(kind, low, high, odd=odd, suffix=suffix))
    imported = import_images(upload, into)
    note = range_note(imported)
    assert note.count == 16
    index = ImageIndex(into)
    assert index.value_range == imported.value_range
    if expected is not None:
        assert imported.value_range == expected
        values = low + shares("bar", 3) * (high - low)
        by_hand = (values - expected[0]) * 255 / (expected[1] - expected[0])
        assert np.median(np.abs(np.asarray(index.open(3)) - by_hand)) < 6
    else:  # its own: the darkest are black, the brightest white, and figures stand out
        assert imported.value_range.low <= low + 0.3 * (high - low)
        assert imported.value_range.high >= high - 0.3 * (high - low)
        ground, figure = np.percentile(np.asarray(index.open(3)), [25, 97])
        assert figure - ground > 60
    kinds = {warning.kind for warning in imported.warnings}
    assert kinds <= {"value_range", "few_images", "few_judging"}, "no false finding"
    squares = np.load(prepare_images(into, ImageConfig(size=24, color="grayscale")))
    for row in (0, 7, 15):
        assert np.array_equal(squares[row, :, :, 0], np.asarray(index.open(row)))


@pytest.mark.parametrize("high", [16, 30, 31])
def test_values_that_need_few_of_8_bits_have_a_range_of_their_own(high):
    """As scikit-learn's digits from 0 to 16."""
    assert choose_range([Extremes(True, 0, high, 0, high)] * 4) == (0, high)


def test_the_levels_are_those_computed_by_hand(tmp_path, into):
    import_images(make_zip(tmp_path / "a.zip", deep_files(np.uint16, 0, 4095, suffix="png")), into)
    index = ImageIndex(into)
    values = (shares("disc", 2) * 4095).round()
    row = index.files.index("disc/2.png")
    assert np.array_equal(np.asarray(index.open(row)), np.round(values * 255 / 4095))


@pytest.mark.parametrize("make", COLORS.values(), ids=COLORS)
@pytest.mark.parametrize("high", [4095, 65535])
def test_colours_of_16_bits_are_read_in_full(make, high, tmp_path, into):
    files = {}
    for label in ("bar", "disc"):
        for n in range(2):
            planes = [shares(label, seed) * high for seed in (n, n + 20, n + 40)]
            files[f"{label}/{n}.png"] = make(np.dstack(planes).round().astype(np.uint16))
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.value_range == (0, high)
    assert range_note(imported).count == 4
    index = ImageIndex(into)
    assert index.is_deep.all()
    by_hand = np.dstack([shares("bar", seed) for seed in (0, 20, 40)]) * 255
    assert np.abs(np.asarray(index.open(0)) - by_hand).max() < 1


def test_16_bits_of_grey_with_transparency_are_read_in_full(tmp_path, into):
    files = {}
    for label in ("bar", "disc"):
        values = (shares(label, 0) * 4095).round()
        alpha = np.full(values.shape, 65535)
        alpha[0] = 0
        files[f"{label}/0.png"] = colors_png(np.dstack([values, alpha]).astype(np.uint16))
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.value_range == (0, 4095)
    seen = np.asarray(ImageIndex(into).open(0).convert("L")).astype(float)
    assert np.abs(seen[1:] - shares("bar", 0)[1:] * 255).max() < 1.01
    assert (seen[0] == 255).all(), "on white"


def test_a_dark_photo_of_16_bits_among_those_of_8_is_as_dark_as_they(tmp_path, into):
    files = images(*(f"bar/{n}.jpg" for n in range(4)), "disc/1.jpg")
    planes = [shares("disc", seed) * 12_000 for seed in range(3)]
    values = np.dstack(planes).round().astype(np.uint16)
    files["disc/photo.png"] = COLORS["PNG"](values)
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.value_range == (0, 65535)
    assert "as most images have 8 bits" in range_note(imported).message
    index = ImageIndex(into)
    seen = np.asarray(index.open(index.files.index("disc/photo.png")))
    assert np.abs(seen - values / 257).max() < 1


def test_a_few_pixels_beyond_are_told_and_white(tmp_path, into):
    files = deep_files(np.float32, 0, 1, odd=hot_pixel(1.5))
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert "In 8 images some pixels lie beyond it" in range_note(imported).message
    index = ImageIndex(into)
    assert index.open(index.files.index("bar/1.tif")).getpixel((3, 3)) == 255


def test_images_that_stay_dark_in_the_one_range_are_told(tmp_path, into):
    files = deep_files(np.uint16, 0, 2000, odd=one_bright_image, suffix="png")
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.value_range == (0, 65535)
    assert "14 images stay below 4,096" in range_note(imported).message


def test_images_of_8_bits_stay_as_they_are_beside_deep_ones(tmp_path, into):
    plain = {f"bar/plain {n}.png": encoded(gray("bar", 20 + n), "PNG") for n in range(3)}
    files = plain | deep_files(np.uint16, 0, 4095, suffix="png")
    imported = import_images(make_zip(tmp_path / "a.zip", files), into)
    assert imported.value_range == (0, 4095)
    assert range_note(imported).count == 16
    index = ImageIndex(into)
    assert list(index.is_deep).count(True) == 16
    for number in range(3):
        row = index.files.index(f"bar/plain {number}.png")
        assert np.array_equal(np.asarray(index.open(row)), np.asarray(gray("bar", 20 + number)))
    kinds = {warning.kind for warning in imported.warnings}
    assert kinds <= {"value_range", "few_images", "few_judging"}


def gray(label, seed):
    return Image.fromarray((shares(label, seed) * 255).round().astype(np.uint8))


def test_only_deep_images_are_decoded_twice(tmp_path, into, monkeypatch):
    """The other ones are as fast as before."""
    modes = []

    def counted(content, value_range=None):
        checked = check_image(content, value_range)
        modes.append((checked.mode, value_range))
        return checked

    for module in (packing, looking):
        monkeypatch.setattr(module, "check_image", counted)
    files = images("bar/a.jpg", "disc/b.jpg") | deep_files(np.uint16, 0, 4095, suffix="png")
    import_images(make_zip(tmp_path / "a.zip", files), into)
    assert Counter(modes) == {("RGB", None): 2, ("I;16", None): 16, ("I;16", (0, 4095)): 16}


def test_two_processes_give_what_one_gives(tmp_path, into, monkeypatch):
    upload = make_zip(tmp_path / "a.zip", deep_files(np.uint16, 0, 4095, suffix="png"))
    imported = import_images(upload, into)
    monkeypatch.setattr(processes, "_FEW_IMAGES", 1)
    other = tmp_path / "other"
    other.mkdir()
    assert import_images(upload, other, processes=2) == imported
    assert len(list(other.glob("images-*.pack"))) == 2
    assert np.array_equal(ImageIndex(into).looks, ImageIndex(other).looks)


def test_the_user_may_say_the_range(tmp_path, into):
    files = deep_files(np.uint16, 0, 4095, suffix="png")
    upload = make_zip(tmp_path / "a.zip", files)
    found = import_images(upload, into)
    other = tmp_path / "other"
    other.mkdir()
    said = import_images(upload, other, value_range=ValueRange(0, 2047))
    assert said.value_range == (0, 2047)
    assert "as you said" in range_note(said).message
    assert said.content_hash != found.content_hash
    darker, brighter = (np.asarray(ImageIndex(one).open(0)).mean() for one in (into, other))
    assert brighter > 1.5 * darker
    assert ImageIndex(other).looks["glance"].mean() > 1.5 * ImageIndex(into).looks["glance"].mean()


def test_a_range_is_not_used_where_all_have_8_bits(tmp_path, into):
    upload = make_folder(tmp_path / "a", images("a/1.jpg", "b/2.jpg"))
    plain = import_images(upload, into)
    assert plain.value_range is None
    assert "value_range" not in {warning.kind for warning in plain.warnings}
    other = tmp_path / "other"
    other.mkdir()
    said = import_images(upload, other, value_range=ValueRange(0, 4095))
    assert (said.value_range, said.content_hash) == (None, plain.content_hash)
    assert "was not used" in range_note(said).message


def test_a_fixed_version_keeps_the_range(tmp_path, into):
    import_images(make_zip(tmp_path / "a.zip", deep_files(np.uint16, 0, 4095, suffix="png")), into)
    index, child = ImageIndex(into), tmp_path / "child"
    child.mkdir()
    draft = Draft.of(index)
    draft.is_kept[:2] = False
    write_version(index, draft, child)
    assert ImageIndex(child).value_range == (0, 4095)
    assert np.array_equal(np.asarray(ImageIndex(child).open(0)), np.asarray(index.open(2)))


def test_a_dataset_of_an_earlier_version_is_read_as_it_was(tmp_path, into):
    """Each image by its own values, bit for bit."""
    import_images(make_zip(tmp_path / "a.zip", deep_files(np.uint16, 0, 4095, suffix="png")), into)
    index, earlier = ImageIndex(into), tmp_path / "earlier"
    earlier.mkdir()
    rows = np.arange(len(index))
    (earlier / "images-0.pack").write_bytes((into / "images-0.pack").read_bytes())
    index.write_changed(earlier, rows, ["bar"] * 16, [None] * 16, ["bar"], None)
    old = ImageIndex(earlier)
    assert old.value_range is None
    values = (shares("bar", 0) * 4095).round()
    assert np.array_equal(np.asarray(old.open(0)), np.round(values.astype("f4") * (255 / 65535)))


def test_a_dataset_tells_its_range_in_json():
    dataset = Dataset("a", "A", {"x": 1, "y": 1}, value_range=ValueRange(-1024, 3071))
    stored = json.loads(json.dumps(dataset.to_json()))
    assert stored["value_range"] == [-1024, 3071]
    assert Dataset.from_json(stored) == dataset
    del stored["value_range"]
    assert Dataset.from_json(stored).value_range is None
