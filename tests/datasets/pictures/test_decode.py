import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets import limits
from cnnlab.datasets.pictures import pixels
from cnnlab.datasets.pictures.appearance import look_at
from cnnlab.datasets.pictures.decode import (
    UnreadableImageError,
    check_image,
    open_image,
    without_decoder_warnings,
)
from cnnlab.datasets.pictures.pixels import to_8_bits, to_square
from tests.datasets.uploads import encoded, jpeg

RAMP = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (8, 1))
RED = (200, 30, 10)


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds nearly nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("values", "format"),
    [
        (RAMP.astype(np.uint16) * 257, "PNG"),
        (RAMP.astype(np.uint16) * 257, "TIFF"),
        (RAMP.astype(np.int32) * 257, "TIFF"),
        (RAMP.astype(np.int32), "TIFF"),
        (RAMP.astype(np.float32) / 255, "TIFF"),
        (RAMP.astype(np.float32), "TIFF"),
        (RAMP, "PNG"),
    ],
)
def test_deep_pixels_are_scaled_by_their_type(values, format):
    image = open_image(encoded(Image.fromarray(values), format))
    assert image.mode == "L"
    assert np.abs(np.asarray(image).astype(int) - RAMP).max() <= 1


def test_deep_pixels_beyond_every_usual_range_are_stretched():
    values = np.linspace(-1000, 1000, 64, dtype=np.float32).reshape(8, 8)
    values[0, 1] = np.nan
    image = np.asarray(open_image(encoded(Image.fromarray(values), "TIFF")))
    assert (image.min(), image.max()) == (0, 255)


def test_transparency_is_laid_on_white():
    for image in (
        Image.new("RGBA", (4, 4), (*RED, 0)),
        Image.new("LA", (4, 4), (30, 0)),
        Image.new("RGBA", (4, 4), (*RED, 0)).quantize(4),
    ):
        assert open_image(encoded(image, "PNG")).convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, *RED])
    content = encoded(palette, "PNG", transparency=1)
    assert open_image(content).getpixel((0, 0)) == (255, 255, 255)
    assert open_image(encoded(palette, "PNG")).getpixel((0, 0)) == RED
    content = encoded(Image.new("RGB", (4, 4), RED), "PNG", transparency=RED)
    assert open_image(content).getpixel((0, 0)) == (255, 255, 255)
    content = encoded(Image.new("RGBA", (4, 4), (*RED, 128)), "PNG")
    assert open_image(content).getpixel((0, 0)) == (227, 142, 132)


@pytest.mark.parametrize(
    ("mode", "format", "result"),
    [
        ("1", "PNG", "L"),
        ("1", "TIFF", "L"),
        ("L", "JPEG", "L"),
        ("CMYK", "JPEG", "RGB"),
        ("CMYK", "TIFF", "RGB"),
        ("YCbCr", "TIFF", "RGB"),
        ("LAB", "TIFF", "RGB"),
        ("P", "GIF", "RGB"),
        ("RGB", "BMP", "RGB"),
        ("RGB", "WEBP", "RGB"),
    ],
)
def test_every_mode_keeps_its_brightness(mode, format, result):
    source = Image.new("RGB", (16, 16), (230, 230, 230)).convert(mode)
    content = encoded(source, format)
    image = open_image(content)
    assert image.mode == result
    assert np.abs(np.asarray(image.convert("L")).mean() - 230) < 30
    assert check_image(content)[:2] == (16, 16)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_undone(orientation, format):
    upright = np.zeros((16, 32), dtype=np.uint8)
    upright[:8, :16] = 255
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(Image.fromarray(stored).convert("RGB"), format, exif=exif)
    image = np.asarray(open_image(content).convert("L"))
    assert np.abs(image.astype(int) - upright).max() < 40
    assert check_image(content)[:2] == (32, 16)


def test_only_the_first_frame_counts():
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    for format in ("GIF", "WEBP", "PNG"):
        content = encoded(frames[0], format, save_all=True, append_images=frames[1:])
        red, _, blue = open_image(content).convert("RGB").getpixel((4, 4))
        assert red > 200 > 50 > blue


def test_phone_jpegs_are_read():
    left, right = (Image.new("RGB", (16, 16), color) for color in ("red", "blue"))
    content = encoded(left, "MPO", save_all=True, append_images=[right])
    assert open_image(content).getpixel((4, 4))[0] > 200
    assert check_image(content)[2] == "RGB"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
