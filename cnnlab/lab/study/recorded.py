"""The finished study that comes with the program; with the live demo, what Home offers at once."""

import functools
import json
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import NotFoundError, StorageError, UploadError
from cnnlab.domain.people.person import Action
from cnnlab.domain.study import Study
from cnnlab.files import wait_for_lock
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.datasets import SAMPLE, SAMPLE_NAME, find_content, import_dataset
from cnnlab.lab.exporting.importing import import_bundle, is_recorded
from cnnlab.lab.study.demo import demo_study
from cnnlab.lab.study.studies import launch_study, load_study
from cnnlab.lab.workplace import workplace

RECORDED = SAMPLE.with_name("recorded_study.zip")
"""An evidence bundle without models; `sample_data/record_demo.py` writes it."""


@asks(Action.VIEW)
def find_sample() -> Dataset | None:
    """The bundled sample among the datasets, by its content; None where it isn't there (yet)."""
    try:
        return find_content(_recorded().content_hash)
    except UploadError:  # whoever opens the recorded study is told
        return None


@asks(Action.EDIT)
def bring_sample() -> Dataset:
    """The bundled sample, imported now where it isn't there.

    Raises:
        UploadError: it can't be read.
        StorageError: the disk is full.
    """
    return find_sample() or import_dataset(SAMPLE, name=SAMPLE_NAME)


@asks(Action.VIEW)
def find_recorded() -> str | None:
    """The id of the recorded study where it was opened before; None where it isn't there (yet)."""
    try:
        study = _recorded().study
    except UploadError:  # whoever opens it is told
        return None
    return study if _is_there(study) else None


@asks(Action.EDIT)
def launch_demo() -> Study:
    """Launch the live demo with seeds of its own; a sample that was deleted is imported again.

    Raises:
        StorageError: the disk is full.
    """
    return launch_study(demo_study(bring_sample().id))


@asks(Action.EDIT)
def open_recorded() -> str:
    """Bring the recorded study into the home unless it is there; return its id.

    One that is there is opened as it is, also where some of its runs were deleted; all of them
    come back once the study is deleted. It needs the sample, which is imported again if it was
    deleted. Tabs that ask at once get the same one.

    Raises:
        BadInputError: a run of another study has the id of one of its.
        UploadError: the file that comes with the program is damaged.
        StorageError: the disk is full; the home is as it was.
    """
    study = _recorded().study
    if not _is_there(study):
        with wait_for_lock(workplace().home.root / "recorded.lock"):
            if not _is_there(study):
                bring_sample()
                import_bundle(RECORDED, is_recorded=True)
    return study


def recorded_among(studies: Iterable[str]) -> set[str]:
    """Those that came with the program, now or with an earlier version.

    A study whose mark is damaged is taken for the user's own: its page says what is wrong with it.

    Args:
        studies: ids.
    """
    return {study for study in studies if _came_with_program(study)}


def _came_with_program(study: str) -> bool:
    try:
        return is_recorded(study)
    except StorageError:
        return False


def _is_there(study: str) -> bool:
    try:
        load_study(study)
    except NotFoundError:
        return False
    return True


@dataclass(frozen=True)
class _Recorded:
    """The recorded study's id, and the hash of what its dataset holds."""

    study: str
    content_hash: str


@functools.cache
def _recorded() -> _Recorded:
    """What the file says of itself.

    Raises:
        UploadError: it is damaged.
    """
    try:
        with zipfile.ZipFile(RECORDED) as archive:
            about = json.loads(archive.read("bundle.json"))
        return _Recorded(about["id"], about["dataset"]["content_hash"])
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, KeyError) as error:
        raise UploadError(
            "The recorded study that comes with the program is damaged or missing: install "
            "cnnlab again."
        ) from error
