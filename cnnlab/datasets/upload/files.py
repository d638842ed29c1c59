"""An upload that is several files, each named by the user on the command line."""

import os
from collections.abc import Sequence
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.upload.parts import part_of
from cnnlab.datasets.upload.paths import bad_path, printable
from cnnlab.datasets.upload.sources import Listing, Member, Source
from cnnlab.domain.dataset import SkippedFile
from cnnlab.domain.errors import UploadError


def with_other_parts(source: Source) -> Source:
    """The source, and where it is one part of an archive, the others that lie beside it."""
    if isinstance(source, tuple):
        return source if len(source) > 1 else with_other_parts(source[0])
    part = part_of(source.name)
    kind, whole = ("spanned", source.name) if part is None else (part.kind, part.whole)
    try:
        if not source.is_file():
            return source
        beside = {path for path in source.parent.iterdir() if _belongs(path.name, kind, whole)}
    except OSError:  # listing it says what is wrong
        return source
    end = source.with_name(whole)  # of a spanned zip: it has no number
    if beside and kind == "spanned" and end.is_file():
        beside.add(end)
    return tuple(sorted(beside)) or source


def _belongs(name: str, kind: str, whole: str) -> bool:
    part = part_of(name)
    return part is not None and (part.kind, part.whole) == (kind, whole)


def list_files(files: Sequence[Path]) -> Listing:
    """List files by the end of their paths that tells them apart.

    Raises:
        UploadError: one is missing or no file, or they are more than the limits allow.
    """
    common = Path(os.path.commonpath([path.absolute().parent for path in files]))
    members, skipped = [], []
    for path in dict.fromkeys(path.absolute() for path in files):
        if not path.is_file():
            raise UploadError(
                f"{printable(path)} is not a file; give one folder, or files that are there"
            )
        inside = path.relative_to(common).as_posix()
        shown = inside.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if reason := bad_path(shown):
            skipped.append(SkippedFile(shown, reason))
        else:
            members.append(Member(shown, path.stat().st_size, str(path.resolve())))
    if len(members) > limits.MAX_ENTRIES:
        raise UploadError(f"More than {limits.MAX_ENTRIES:,} files; import their folder instead")
    return Listing(tuple(members), tuple(skipped))
