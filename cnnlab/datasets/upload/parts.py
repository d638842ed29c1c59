"""Archives that came in several parts: which file is which part, and whether all are there.

`a.zip.001`, `a.zip.002`, ... are one zip that was cut; `a.z01`, ..., `a.zip` one that lies on
several disks; `a-001.zip`, `a-002.zip`, ... (Google Drive) are each a zip of some of the files.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.errors import UploadError

_CUT = re.compile(r"(?P<whole>.+\.(?:zip|7z|rar|tar|tgz|gz|bz2|xz))\.(?P<number>\d{2,4})", re.I)
_SPANNED = re.compile(r"(?P<whole>.+)\.z(?P<number>\d{2,3})", re.I)
_DRIVE = re.compile(
    r"(?P<whole>.+?)(?P<stamp>-\d{8}T\d{6}Z(?:-\d+)?)?-(?P<number>\d{3})\.zip", re.I
)
_STAMP = re.compile(r"-\d{8}T\d{6}Z(?:-\d+)?(?=\.zip$)", re.I)
_RAR = re.compile(r"(?P<whole>.+)\.part(?P<number>\d+)\.rar", re.I)
_TOGETHER = (
    "choose all parts together, in the browser at once, on the command line one after the other or "
    "in one folder"
)


_LIKELY_PARTS = 10
"""So many parts without Google Drive's stamp are less likely than a zip that is called so."""

Kind = Literal["cut", "spanned", "drive"]


class Part(NamedTuple):
    """What a file's name says.

    Attributes:
        whole: the archive's path, without what names the part.
        kind: how it was parted.
        number: from 1 on.
    """

    whole: str
    kind: Kind
    number: int


def part_of(path: str) -> Part | None:
    """Which part of which archive a file is by its name, if any."""
    folder, slash, name = path.rpartition("/")
    if found := _DRIVE.fullmatch(name):
        stamp = found["stamp"] or ""
        return _part(f"{folder}{slash}{found['whole']}{stamp}.zip", "drive", found)
    if found := _SPANNED.fullmatch(name):
        return _part(f"{folder}{slash}{found['whole']}.zip", "spanned", found)
    if found := _CUT.fullmatch(name) or _RAR.fullmatch(name):
        return _part(folder + slash + found["whole"], "cut", found)
    return None


def _part(whole: str, kind: Kind, found: re.Match[str]) -> Part | None:
    number = int(found["number"])
    return Part(whole, kind, number) if number else None


def whole_name(name: str) -> str:
    """What to call the whole archive of a part; other names stay as they are."""
    part = part_of(name)
    return _STAMP.sub("", part.whole) if part else name


class Whole(NamedTuple):
    """An archive.

    Attributes:
        path: what it is called without its parts.
        zips: the files of each zip file that it is made of, in order; several for Google Drive.
        is_parted: whether it came in several parts.
    """

    path: str
    zips: tuple[tuple[str, ...], ...]
    is_parted: bool


def whole_archives(paths: Iterable[str]) -> list[Whole]:
    """The zips among these files, their parts together.

    Raises:
        UploadError: a part is missing, or the parts are of another format.
    """
    paths = sorted(paths)
    parts: dict[tuple[str, Kind], dict[int, str]] = {}
    for path in paths:
        if part := part_of(path):
            parts.setdefault((part.whole, part.kind), {}).setdefault(part.number, path)
    plain = [path for path in paths if path.casefold().endswith(".zip") and not part_of(path)]
    ends = [path for path in plain if (path, "spanned") in parts]
    found = [Whole(path, ((path,),), False) for path in plain if path not in ends]
    for (whole, kind), numbers in parts.items():
        _check(whole, kind, numbers, whole in ends)
        ordered = [numbers[number] for number in sorted(numbers)]
        if kind == "drive":
            is_parted = len(numbers) > 1 or _may_have_others(whole, max(numbers))
            found.append(Whole(whole, tuple((path,) for path in ordered), is_parted))
        else:
            found.append(Whole(whole, ((*ordered, *(end for end in ends if end == whole)),), True))
    return sorted(found)


def _may_have_others(whole: str, number: int) -> bool:
    """Whether a zip alone is likely one of Google Drive's, not `cifar-100.zip`."""
    return bool(_STAMP.search(whole)) or number < _LIKELY_PARTS


def _check(whole: str, kind: Kind, numbers: dict[int, str], has_end: bool) -> None:
    """Refuse what isn't all there; a zip called `cifar-100.zip` is no part until others say so."""
    if kind == "drive" and len(numbers) == 1 and not _STAMP.search(whole):
        return
    first = numbers[min(numbers)]
    shown, called = (printable(path.rpartition("/")[2]) for path in (first, whole))
    if not whole.casefold().endswith(".zip"):
        raise UploadError(
            f"{shown} is one part of several of an archive that is not read in parts; put it "
            "together and unpack it, for example with 7-Zip, and zip the folder of images"
        )
    missing = next((n for n in range(1, max(numbers) + 1) if n not in numbers), None)
    if missing is not None:
        lack = f"part {missing:03} is missing"
    elif kind == "spanned":
        lack = "" if has_end else f"the last one, {called}, is missing"
    else:  # Google Drive calls a download 001 even where it is all in one
        is_alone = kind == "cut" and len(numbers) == 1
        lack = "part 002 and perhaps more are missing" if is_alone else ""
    if lack:
        raise UploadError(f"{shown} is one part of several: {lack}; {_TOGETHER}")
