"""What a file's extension says."""

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif")
) | {".tiff"}


def suffix_of(path: str) -> str:
    """The file name extension in lower case with its dot, or an empty text."""
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return f".{suffix.casefold()}" if dot and stem else ""
