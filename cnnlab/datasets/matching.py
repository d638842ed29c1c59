"""Finding the image that a name in a CSV means, however much of the path either side gives."""

from collections.abc import Iterator, Sequence

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif")
) | {".tiff"}


def suffix_of(path: str) -> str:
    """The file name extension in lower case with its dot, or an empty text."""
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return f".{suffix.casefold()}" if dot and stem else ""


def without_suffix(path: str) -> str:
    """The path without its image extension; other dots are part of the name."""
    suffix = suffix_of(path)
    return path[: -len(suffix)] if suffix in IMAGE_SUFFIXES else path


class ImageNames:
    """All the ways in which the images of an upload can be named."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._exact = _index(paths)
        self._folded = _index([path.casefold() for path in paths])

    def find(self, name: str) -> int | None:
        """Position of the image that `name` means, or None where there is none or several.

        The longest common end of both paths decides; the exact spelling goes before another case,
        and the extension only counts where it tells images apart.
        """
        name = name.strip().replace("\\", "/").removeprefix("./").strip("/")
        if not name:
            return None
        for index, text in ((self._exact, name), (self._folded, name.casefold())):
            for end in _ends(text):
                for key in (end, without_suffix(end)):
                    found = index.get(key, -1)
                    if found >= 0:
                        return found
        return None


def _index(paths: Sequence[str]) -> dict[str, int]:
    """Every end of every path, with and without extension; -1 for what names several images."""
    index: dict[str, int] = {}
    for position, path in enumerate(paths):
        for end in _ends(path):
            for key in {end, without_suffix(end)}:
                index[key] = position if index.get(key, position) == position else -1
    whole: dict[str, int] = {}
    for position, path in enumerate(paths):
        whole[path] = position if path not in whole else -1
    return index | whole


def _ends(path: str) -> Iterator[str]:
    """`a/b/c`, `b/c`, `c`."""
    yield path
    while "/" in path:
        path = path.partition("/")[2]
        yield path
