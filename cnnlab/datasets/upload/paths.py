"""Paths inside an upload: never used as file names, and yet refused where they lead outside."""

import re
import unicodedata
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.domain.errors import UploadError

_SHOWN_CHARACTERS, _SHOWN_PATH_CHARACTERS = 80, 500
_JUNK = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "@eadir"}
_DRIVE = re.compile(r"[A-Za-z]:")


def printable(text: str | Path) -> str:
    """A name for a message: on one line, without what hides or turns other text, shortened.

    A path is left long enough to find the file.
    """
    limit = _SHOWN_CHARACTERS if isinstance(text, str) else _SHOWN_PATH_CHARACTERS
    kept = "".join(
        character if character == " " or _is_visible(character) else "\ufffd"
        for character in str(text)
    )
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ"


def inner_path(archive: str, name: str) -> str:
    """The path of an archive's entry with `/` between its parts; a folder's ends with one.

    Raises:
        UploadError: it leads outside of the archive, in the spelling of any system.
    """
    name = name.replace("\\", "/")
    parts = name.split("/")
    if (
        name.startswith("/")
        or _DRIVE.match(name)
        or (".." in name and any(part.strip() == ".." for part in parts))
    ):
        raise UploadError(
            f"The file {printable(archive)} is refused: it holds a path that leads outside, "
            f"{name[:80]!r}; pack the folder of images again"
        )
    return "/".join([*(part for part in parts[:-1] if part not in ("", ".")), parts[-1]])


def bad_path(path: str) -> str | None:
    """Why a file with this path is skipped, or None."""
    if "\0" in path:
        return "its name holds a zero byte"
    if len(path) > limits.MAX_PATH_CHARACTERS:
        return f"its path has more than {limits.MAX_PATH_CHARACTERS} characters"
    if path.count("/") > limits.MAX_DEPTH:
        return f"it lies more than {limits.MAX_DEPTH} folders deep"
    return None


def is_junk(path: str) -> bool:
    """Whether an operating system, not the user, put this file there."""
    return any(part.startswith(".") or part.casefold() in _JUNK for part in path.split("/"))
