"""Images: bombs, disguises, damages, and every mode and shape that is sound."""

import functools

import numpy as np
from PIL import Image

from tests.datasets.corpus import picture_making as make
from tests.datasets.corpus.case import BOTH, Case, Content, accepted, refused, with_pair, zipped
from tests.datasets.corpus.zip_making import zip_bytes
from tests.datasets.uploads import encoded, jpeg

_NO_IMAGE = "not an image that can be read"
_PIXELS, _MEMORY = "has more than 40 megapixels", "takes more than 256 MiB of memory to decode"
_RED = make.RED


def left_out(what: str, content: Content, reason: str, suffix: str = "jpg") -> Case:
    """A file beside the pair that is skipped."""
    name = f"cat/odd.{suffix}"
    return accepted(what, with_pair(name, content), skipped={name: reason})


def taken(what: str, content: Content, suffix: str = "jpg") -> Case:
    """An image beside the pair that is taken."""
    return accepted(what, with_pair(f"cat/odd.{suffix}", content), {"cat": 2, "dog": 1})


BOMBS = (
    left_out("a PNG of 900 megapixels", make.png_of(30_000, 30_000), _PIXELS, "png"),
    left_out("a PNG of 169 megapixels", make.png_of(13_000, 13_000), _PIXELS, "png"),
    left_out("a PNG of 81 megapixels", make.png_of(9_000, 9_000), _PIXELS, "png"),
    left_out("a PNG of 2**31 pixels a side", make.png_of(2**31 - 1, 2**31 - 1), _PIXELS, "png"),
    left_out("a GIF of 65,535 pixels a side", make.gif_of(65_535, 65_535), _PIXELS, "gif"),
    left_out("a BMP of 100,000 pixels a side", make.bmp_of(100_000, 100_000), _PIXELS, "bmp"),
    left_out("a WebP of 40 megapixels", make.webp_of_40_megapixels, _MEMORY, "webp"),
    left_out(
        "a progressive JPEG of 36 megapixels",
        functools.partial(make.progressive, 6000, 6000),
        _MEMORY,
    ),
    left_out("a TIFF with a tile of 3.6 gigapixels", make.tiff_with_tile(60_000), _MEMORY, "tif"),
    left_out(
        "a JPEG of 5,000 scans",
        functools.partial(make.jpeg_with_scans, 5000),
        "too many scans for a JPEG",
    ),
    left_out(
        "a text bomb in a PNG",
        functools.partial(make.png_with_bomb, b"zTXt", b"k\0\0"),
        "damaged|image ends",
        "png",
    ),
    left_out(
        "another text bomb in a PNG",
        functools.partial(make.png_with_bomb, b"iTXt", b"k\0\1\0\0\0"),
        "damaged",
        "png",
    ),
    left_out(
        "a profile bomb in a PNG",
        functools.partial(make.png_with_bomb, b"iCCP", b"k\0\0"),
        "damaged",
        "png",
    ),
    taken(
        "a PNG of 32 megapixels with alpha",
        functools.partial(make.large_png, 8000, 4000, "RGBA"),
        "png",
    ),
    taken("a PNG of 39 megapixels", functools.partial(make.large_png, 7800, 5000), "png"),
    accepted(
        "four PNGs of 20 megapixels",
        zipped(
            {
                f"{name}/{n}.png": functools.partial(make.large_png, 5000, 4000)
                for name in BOTH
                for n in range(2)
            }
        ),
        {"cat": 2, "dog": 2},
    ),
)

DISGUISED = (
    left_out("HTML called JPEG", b"<html><script>alert(1)</script></html>", _NO_IMAGE),
    left_out(
        "EPS called PNG", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", _NO_IMAGE, "png"
    ),
    left_out("SVG called PNG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", _NO_IMAGE, "png"),
    left_out("PDF called JPEG", b"%PDF-1.7\n" + bytes(100), _NO_IMAGE),
    left_out("HEIC called JPEG", b"\0\0\0\x18ftypheic" + bytes(100), _NO_IMAGE),
    left_out("PPM called PNG", b"P6 2 2 255 " + bytes(12), _NO_IMAGE, "png"),
    left_out("ICO called PNG", encoded(_RED, "ICO"), _NO_IMAGE, "png"),
    left_out("zip called JPEG", zip_bytes(), _NO_IMAGE),
    left_out("a text", b"hello" * 100, _NO_IMAGE),
    left_out("an empty file", b"", _NO_IMAGE),
    left_out("one byte", b"\xff", _NO_IMAGE),
    left_out("a link to a web page", b"[InternetShortcut]\nURL=file:///etc/passwd", _NO_IMAGE),
    left_out("SVG", b"<svg/>", "the format .svg is not read: convert it", "svg"),
    left_out("a video", b"\0\0\0\x18ftypmp42", "a video, of which no images are taken", "mp4"),
    taken("PNG called JPEG", encoded(_RED, "PNG")),
    taken("WebP called GIF", encoded(_RED, "WEBP"), "gif"),
    taken("JPEG and zip in one", make.jpeg_and_zip()),
    taken("JPEG with HTML behind", jpeg(5) + b"<script>alert(1)</script>"),
    taken(
        "GIF with HTML in a comment",
        encoded(_RED, "GIF", comment=b"<script>alert(1)</script>"),
        "gif",
    ),
    taken("PNG with PHP in a text", make.png_with(make.png_chunk(b"tEXt", b"k\0<?php ?>")), "png"),
    accepted(
        "images without extensions", zipped({"cat/1": jpeg(1), "dog/2": encoded(_RED, "PNG")})
    ),
)

