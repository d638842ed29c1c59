"""What a run can be taken along as: every format with where it stands, and one of them closely."""

import functools
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.errors import DamagedError
from cnnlab.domain.people.person import Action
from cnnlab.exports.format import Format, Group
from cnnlab.exports.table import all_formats, find_format
from cnnlab.files import disk_errors
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.calibration import is_outdated, wanted_calibration
from cnnlab.lab.exporting.page_check import images_to_check
from cnnlab.lab.exporting.preparing import ExportState, model_package, package_name, state_of
from cnnlab.lab.exporting.there import find_there
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.package import PACKAGE

_TEXTS = {".py", ".json", ".md", ".txt", ".cpp", ".kt", ".js", ".html", ".yaml", ".toml", ""}
_MOST_TEXT_BYTES = 64 * 2**10
_PIECE_BYTES = 2**20


@dataclass(frozen=True)
class ExportRow:
    """A format of a run.

    Attributes:
        format: its facts.
        calibrated: whether the temperature of the evaluation is meant.
        state: how its preparation goes; None where nobody has asked for it.
        pip_line: what installs the packages that are missing to make it; None if all is there.
        images_to_check: by how many images a visitor's browser has to check it before it is
            offered; 0 where nothing is to be done.
        download_bytes: of the package that is downloaded; 0 where that is the file itself, or
            there is none yet.
        is_outdated: whether it is there and was made before the evaluation said what it says now.
    """

    format: Format
    calibrated: bool
    state: ExportState | None
    pip_line: str | None
    images_to_check: int = 0
    download_bytes: int = 0
    is_outdated: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded."""
        return self.state is not None and self.state.is_ready and not self.images_to_check

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or is being written."""
        return self.state is not None and not self.state.is_ended


@dataclass(frozen=True)
class Member:
    """A file in a download."""

    name: str
    bytes: int


@dataclass(frozen=True)
class ExportDetails:
    """What a download is.

    Attributes:
        name: of the file.
        bytes: of the file.
        sha256: of the file, hex.
        members: what lies in it, where it is a zip.
        texts: of them, those that are read by people, by their names.
    """

    name: str
    bytes: int
    sha256: str
    members: list[Member]
    texts: dict[str, str]


@asks(Action.VIEW)
def export_overview(run: str, *, calibrated: bool = False) -> list[ExportRow]:
    """Every format with where it stands; what isn't there costs next to nothing to look at.

    Args:
        run: its id.
        calibrated: whether models with the temperature of the evaluation are meant.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: what is stored can't be read at the moment.
    """
    row = load_run(run)
    attempt = newest_attempt(row)
    wanted = wanted_calibration(row, attempt, calibrated=calibrated)
    rows = []
    for each in all_formats().values():
        is_calibrated = calibrated and each.gives_probabilities
        state = state_of(row, attempt, each.name, calibrated=is_calibrated)
        images = 0
        if each.group is Group.PAGE and state is not None and state.is_ready:
            images = images_to_check(run, calibrated=is_calibrated)
        has_package = each.has_package and state is not None and state.is_ready
        size = _package_bytes(attempt, each.name, calibrated=is_calibrated) if has_package else 0
        outdated = is_outdated(attempt, each.name, wanted, calibrated=is_calibrated)
        rows.append(ExportRow(each, is_calibrated, state, each.pip_line, images, size, outdated))
    return rows


def _package_bytes(attempt: Attempt, export_format: str, *, calibrated: bool) -> int:
    folder = find_there(attempt, export_format, calibrated=calibrated).folder
    package = folder and folder / PACKAGE
    return package.stat().st_size if package and package.exists() else 0


@asks(Action.VIEW)
def export_details(run: str, export_format: str, *, calibrated: bool = False) -> ExportDetails:
    """What is downloaded of a format that is ready.

    Raises:
        BadInputError: there is no such format.
        NotFoundError: there is no run with this id.
        RunStateError: it isn't ready.
        StorageError: the file is damaged or can't be read.
    """
    package = model_package(run, find_format(export_format).name, calibrated=calibrated)
    with disk_errors(package):
        stamp = package.stat()
        sha256, members, texts = _inside(package, stamp.st_mtime_ns, stamp.st_size)
    name = package_name(run, export_format, calibrated=calibrated)
    return ExportDetails(name, stamp.st_size, sha256, members, texts)


@functools.lru_cache(maxsize=64)
def _inside(package: Path, changed_at: int, size: int) -> tuple[str, list[Member], dict[str, str]]:
    """Checksum, members and texts of a file; the moment and the size say which one it is."""
    digest = hashlib.sha256()
    with package.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    if package.suffix != ".zip":
        return digest.hexdigest(), [], {}
    try:
        with zipfile.ZipFile(package) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            texts = {
                info.filename: archive.read(info).decode(errors="replace")
                for info in infos
                if "/" not in info.filename
                and Path(info.filename).suffix in _TEXTS
                and info.file_size <= _MOST_TEXT_BYTES
            }
    except zipfile.BadZipFile as error:
        raise DamagedError(f"{package} is damaged: have it prepared again.") from error
    return digest.hexdigest(), [Member(info.filename, info.file_size) for info in infos], texts