@pytest.mark.parametrize("read", [check_image, open_image])
def test_a_truncated_image_is_refused(format, read):
    content = encoded(Image.effect_noise((64, 64), 50).convert("RGB"), format)
    for end in (len(content) // 2, len(content) * 9 // 10):
        with pytest.raises(UnreadableImageError), without_decoder_warnings():
            read(content[:end])


def test_a_truncated_jpeg_is_refused_although_it_is_decoded_small():
    content = encoded(Image.effect_noise((3000, 2000), 50).convert("RGB"), "JPEG")
    with pytest.raises(UnreadableImageError, match="ends too early"):
        check_image(content[: len(content) * 3 // 4])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an image that can be read"),
        (b"hello" * 100, "not an image that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image that can be read"),
        (b"P6 2 2 255 " + bytes(12), "not an image that can be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "not an image|damaged"),
        (png_header(30_000, 30_000), "more than 40 megapixels"),
        (png_header(13_000, 13_000), "more than 40 megapixels"),
        (png_header(9_000, 9_000), "more than 40 megapixels"),
        (png_header(300, 300), "damaged"),
        (png_header(0, 5), "not an image|damaged"),
    ],
)
@pytest.mark.parametrize("read", [check_image, open_image])
def test_what_is_no_image_gets_a_reason(content, reason, read):
    with pytest.raises(UnreadableImageError, match=reason):
        read(content)


def test_a_text_bomb_in_a_png_is_refused():
    text = b"k\0\0" + zlib.compress(bytes(20 * 2**20))
    crc = struct.pack(">I", zlib.crc32(b"zTXt" + text))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + crc
    content = encoded(Image.new("RGB", (4, 4)), "PNG")
    with pytest.raises(UnreadableImageError):
        check_image(content[:33] + chunk + content[33:])


def test_broken_metadata_costs_no_picture():
    content = encoded(Image.new("RGB", (8, 8), RED), "JPEG", exif=b"Exif\0\0MM\0*garbage")
    with without_decoder_warnings():
        assert open_image(content).size == (8, 8)


def test_a_file_is_read_too(tmp_path):
    path: Path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(size=(5, 7)))
    assert open_image(path).size == (5, 7)
    with pytest.raises(UnreadableImageError):
        open_image(tmp_path / "none.jpg")


def test_the_pixel_limit_is_ours(monkeypatch):
    monkeypatch.setattr(limits, "MAX_IMAGE_PIXELS", 99)
    with pytest.raises(UnreadableImageError, match="megapixels"):
        open_image(jpeg(size=(10, 10)))


def test_a_big_jpeg_is_decoded_small():
    content = encoded(Image.effect_noise((1600, 800), 50).convert("RGB"), "JPEG")
    assert open_image(content, at_least_px=100).size == (200, 100)
    assert open_image(content).size == (1600, 800)


def striped(width, height):
    """Left half black, right half white."""
    pixels = np.zeros((height, width), dtype=np.uint8)
    pixels[:, width // 2 :] = 255
    return Image.fromarray(pixels).convert("RGB")


def test_crop_keeps_the_middle():
    square = to_square(striped(40, 20), 10, "rgb", "crop")
    assert square.shape == (10, 10, 3)
    assert square.dtype == np.uint8
    assert square[:, :4].max() < 20 < 235 < square[:, 6:].min()
    assert np.array_equal(
        square, to_square(striped(40, 20).crop((10, 0, 30, 20)), 10, "rgb", "crop")
    )


def test_pad_keeps_everything_and_adds_black_bars():
    square = to_square(Image.new("RGB", (40, 20), "white"), 10, "rgb", "pad")
    assert square[:2].max() == 0 == square[8:].max()
    assert square[3:7].min() == 255
    tall = to_square(Image.new("L", (3, 300), 255), 10, "grayscale", "pad")
    assert tall.shape == (10, 10, 1)
    assert (tall > 0).sum() == 10


def test_stretch_fills_the_square():
    square = to_square(striped(40, 20), 10, "grayscale", "stretch")
    assert square.shape == (10, 10, 1)
    assert square[:, :4].max() == 0
    assert square[:, 6:].min() == 255


def test_shrinking_is_antialiased():
    checks = np.indices((96, 96)).sum(axis=0) % 2 * 255
    image = Image.fromarray(checks.astype(np.uint8))
    square = to_square(image, 32, "grayscale", "crop")
    assert np.abs(square.astype(int) - 127).max() < 40


@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (8, 8)])
def test_every_shape_becomes_a_square(resize, size):
    for mode, color, channels in (("L", "rgb", 3), ("RGB", "grayscale", 1)):
        assert to_square(Image.new(mode, size), 8, color, resize).shape == (8, 8, channels)


