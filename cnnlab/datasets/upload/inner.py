"""Zips that lie in a folder, in a tar or beside one another: read where they are."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, cast

from cnnlab.datasets import limits
from cnnlab.datasets.upload.archives import ZipReader, list_zip
from cnnlab.datasets.upload.parts import Whole, whole_archives
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import InnerEntry, Listing, Member, MemberReader, ZipEntry
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.datasets.upload.volumes import Piece, Volume
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.errors import UploadError

PieceOf = Callable[[Member], Piece]
"""Where a member of a folder, a tar or several files lies."""


class _Zip(NamedTuple):
    """One zip and what it is a part of."""

    volume: Volume
    whole: Whole


def with_inner_zips(outer: Listing, piece_of: PieceOf) -> Listing:
    """The files of the zips instead of the zips, where no image lies beside them.

    Raises:
        UploadError: a part of a zip is missing, or one is refused.
    """
    zips = _find(outer, piece_of)
    if not zips:
        return outer
    taken = {path for inner in zips for names in inner.whole.zips for path in names}
    members = {member.path: member for member in outer.members if member.path not in taken}
    skipped, folders = [*outer.skipped], list[str]()
    has_several = len({inner.whole.path for inner in zips}) > 1
    for number, inner in enumerate(zips):
        listing = list_zip(inner.volume)
        folder = _folder(inner.whole, listing) if has_several else ""
        folders += [folder + name for name in listing.folders]
        for file in listing.skipped:
            skipped.append(SkippedFile(folder + file.file, file.reason))
        for member in listing.members:
            path = folder + member.path
            if path in members:
                skipped.append(SkippedFile(path, "is in several of the zips"))
            else:
                entry = InnerEntry(number, cast("ZipEntry", member.location))  # by `list_zip`
                members[path] = member._replace(path=path, location=entry)
        _check_limits(members)
    warnings = [_say_parts(whole) for whole in {inner.whole for inner in zips} if whole.is_parted]
    return Listing(
        tuple(members.values()),
        tuple(skipped),
        (*outer.warnings, *warnings),
        (*outer.folders, *folders),
    )


def _find(outer: Listing, piece_of: PieceOf) -> list[_Zip]:
    if any(suffix_of(member.path) in IMAGE_SUFFIXES for member in outer.members):
        return []
    members = {member.path: member for member in outer.members}
    return [
        _Zip(Volume(_called(whole, names), tuple(piece_of(members[name]) for name in names)), whole)
        for whole in whole_archives(members)
        for names in whole.zips
    ]


def _called(whole: Whole, names: tuple[str, ...]) -> str:
    return (whole.path if len(names) > 1 else names[0]).rpartition("/")[2]


def _folder(whole: Whole, listing: Listing) -> str:
    """What tells the files of one zip from those of others, as its own folder may do."""
    stem = whole.path.rpartition("/")[2][: -len(".zip")]
    tops = {member.path.partition("/")[0].casefold() for member in listing.members}
    return "" if tops == {stem.casefold()} else f"{stem}/"


def _check_limits(members: dict[str, Member]) -> None:
    total_bytes = sum(member.size_bytes for member in members.values())
    if len(members) > limits.MAX_ENTRIES or total_bytes > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The zips hold more than {limits.MAX_ENTRIES:,} files, or more than can be unpacked; "
            "import fewer of them, or raise CNNLAB_MAX_ENTRIES or CNNLAB_MAX_TOTAL_BYTES"
        )


def _say_parts(whole: Whole) -> DatasetWarning:
    names = [name.rpartition("/")[2] for one in whole.zips for name in one]
    if len(names) == 1:
        message = (
            f"{printable(names[0])} may be one part of several, as Google Drive makes them; if "
            "there are others, import all parts together."
        )
    else:
        message = f"{len(names)} parts were read together: {printable(', '.join(names))}."
    return DatasetWarning("parts", message, len(names))


class InnerReader:
    """Reads members of a folder, a tar or several files, and of the zips in them."""

    def __init__(self, outer: MemberReader, find: Callable[[], tuple[Listing, PieceOf]]) -> None:
        """`find` lists the outer files again: only who reads from a zip in them needs it."""
        self._outer, self._find_outer = outer, find
        self._zips: list[_Zip] | None = None
        self._readers: dict[int, ZipReader] = {}
        self._open = ExitStack()

    def read(self, member: Member) -> bytes:
        """The member's bytes (see `MemberReader`)."""
        return b"".join(self.chunks(member))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes in pieces (see `MemberReader`)."""
        if isinstance(member.location, str | int):
            return self._outer.chunks(member)
        archive, entry = cast("InnerEntry", member.location)  # maybe from JSON
        return self._reader(archive).chunks(member._replace(location=entry))

    def _reader(self, archive: int) -> ZipReader:
        if archive not in self._readers:
            self._zips = _find(*self._find_outer()) if self._zips is None else self._zips
            file = self._open.enter_context(self._zips[archive].volume.open("rb"))
            self._readers[archive] = ZipReader(file)
        return self._readers[archive]

    def close(self) -> None:
        """Close the zips."""
        self._open.close()


def piece_in_file(path: Path) -> PieceOf:
    """Where the members of a tar lie."""
    return lambda member: Piece(path, cast("int", member.location), member.size_bytes)


def piece_in_folder(folder: Path) -> PieceOf:
    """Where the members of a folder lie, or of several files, whose paths are absolute."""
    return lambda member: Piece(folder / str(member.location), 0, member.size_bytes)
