"""Makes uploads of every kind for the tests."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def jpeg(seed: int = 0, size: tuple[int, int] = (24, 20)) -> bytes:
    """A JPEG unlike that of any other seed."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    return encoded(coarse.resize(size), "JPEG", quality=90)


def encoded(image: Image.Image, format: str, **options) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def images(*paths: str) -> dict[str, bytes]:
    """A different JPEG at every path."""
    return {path: jpeg(seed) for seed, path in enumerate(paths)}


def make_zip(path: Path, files: Mapping[str, bytes], **options) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def make_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of these files."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path