def test_nothing_is_changed_where_nothing_is_to_do():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    for resize in ("crop", "pad", "stretch"):
        assert np.array_equal(to_square(Image.fromarray(pixels), 16, "rgb", resize), pixels)


def test_random_bytes_in_an_image_end_in_a_reason_or_a_picture():
    generator = np.random.default_rng(1)
    originals = [
        encoded(Image.effect_noise((24, 24), 50).convert(mode), format)
        for mode, format in (
            *(("RGB", "JPEG"), ("P", "PNG"), ("RGBA", "WEBP"), ("P", "GIF"), ("L", "TIFF")),
            *(("CMYK", "JPEG"), ("RGB", "BMP"), ("1", "TIFF")),
        )
    ]
    read = 0
    with without_decoder_warnings():
        for number in range(400):
            content = bytearray(originals[number % len(originals)])
            for at in generator.integers(0, min(len(content), 300), 3):
                content[at] = generator.integers(256)
            try:
                open_image(bytes(content))
                read += 1
            except UnreadableImageError as error:
                assert str(error)
    assert 0 < read < 400


def test_the_decoders_of_damaged_tiffs_say_nothing(capfd):
    image = Image.effect_noise((64, 64), 50).convert("RGB")
    content = encoded(image, "TIFF", compression="tiff_lzw")
    tag = struct.pack("<HHI", 277, 3, 1)  # samples per pixel
    at = content.index(tag) + len(tag)
    for damaged in (
        content[:9] + bytes(40) + content[49:],
        content[:at] + b"\x63" + content[at + 1 :],
    ):
        with pytest.raises(UnreadableImageError):
            check_image(damaged)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F"])
def test_large_images_are_converted_in_bands_to_the_same(mode, monkeypatch):
    gray = np.random.default_rng(3).integers(0, 256, (37, 23), dtype=np.uint8)
    image = Image.fromarray(gray)
    if mode in ("I;16", "I", "F"):
        kind = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        image = Image.fromarray(gray.astype(kind) * 7 + 3)
    else:
        image = image.convert("RGBA" if mode == "RGBA" else "RGB").convert(mode)
    whole, smaller = to_8_bits(image), to_8_bits(image, 3)
    assert (smaller.mode, smaller.size) == (whole.mode, (8, 13))
    assert np.array_equal(np.asarray(smaller), np.asarray(whole.reduce(3)))
    monkeypatch.setattr(pixels, "_BAND_PIXELS", 23 * 5)
    in_bands = to_8_bits(image)
    assert (in_bands.mode, in_bands.size) == (whole.mode, (23, 37))
    assert np.array_equal(np.asarray(in_bands), np.asarray(whole))
    assert np.array_equal(np.asarray(to_8_bits(image, 3)), np.asarray(smaller))


def test_memory_for_decoding_is_limited(monkeypatch):
    large = {
        "WEBP": encoded(Image.new("RGB", (100, 100)), "WEBP"),
        "JPEG": encoded(Image.new("RGB", (100, 100)), "JPEG", progressive=True, subsampling=0),
        "PNG": encoded(Image.new("RGBA", (100, 100)), "PNG"),
    }
    for kind, bytes_a_pixel in {"WEBP": 16, "JPEG": 10, "PNG": 8}.items():
        monkeypatch.setattr(limits, "MAX_DECODER_BYTES", 100 * 100 * bytes_a_pixel)
        assert open_image(large[kind]).size == (100, 100)
        monkeypatch.setattr(limits, "MAX_DECODER_BYTES", 100 * 100 * bytes_a_pixel - 1)
        with pytest.raises(UnreadableImageError, match="of memory to decode"):
            check_image(large[kind])
    assert check_image(encoded(Image.new("RGB", (100, 100)), "JPEG")).mode == "RGB"


def test_the_finest_pattern_has_the_most_detail():
    """Squares of its differences don't fit 32 bits."""
    y, x = np.mgrid[:700, :700]
    board = Image.fromarray(((x + y) % 2 * 255).astype(np.uint8))
    assert look_at(board).detail == 8 * 255 / 2
