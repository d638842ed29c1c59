"""Finding the image that a name in a CSV means, however much of the path either side gives."""

import copy
import functools
import itertools
import unicodedata
from collections.abc import Collection, Sequence

from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of

# So many images with the same name are compared one by one; of more, the folders are looked up.
_FEW = 16

# An image by its position; several; or, of many, those in each folder.
_Node = int | list[int] | dict[str, "_Node"]
_Score = tuple[bool, int, int, bool]


def without_suffix(path: str) -> str:
    """The path without its image extension; other dots are part of the name."""
    suffix = suffix_of(path)
    return path[: -len(suffix)] if suffix in IMAGE_SUFFIXES else path


class ImageNames:
    """All the ways in which the images of an upload can be named.

    Memory is a few dozen bytes an image, however deep the paths are.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._named: dict[str, _Node] = {}
        self._preferred: frozenset[int] = frozenset()
        for position, path in enumerate(paths):
            _put(self._named, _key(path.rpartition("/")[2]), position)

    @functools.cached_property
    def _spellings(self) -> set[str]:
        bases = [path.rpartition("/")[2] for path in self._paths]
        return {*bases, *map(without_suffix, bases)}

    def path(self, position: int) -> str:
        """Where an image is in the upload."""
        return self._paths[position]

    def spells(self, name: str) -> bool:
        """Whether a name ends exactly as an image's path does; a quick look before `find`."""
        return name[name.rfind("/") + 1 :] in self._spellings

    def find(self, name: str) -> int | None:
        """Position of the image that `name` means, or None where there is none or several.

        The longest common end of both paths decides; the exact spelling goes before another case,
        and the extension only counts where it tells images apart.
        """
        name = name.strip().replace("\\", "/").removeprefix("./").strip("/")
        base = name.rpartition("/")[2]
        key, whole = _key(base), _folded(base)
        node = self._named.get(key)
        may_be_whole = whole != key and whole in self._named  # `a.jpg` may mean `a.jpg.png`
        if isinstance(node, int) and not may_be_whole:
            return node
        parts = name.split("/")
        found = self._candidates(key, parts) if base else []
        if may_be_whole:
            found = [*found, *self._candidates(whole, parts)]
        if not found:
            return None
        scores = [_score(parts, self._paths[position].split("/")) for position in found]
        best = max(scores)
        found = [one for one, score in zip(found, scores, strict=True) if score == best]
        if len(found) > 1:
            found = [one for one in found if one in self._preferred]
        return found[0] if len(found) == 1 else None

    def preferring(self, positions: Collection[int]) -> "ImageNames":
        """The same names; where one means several images, that of these is meant.

        Args:
            positions: of images, such as those of the split that a table is about.
        """
        names = copy.copy(self)
        names._preferred = frozenset(positions)
        return names

    def respelt(self, name: str, position: int) -> str:
        """In what a name differs from that of the image it means: `letter case`, `extension`.

        Empty where it is spelt alike, with or without the extension.
        """
        base = name.strip().replace("\\", "/").strip("/").rpartition("/")[2]
        own = self._paths[position].rpartition("/")[2]
        base, own = (unicodedata.normalize("NFC", text) for text in (base, own))
        spellings = own, without_suffix(own)
        if base in spellings:
            return ""
        return "letter case" if _folded(base) in map(_folded, spellings) else "extension"

    def _candidates(self, key: str, parts: list[str]) -> list[int]:
        """Few images that end in `key` without its extension, in the folders that `parts` say."""
        places, depth = self._named, 0
        while (node := places.get(key)) is not None:
            depth += 1
            if isinstance(node, int):
                return [node]
            if isinstance(node, list) and len(node) <= _FEW:
                return node
            if isinstance(node, list) and not key:
                return []  # all have the same path but for the case
            if isinstance(node, list):
                node = places[key] = self._by_folder(node, depth)
            wanted = _folded(parts[-1 - depth]) if depth < len(parts) else ""
            places, key = node, wanted if wanted in node else ""
        return []

    def _by_folder(self, positions: list[int], depth: int) -> dict[str, _Node]:
        """Share images out by their folder `depth` levels up; those without any get no name."""
        shared: dict[str, _Node] = {}
        for position in positions:
            parts = self._paths[position].rsplit("/", depth + 1)
            _put(shared, _folded(parts[-1 - depth]) if depth < len(parts) else "", position)
        return shared


def _put(places: dict[str, _Node], key: str, position: int) -> None:
    there = places.get(key)
    if isinstance(there, list):
        there.append(position)
    else:
        places[key] = position if not isinstance(there, int) else [there, position]


def _key(base: str) -> str:
    return _folded(without_suffix(base))


def _folded(text: str) -> str:
    """Equal for texts that differ only in case or in how accents are put together."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _score(wanted: list[str], parts: list[str]) -> _Score:
    """How well an image fits a name: greater is better."""
    exact = _common_end(wanted, parts)
    folded = _common_end([*map(_folded, wanted)], [*map(_folded, parts)])
    depth = exact or folded
    return exact > 0, depth, _suffix_fit(wanted[-1], parts[-1]), depth == len(parts)


def _common_end(wanted: list[str], parts: list[str]) -> int:
    """How many parts agree, from the last one; that with or without its extension."""
    bases = {without_suffix(wanted[-1]), wanted[-1]}
    if without_suffix(parts[-1]) not in bases:
        return 0
    pairs = zip(reversed(wanted[:-1]), reversed(parts[:-1]), strict=False)
    return 1 + sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _suffix_fit(wanted: str, base: str) -> int:
    folded, folded_base = _folded(wanted), _folded(base)
    return (
        4 * (wanted == base) + 2 * (folded == folded_base) + (folded == without_suffix(folded_base))
    )
