"""What is no upload at all, under whatever name."""

import bz2
import gzip
import lzma
import os
from pathlib import Path

from PIL import Image

from tests.datasets.corpus.case import refused, written
from tests.datasets.corpus.zip_making import zip_bytes
from tests.datasets.uploads import encoded, jpeg

_PIXEL = Image.new("RGB", (8, 8), "red")
_DOCX = {
    "[Content_Types].xml": b"<Types/>",
    "word/document.xml": b"<w:document/>",
    "word/media/image1.png": encoded(_PIXEL, "PNG"),
}
_FOREIGN = {
    "a RAR archive": (b"Rar!\x1a\x07\x01\0" + bytes(100), "a RAR archive, not a zip file; unpack"),
    "a 7z archive": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "a 7z archive, not a zip file; unpack it"),
    "a Zstandard file": (b"(\xb5/\xfd" + bytes(100), "a Zstandard file"),
    "a PDF": (b"%PDF-1.7\n" + bytes(100), "a PDF, not a zip file; put the images into a zip"),
    "a Windows program": (b"MZ\x90\0" + bytes(100), "a Windows program"),
    "a Linux program": (b"\x7fELF" + bytes(100), "a Linux program"),
    "a web page": (b"\r\n<!DOCTYPE html><html><p>Log in", "a web page.*download it again"),
    "a web page without a doctype": (b"<HTML><body>404", "a web page"),
    "an SVG": (b"<?xml version='1.0'?><svg/>", "an XML file"),
    "a JPEG": (jpeg(), "a single JPEG image, not a zip file; put the images into a zip"),
    "a PNG": (encoded(_PIXEL, "PNG"), "a single PNG image"),
    "a GIF": (encoded(_PIXEL, "GIF"), "a single GIF image"),
    "a BMP": (encoded(_PIXEL, "BMP"), "a single BMP image"),
    "a TIFF": (encoded(_PIXEL, "TIFF"), "a single TIFF image"),
    "a WebP": (encoded(_PIXEL, "WEBP"), "a single WebP image"),
    "a HEIC": (b"\0\0\0\x18ftypheic" + bytes(100), "a video or a HEIC photo"),
    "a SQLite database": (b"SQLite format 3\0" + bytes(100), "a SQLite database"),
    "a NumPy array": (b"\x93NUMPY\1\0" + bytes(100), "a NumPy array"),
    "an HDF5 file": (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
    "a Parquet file": (b"PAR1" + bytes(100), "a Parquet file"),
    "a PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript file"),
    "an old Word document": (b"\xd0\xcf\x11\xe0" + bytes(100), "an old Office document"),
    "a gzipped text": (gzip.compress(b"hello"), "compressed but holds no tar archive; pack the"),
    "a gzipped image": (gzip.compress(jpeg()), "compressed but holds no tar archive"),
    "a gzipped zip": (gzip.compress(zip_bytes()), "compressed but holds no tar archive"),
    "a bzipped text": (bz2.compress(b"hello"), "compressed but holds no tar archive"),
    "an xzipped text": (lzma.compress(b"hello"), "compressed but holds no tar archive"),
    "a start of gzip": (b"\x1f\x8b\x08", "damaged or incomplete and can't be decompressed"),
    "a Word document": (zip_bytes(_DOCX), "No image of the upload has a label|only one class"),
    "nothing": (b"", r"is empty \(0 bytes\), not a zip file; make or download"),
    "a text": (b"hello", "is not a zip file; put the images into a zip file"),
    "zeros": (bytes(20_000), "is not a zip file"),
    "only an end of a zip": (b"PK\5\6" + bytes(10), "is not a zip file"),
}


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "upload.zip")
    return folder / "upload.zip"


def _dangling(folder: Path) -> Path:
    (folder / "upload.zip").symlink_to(folder / "nothing.zip")
    return folder / "upload.zip"


CASES = (
    *(
        refused(f"{name} called zip", written(content), message)
        for name, (content, message) in _FOREIGN.items()
    ),
    refused("a pipe", _pipe, "neither a zip file nor a tar file nor a folder"),
    refused("a device", lambda folder: Path("/dev/null"), "neither a zip file nor a tar file"),
    refused("a missing path", lambda folder: folder / "none.zip", "does not exist; give the path"),
    refused("a dangling link", _dangling, "does not exist; give the path"),
    refused("a path of 5,000 characters", lambda folder: folder / ("a" * 5000), "can't be opened"),
    refused(
        "a file as a folder", lambda folder: written(b"")(folder) / "x", "does not exist|opened"
    ),
    refused("a name of two lines", written(b"hello", "a\nb\u202e.zip"), "The file a.b..zip is not"),
)
