"""What a file is by its first bytes, where it is not an upload that can be read."""

from typing import NamedTuple


class ForeignFormat(NamedTuple):
    """A format that is not read as an upload, and what to do about it, where that isn't plain."""

    name: str
    advice: str = ""


_AGAIN = "unpack it and zip the folder of images"
_PAGE = ForeignFormat(
    "a web page", "download it again, perhaps after logging in, and look at what you have got"
)
_TAR_IN_IT = "pack the images into a zip or tar file"
_FORMATS = {
    b"Rar!": ForeignFormat("a RAR archive", _AGAIN),
    b"7z\xbc\xaf": ForeignFormat("a 7z archive", _AGAIN),
    b"(\xb5/\xfd": ForeignFormat("a Zstandard file", _AGAIN),
    b"\x1f\x8b": ForeignFormat("a gzip file without a tar archive in it", _TAR_IN_IT),
    b"BZh": ForeignFormat("a bzip2 file without a tar archive in it", _TAR_IN_IT),
    b"\xfd7zXZ": ForeignFormat("an xz file without a tar archive in it", _TAR_IN_IT),
    b"%PDF": ForeignFormat("a PDF"),
    b"\xff\xd8\xff": ForeignFormat("a single JPEG image"),
    b"\x89PNG": ForeignFormat("a single PNG image"),
    b"GIF8": ForeignFormat("a single GIF image"),
    b"BM": ForeignFormat("a single BMP image"),
    b"II*\0": ForeignFormat("a single TIFF image"),
    b"MM\0*": ForeignFormat("a single TIFF image"),
    b"RIFF": ForeignFormat("a single WebP image, a sound or a video"),
    b"MZ": ForeignFormat("a Windows program"),
    b"\x7fELF": ForeignFormat("a Linux program"),
    b"SQLite format 3": ForeignFormat("a SQLite database"),
    b"\x89HDF": ForeignFormat("an HDF5 file"),
    b"\x93NUMPY": ForeignFormat("a NumPy array"),
    b"PAR1": ForeignFormat("a Parquet file"),
    b"%!PS": ForeignFormat("a PostScript file"),
    b"\xd0\xcf\x11\xe0": ForeignFormat("an old Office document"),
}


def foreign_format(start: bytes) -> ForeignFormat | None:
    """Recognise a format.

    Args:
        start: the first bytes of a file, up to 512.
    """
    for signature, found in _FORMATS.items():
        if start.startswith(signature):
            return found
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        return _PAGE if b"html" in text else ForeignFormat("an XML file")
    return ForeignFormat("a video or a HEIC photo") if start[4:8] == b"ftyp" else None
