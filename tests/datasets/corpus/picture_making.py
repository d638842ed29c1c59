"""Pictures that no camera takes."""

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageCms

from tests.datasets.uploads import encoded, jpeg

RED = Image.new("RGB", (16, 12), (200, 30, 10))
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def png_of(width: int, height: int, *chunks: bytes, color: int = 2) -> bytes:
    """A PNG that declares a size and holds nearly nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0"))
    body = png_chunk(b"IHDR", header) + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")
    return PNG_SIGNATURE + body


def png_with(*chunks: bytes) -> bytes:
    """A sound PNG with more chunks behind its header."""
    content = encoded(RED, "PNG")
    return content[:33] + b"".join(chunks) + content[33:]


def png_with_bomb(kind: bytes, begin: bytes) -> bytes:
    """A PNG with a chunk that inflates to 20 MiB behind its first bytes."""
    return png_with(png_chunk(kind, begin + zlib.compress(bytes(20 * 2**20))))


def large_png(width: int, height: int, mode: str = "RGB") -> bytes:
    """A sound PNG of one colour, a few hundred bytes a megapixel."""
    return encoded(Image.new(mode, (width, height)), "PNG", compress_level=1)


def webp_of_40_megapixels() -> bytes:
    """46 bytes that libwebp takes 600 MB for."""
    return encoded(Image.new("RGB", (8000, 4990)), "WEBP", lossless=True, method=0)


def gif_of(width: int, height: int) -> bytes:
    """A GIF whose canvas is that large."""
    content = bytearray(encoded(RED, "GIF"))
    content[6:10] = struct.pack("<HH", width, height)
    return bytes(content)


def bmp_of(width: int, height: int) -> bytes:
    """A BMP that declares a size."""
    content = bytearray(encoded(RED, "BMP"))
    content[18:26] = struct.pack("<ii", width, height)
    return bytes(content)


def tiff_with_tile(side: int) -> bytes:
    """A TIFF of 16 x 16 pixels in one tile that is much larger."""
    data = zlib.compress(bytes(1000))
    tags = [
        (256, 4, 16),
        (257, 4, 16),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (277, 3, 1),
        (322, 4, side),
        (323, 4, side),
        (324, 4, 8),
        (325, 4, len(data)),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags
    )
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + bytes(4)


def jpeg_with_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    content = encoded(RED.resize((256, 256)), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * count + content[-2:]


def progressive(width: int, height: int) -> bytes:
    """A progressive JPEG without subsampling: 10 bytes a pixel while it is decoded."""
    return encoded(Image.new("RGB", (width, height)), "JPEG", progressive=True, subsampling=0)


def turned(orientation: int) -> bytes:
    """A JPEG with an orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(RED, "JPEG", exif=exif)


def animated(format: str) -> bytes:
    """Three frames of different colours."""
    frames = [Image.new("RGB", (16, 12), color) for color in ("red", "green", "blue")]
    return encoded(frames[0], format, save_all=True, append_images=frames[1:])


def with_transparency() -> bytes:
    """A palette with a transparent colour."""
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 30, 10])
    return encoded(image, "PNG", transparency=1)


def with_profile() -> bytes:
    """A JPEG with a colour profile."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return encoded(RED, "JPEG", icc_profile=profile.tobytes())


def deep(kind: type, format: str) -> bytes:
    """Grey levels of more than 8 bits."""
    values = np.linspace(0, 1, 64).reshape(8, 8)
    scale = 1 if np.issubdtype(kind, np.floating) else 65535
    return encoded(Image.fromarray((values * scale).astype(kind)), format)


def jpeg_and_zip() -> bytes:
    """A JPEG that is a zip as well."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return jpeg(5) + file.getvalue()
