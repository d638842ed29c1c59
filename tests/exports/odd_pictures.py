"""Files of every kind that an image comes in, small and odd."""

import numpy as np
from PIL import Image, ImageCms

from tests.datasets.deep_pictures import COLORS, colors_png
from tests.datasets.uploads import encoded

_ORIENTATION = 0x0112


def odd_files() -> dict[str, bytes]:
    """Contents of files by a name that says what is odd about each."""
    return {**_turned(), **_modes(), **_deep(), **_frames(), **_shapes()}


def _photo(width: int = 37, height: int = 23, channels: int = 3) -> np.ndarray:
    """(height, width, channels) uint8, smooth as a photo, no two corners alike."""
    noise = np.random.default_rng(width).integers(0, 256, (5, 4, channels), np.uint8)
    parts = [Image.fromarray(noise[:, :, one]).resize((width, height)) for one in range(channels)]
    return np.dstack([np.asarray(part) for part in parts])


_PHOTO = Image.fromarray(_photo())
_RGBA = Image.fromarray(_photo(channels=4))


def _turned() -> dict[str, bytes]:
    files = {}
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[_ORIENTATION] = orientation
        files[f"turned {orientation}"] = encoded(_PHOTO, "JPEG", exif=exif)
    for format in ("PNG", "WEBP", "TIFF"):
        exif = Image.Exif()
        exif[_ORIENTATION] = 6
        files[f"turned {format}"] = encoded(_PHOTO, format, exif=exif)
    content = encoded(_PHOTO, "JPEG", exif=b"Exif\0\0broken")
    return files | {"broken exif": content}


def _modes() -> dict[str, bytes]:
    palette = _PHOTO.quantize(17)
    gray = _PHOTO.convert("L")
    lab = ImageCms.profileToProfile(
        _PHOTO, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    return {
        "palette": encoded(palette, "PNG"),
        "palette, one colour transparent": encoded(palette, "PNG", transparency=3),
        "palette, some transparent": encoded(palette, "PNG", transparency=bytes(range(0, 255, 15))),
        "palette GIF": encoded(palette, "GIF", transparency=2),
        "palette TIFF": encoded(palette, "TIFF"),
        "grey": encoded(gray, "JPEG"),
        "grey, one level transparent": encoded(
            gray, "PNG", transparency=int(gray.getpixel((3, 3)))
        ),
        "RGB, one colour transparent": encoded(_PHOTO, "PNG", transparency=_PHOTO.getpixel((3, 3))),
        "alpha": encoded(_RGBA, "PNG"),
        "alpha WEBP": encoded(_RGBA, "WEBP", lossless=True),
        "alpha TIFF": encoded(_RGBA, "TIFF"),
        "grey alpha": encoded(_RGBA.convert("LA"), "PNG"),
        "1 bit": encoded(gray.convert("1"), "PNG"),
        "1 bit TIFF": encoded(gray.convert("1"), "TIFF", compression="group4"),
        "1 bit BMP": encoded(gray.convert("1"), "BMP"),
        "CMYK": encoded(_PHOTO.convert("CMYK"), "JPEG"),
        "CMYK TIFF": encoded(_PHOTO.convert("CMYK"), "TIFF"),
        "YCbCr TIFF": encoded(_PHOTO.convert("YCbCr"), "TIFF", compression="jpeg"),
        "LAB": encoded(lab, "TIFF"),
    }


def _deep() -> dict[str, bytes]:
    ramp = np.linspace(0, 1, 37 * 23).reshape(23, 37)
    odd = (ramp * 2 - 0.5).astype(np.float32)
    odd[:2, 5:8] = np.nan, np.inf, -np.inf
    arrays = {
        "16 bits": (ramp * 65535).astype(np.uint16),
        "12 bits in 16": (ramp * 4095).astype(np.uint16),
        "16 bits, big end first": (ramp * 9000).astype(">u2"),
        "int32": (ramp * 200).astype(np.int32),
        "int32 of 16 bits": (ramp * 60_000).astype(np.int32),
        "int32, Hounsfield": (ramp * 4095 - 1024).astype(np.int32),
        "float to 1": ramp.astype(np.float32),
        "float to 255": (ramp * 255).astype(np.float32),
        "float to a million": (ramp * 1e6).astype(np.float32),
        "float, not all numbers": odd,
    }
    files = {name: encoded(Image.fromarray(values), "TIFF") for name, values in arrays.items()}
    files["16 bits PNG"] = encoded(Image.fromarray(arrays["16 bits"]), "PNG")
    values = (np.dstack([ramp, ramp[::-1], ramp[:, ::-1]]) * 4095).astype(np.uint16)
    files |= {f"16 bits, {name}": write(values) for name, write in COLORS.items()}
    files["16 bits, grey alpha"] = colors_png(values[:, :, :2] * 16)
    return files


def _frames() -> dict[str, bytes]:
    frames = [_PHOTO, _PHOTO.rotate(180), _PHOTO.rotate(90)]
    options = {"save_all": True, "append_images": frames[1:]}
    return {
        f"several {format}": encoded(frames[0], format, **options)
        for format in ("GIF", "WEBP", "TIFF", "MPO", "PNG")
    }


def _shapes() -> dict[str, bytes]:
    sides = [(1, 1), (1, 50), (50, 1), (16, 16), (17, 16), (300, 3), (15, 33)]
    files = {
        f"{width} x {height}": encoded(Image.fromarray(_photo(width, height)), "PNG")
        for width, height in sides
    }
    large = Image.fromarray(_photo(901, 577))  # decoded at a part of its size
    files["large JPEG"] = encoded(large, "JPEG")
    files["large progressive JPEG"] = encoded(large, "JPEG", progressive=True, subsampling=2)
    files["large grey JPEG"] = encoded(large.convert("L"), "JPEG")
    files["large CMYK JPEG"] = encoded(large.convert("CMYK"), "JPEG")
    files["BMP"] = encoded(Image.fromarray(_photo(5, 7)), "BMP")
    return files
