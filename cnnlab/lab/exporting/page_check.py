"""An offline page that no browser of the server could check is checked by the user's own one."""

import hashlib
from collections.abc import Sequence

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.errors import BadInputError, ExportError, NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.export import ExportCheck
from cnnlab.exports.agreement import Compared, compare, require_agreement
from cnnlab.exports.alone import Ran
from cnnlab.exports.formats.web_page import FORMAT
from cnnlab.exports.web_page.limits import LIMITS
from cnnlab.files import disk_errors, file_bytes, read_json, wait_for_lock, write_json
from cnnlab.jobs.kinds.export import export_folder
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.there import check_of
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.page_check import Expected, holds_expected, read_expected

_LARGEST_SUM = 1.001
"""Of probabilities, with the rounding of float32."""


@asks(Action.VIEW)
def images_to_check(run: str, *, calibrated: bool = False) -> int:
    """By how many validation images a page is still to be checked; 0 where nothing is to be done.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: what is stored can't be read at the moment.
    """
    row = load_run(run)
    check = check_of(row, FORMAT.name, calibrated=calibrated)
    files = export_folder(newest_attempt(row), FORMAT.name, calibrated=calibrated)
    if check is None or "not_verified" not in check or not holds_expected(files.folder):
        return 0
    return len(read_expected(files.folder).labels)


@asks(Action.VIEW)
def image_to_check(run: str, number: int, *, calibrated: bool = False) -> bytes:
    """The file of one of those images, as it was uploaded.

    Args:
        run: its id.
        number: from 0 on.
        calibrated: which page is meant.

    Raises:
        NotFoundError: there is no such run or image.
        StorageError: it can't be read at the moment.
    """
    files, expected = _open(run, calibrated=calibrated)
    if not 0 <= number < len(expected.positions):
        raise NotFoundError(f"There is no image {number} to check the page of the run {run!r} by.")
    dataset = workplace().home.dataset(load_run(run).dataset)
    return ImageIndex(dataset).read_bytes(int(expected.positions[number]))


@asks(Action.VIEW)
def page_sha256(run: str, *, calibrated: bool = False) -> str:
    """Which page is to be checked: the answer of a browser holds for this file alone.

    Raises:
        NotFoundError: there is no such run, or nothing to check.
        StorageError: it can't be read at the moment.
    """
    return _sha256(_open(run, calibrated=calibrated)[0])


@asks(Action.VIEW)
def check_page(
    run: str,
    sha256: str,
    probabilities: Sequence[Sequence[float]],
    milliseconds: Sequence[float],
    *,
    calibrated: bool = False,
) -> ExportCheck:
    """Note what a browser says of the images; the page is offered then, or it is refused.

    The first answer counts: a page that has been compared stays as it is, whatever another tab or
    another browser says of it later.

    Args:
        run: its id.
        sha256: of the page that the browser was asked about, from `page_sha256`.
        probabilities: of each image, for each class.
        milliseconds: that each took.
        calibrated: which page is meant.

    Raises:
        BadInputError: it isn't what a page says of these images, or of another page than the one
            that is there by now.
        ExportError: the page computes something else than the model, so that it isn't offered.
        NotFoundError: there is no such run, or nothing to check.
        StorageError: the disk is full.
    """
    files, expected = _open(run, calibrated=calibrated)
    with wait_for_lock(files.folder / "check.lock"):  # of two tabs the second finds what the first
        known = check_of(load_run(run), FORMAT.name, calibrated=calibrated)
        if known is not None and "not_verified" not in known:
            return known
        if known is None or sha256 != _sha256(files):
            raise BadInputError(
                "This is said of another page than the one that is there by now: check again."
            )
        return _note(run, files, expected, probabilities, milliseconds)


def _note(
    run: str,
    files: JobFolder,
    expected: Expected,
    probabilities: Sequence[Sequence[float]],
    milliseconds: Sequence[float],
) -> ExportCheck:
    ran = Ran(
        _shares(probabilities, expected.probabilities.shape),
        _times(milliseconds, len(expected.labels)) / 1000,
        0,
    )
    file = files.folder / FORMAT.file
    compared = Compared([], expected.labels, expected.probabilities, expected.of_images)
    names = ImageIndex(workplace().home.dataset(load_run(run).dataset)).class_names
    check = compare(ran, compared, names, file_bytes(file))
    del check["memory_bytes"]  # a page isn't told that
    try:
        require_agreement(FORMAT.title, LIMITS, check)
    except ExportError as error:
        end_job(files, Stage.FAILED, str(error))
        file.unlink(missing_ok=True)
        raise
    write_json(files.result, read_json(files.result) | {"answer": check})
    return check


def _open(run: str, *, calibrated: bool) -> tuple[JobFolder, Expected]:
    row = load_run(run)
    files = export_folder(newest_attempt(row), FORMAT.name, calibrated=calibrated)
    if check_of(row, FORMAT.name, calibrated=calibrated) is None or not holds_expected(
        files.folder
    ):
        raise NotFoundError(f"There is no page of the run {run!r} to check: prepare it first.")
    return files, read_expected(files.folder)


def _sha256(files: JobFolder) -> str:
    path = files.folder / FORMAT.file
    with disk_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shares(given: Sequence[Sequence[float]], shape: tuple[int, ...]) -> np.ndarray:
    values = _numbers(given)
    if values.shape != shape or values.min() < 0 or np.any(values.sum(1) > _LARGEST_SUM):
        raise BadInputError(
            f"`probabilities` must be {shape[0]} rows of {shape[1]} shares from 0 to 1. "
            f"Received: an array of shape {values.shape}"
        )
    return values.astype(np.float32)


def _times(given: Sequence[float], count: int) -> np.ndarray:
    values = _numbers(given)
    if values.shape != (count,) or values.min() < 0:
        raise BadInputError(
            f"`milliseconds` must be {count} numbers from 0 on. Received: an array of shape "
            f"{values.shape}"
        )
    return values


def _numbers(given: object) -> np.ndarray:
    """What was sent as numbers; of no dimension where it is none, or not finite."""
    try:
        values = np.array(given, np.float64)
    except (TypeError, ValueError, OverflowError):  # of a whole number beyond all floats
        return np.zeros(())
    return values if values.size and np.all(np.isfinite(values)) else np.zeros(())
