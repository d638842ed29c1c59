"""Several formats of a run as one zip, made while it is sent: no copy of it lies anywhere."""

import contextlib
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from cnnlab.domain.errors import BadInputError, DamagedError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.words import listed
from cnnlab.exports.format import Format
from cnnlab.exports.table import find_format
from cnnlab.files import Pieces, disk_errors
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.overview import ExportRow, export_overview
from cnnlab.lab.exporting.preparing import model_package
from cnnlab.lab.exporting.several_text import README, readme_text
from cnnlab.lab.runs import load_run

SUMS = "SHA256SUMS"
"""A member of the zip that `sha256sum --check` reads."""

_PIECE_BYTES = 2**18


@asks(Action.VIEW)
def exports_name(run: str, *, calibrated: bool = False) -> str:
    """What the zip is called in a download."""
    return f"cnnlab-{run}-formats{'-calibrated' if calibrated else ''}.zip"


@asks(Action.VIEW)
def exports_zip(run: str, formats: Sequence[str], *, calibrated: bool = False) -> Iterator[bytes]:
    """A zip in pieces: a folder for each format, a text about them, and all files' checksums.

    All files are open before the first piece: what is deleted or made anew meanwhile is in it as it
    was.

    Args:
        run: its id.
        formats: names of the table of formats, each ready; twice is once.
        calibrated: whether models with the temperature of the evaluation are meant.

    Raises:
        BadInputError: no format is named, or there is none of such a name.
        NotFoundError: there is no run with this id.
        RunStateError: some aren't ready.
        StorageError: a file is damaged or can't be read.
    """
    wanted = {name: find_format(name) for name in formats}
    if not wanted:
        raise BadInputError("Name at least one format, such as ?formats=keras,onnx.")
    rows = [row for row in export_overview(run, calibrated=calibrated) if row.format.name in wanted]
    if missing := [row.format.title for row in rows if not row.is_ready]:
        raise RunStateError(
            f"{listed(missing)} of the run {run} {'is' if len(missing) == 1 else 'are'} not ready: "
            "prepare what is missing on the page of models first."
        )
    opened = contextlib.ExitStack()
    try:
        sources = [_Source(run, row, opened) for row in rows]
        text = readme_text(load_run(run), rows, [source.names for source in sources])
    except BaseException:
        opened.close()
        raise
    return _pieces(text, sources, opened)


class _Source:
    """A format's package, open."""

    def __init__(self, run: str, row: ExportRow, opened: contextlib.ExitStack) -> None:
        self.format: Format = row.format
        path = model_package(run, row.format.name, calibrated=row.calibrated)
        with disk_errors(path):
            self.file = opened.enter_context(path.open("rb"))
            # A bundle is a zip whose own checksums are about it as it is: it stays one.
            self.archive = _as_zip(path, self.file, opened) if self.format.has_package else None

    @property
    def names(self) -> list[str]:
        """Of its files, in its folder."""
        return self.archive.namelist() if self.archive else [self.format.file]

    def members(self) -> Iterator[tuple[str, IO[bytes]]]:
        """What is in it, by its name in the zip."""
        folder = self.format.name
        if self.archive is None:
            yield f"{folder}/{self.format.file}", self.file
            return
        for info in self.archive.infolist():
            if not info.is_dir():
                with self.archive.open(info) as member:
                    yield f"{folder}/{info.filename}", member


def _as_zip(path: Path, file: IO[bytes], opened: contextlib.ExitStack) -> zipfile.ZipFile:
    try:
        return opened.enter_context(zipfile.ZipFile(file))
    except zipfile.BadZipFile as error:
        raise DamagedError(f"{path} is damaged: have it prepared again.") from error


def _pieces(text: str, sources: Sequence[_Source], opened: contextlib.ExitStack) -> Iterator[bytes]:
    pieces, sums = Pieces(), [f"{hashlib.sha256(text.encode()).hexdigest()}  {README}\n"]
    with opened, zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(README), text.encode())
        for source in sources:
            for name, content in source.members():
                digest = hashlib.sha256()
                with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                    while piece := content.read(_PIECE_BYTES):
                        digest.update(piece)
                        member.write(piece)
                        yield pieces.take()
                sums.append(f"{digest.hexdigest()}  {name}\n")
        archive.writestr(SUMS, "".join(sums))
    yield pieces.take()
