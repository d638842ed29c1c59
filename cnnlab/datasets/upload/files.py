"""An upload that is several files, each named by the user on the command line."""

import os
from collections.abc import Sequence
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.upload.parts import part_of
from cnnlab.datasets.upload.paths import bad_path, printable
from cnnlab.datasets.upload.sources import Listing, Member, Source
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.errors import UploadError


def told_apart(source: Source) -> Source:
    """The source; one part of an archive that is given alone as the only one of several files.

    So it is judged as such, and refused: others that lie beside it may belong to something else.
    """
    if isinstance(source, tuple):
        return source if len(source) > 1 else told_apart(source[0])
    return (source,) if part_of(source.name) and source.is_file() else source


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