_NOISE = Image.effect_noise((64, 64), 50).convert("RGB")
DAMAGED = (
    *(
        left_out(
            f"half of a {kind}",
            encoded(_NOISE, kind)[: len(encoded(_NOISE, kind)) // 2],
            "damaged|not an image",
            suffix,
        )
        for kind, suffix in {
            "JPEG": "jpg",
            "PNG": "png",
            "WEBP": "webp",
            "GIF": "gif",
            "BMP": "bmp",
            "TIFF": "tif",
        }.items()
    ),
    left_out("a PNG without pixels", make.png_of(300, 300), "damaged", "png"),
    left_out("a PNG without width", make.png_of(0, 5), "damaged|not an image", "png"),
    left_out(
        "a PNG of an unknown colour type", make.png_of(8, 8, color=5), "damaged|not an", "png"
    ),
    left_out(
        "a PNG with a wrong checksum",
        encoded(_RED, "PNG").replace(b"IDAT", b"IDAX"),
        "damaged|not an image",
        "png",
    ),
    left_out("a JPEG that is only a header", jpeg(1)[:20], "damaged|not an image"),
    left_out("a TIFF without tags", b"II*\0\x08\0\0\0\0\0", "damaged|not an image", "tif"),
    left_out(
        "a TIFF whose tags begin nowhere", b"II*\0\xff\xff\xff\x7f", "damaged|not an image", "tif"
    ),
    refused(
        "nothing but damaged images",
        zipped({"cat/1.jpg": jpeg(1)[:300], "dog/2.jpg": jpeg(2)[:300]}),
        r"no images that can be used; the most common reason \(2 files\): damaged: the image ends",
    ),
    refused(
        "one class damaged",
        zipped({"cat/1.jpg": jpeg(1), "dog/2.jpg": b"x"}),
        "only one class, 'cat'",
    ),
    accepted(
        "one class of three damaged",
        zipped({"a/1.jpg": jpeg(1), "b/2.jpg": jpeg(2), "c/3.jpg": b""}),
        {"a": 1, "b": 1},
        skipped={"c/3.jpg": _NO_IMAGE},
        warnings=["lost_classes"],
    ),
)

SOUND = (
    taken("16 bits in a PNG", make.deep(np.uint16, "PNG"), "png"),
    taken("16 bits in a TIFF", make.deep(np.uint16, "TIFF"), "tif"),
    taken("32 bits in a TIFF", make.deep(np.int32, "TIFF"), "tif"),
    taken("floats in a TIFF", make.deep(np.float32, "TIFF"), "tif"),
    taken("1 bit in a PNG", encoded(_RED.convert("1"), "PNG"), "png"),
    taken("1 bit in a TIFF", encoded(_RED.convert("1"), "TIFF", compression="group4"), "tif"),
    taken("grey", encoded(_RED.convert("L"), "JPEG")),
    taken("grey with alpha", encoded(_RED.convert("LA"), "PNG"), "png"),
    taken("alpha", encoded(_RED.convert("RGBA"), "PNG"), "png"),
    taken("a palette", encoded(_RED.convert("P"), "PNG"), "png"),
    taken("a transparent palette", make.with_transparency(), "png"),
    taken("CMYK", encoded(_RED.convert("CMYK"), "JPEG")),
    taken("CMYK in a TIFF", encoded(_RED.convert("CMYK"), "TIFF"), "tif"),
    taken("Lab in a TIFF", encoded(_RED.convert("LAB"), "TIFF"), "tif"),
    taken("an animated GIF", make.animated("GIF"), "gif"),
    taken("an animated WebP", make.animated("WEBP"), "webp"),
    taken("an animated PNG", make.animated("PNG"), "png"),
    taken("a TIFF of several pages", make.animated("TIFF"), "tiff"),
    taken("a phone's MPO", make.animated("MPO"), "jpg"),
    *(taken(f"orientation {number}", make.turned(number)) for number in range(1, 9)),
    taken("an orientation that is none", make.turned(99)),
    taken("broken EXIF", encoded(_RED, "JPEG", exif=b"Exif\0\0MM\0*garbage")),
    taken("a colour profile", make.with_profile()),
    taken("a broken colour profile", encoded(_RED, "JPEG", icc_profile=b"garbage" * 100)),
    taken("one pixel", encoded(_RED.resize((1, 1)), "PNG"), "png"),
    taken("1 x 5000 pixels", encoded(_RED.resize((1, 5000)), "PNG"), "png"),
    taken("5000 x 1 pixels", encoded(_RED.resize((5000, 1)), "JPEG")),
    taken("upper case extension", jpeg(5), "JPeG"),
)

CASES = (*BOMBS, *DISGUISED, *DAMAGED, *SOUND)
