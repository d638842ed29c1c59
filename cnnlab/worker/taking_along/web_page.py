"""Writing the offline page of a run, and asking a browser of this machine what it says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from cnnlab import __version__
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.records.result import Evaluation
from cnnlab.exports.agreement import Compared, compare, require_agreement
from cnnlab.exports.formats.web_page import FORMAT
from cnnlab.exports.model_format import Source
from cnnlab.exports.web_page.chromium import NoBrowserError, run_in_browser
from cnnlab.exports.web_page.document import page_html
from cnnlab.exports.web_page.kinds import opens
from cnnlab.exports.web_page.limits import LIMITS, MOST_HALVED_DIFFERENCE
from cnnlab.exports.web_page.numbers import PageFacts
from cnnlab.exports.web_page.operations import Operation
from cnnlab.exports.web_page.plan import plan_of
from cnnlab.exports.web_page.weights import fits_halves, halved, to_text
from cnnlab.files import read_json, write_atomically
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.datasets import DATASET_FILE
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.page_check import Expected, keep_expected
from cnnlab.worker.kept import KeptModel
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along.model_file import compared_images, compared_rows, source_of


def write_web_page(
    work: Work[ExportRequest, JobFolder, JobRecorder], kept: KeptModel
) -> ExportCheck:
    """Write the page; return how it compares with the model in a browser of this machine.

    What a browser elsewhere is to be compared with is kept beside it: where there is none here,
    the user's own one is asked (`cnnlab/lab/exporting/page_check.py`).

    Raises:
        ExportError: the page can't hold the model, or computes something else.
        StorageError: the dataset is gone, or the disk is full.
    """
    asked, recorder, folder = work.request, work.recorder, work.files.folder
    recorder.phase("Writing the page")
    source = source_of(kept, temperature=asked.temperature, threshold=asked.threshold)
    plan = plan_of(source.model)
    compared = compared_images(source, kept, recorder)
    in_halves = fits_halves(plan) and _is_near_in_halves(source, kept, recorder)
    file = folder / FORMAT.file
    _write(file, source, _facts(asked, kept), plan, in_halves=in_halves)
    recorder.beat()
    try:
        return _verified(file, source, compared, kept, recorder)
    except CnnlabError:
        file.unlink(missing_ok=True)
        raise


def _write(
    file: Path, source: Source, facts: PageFacts, plan: Sequence[Operation], *, in_halves: bool
) -> None:
    rows, weights = to_text(plan, in_halves=in_halves)
    page = page_html(source.about, facts, rows, weights).encode()
    write_atomically(file, lambda opened: opened.write(page))


def _is_near_in_halves(source: Source, kept: KeptModel, recorder: JobRecorder) -> bool:
    """Whether weights with half the bits say nearly the same.

    Asked of training images, and of those by which the page is compared: what is written in halves
    isn't refused for it.
    """
    images = np.concatenate([source.training_images(), kept.data.images[compared_rows(kept)]])
    model = source.model
    whole = model.get_weights()
    before = _said(source, images, recorder)
    try:
        model.set_weights([halved(each) for each in whole])
        after = _said(source, images, recorder)
    finally:
        model.set_weights(whole)
    return bool(np.max(np.abs(before - after)) <= MOST_HALVED_DIFFERENCE)


def _said(source: Source, images: np.ndarray, recorder: JobRecorder) -> np.ndarray:
    from cnnlab.training.judging.reference import (  # noqa: PLC0415 - it is loaded by now
        reference_probabilities,
    )

    return reference_probabilities(source.model, images, recorder.beat)


def _facts(asked: ExportRequest, kept: KeptModel) -> PageFacts:
    home = home_of_work()
    config, data = kept.config, kept.data
    dataset = read_json(dataset_folder(home, config.dataset) / DATASET_FILE)
    now = datetime.now(UTC)
    return PageFacts(
        run=asked.run,
        dataset=str(dataset.get("name") or config.dataset),
        train=len(data.train),
        validation=len(data.validation),
        report=_report(Attempt(home.attempt(asked.run, asked.attempt))),
        when=f"{now.day} {now:%B %Y}",
        version=__version__,
    )


def _report(attempt: Attempt) -> Evaluation | None:
    result = attempt.read_result()
    return result.get("report") if result else None


def _verified(
    file: Path, source: Source, compared: Compared, kept: KeptModel, recorder: JobRecorder
) -> ExportCheck:
    shown, positions = _openable(compared, kept)
    size = file.stat().st_size
    if not shown.files:
        return _unverified(size, "none of the validation images is of a kind that a page opens")
    keep_expected(
        file.parent, Expected(positions, shown.labels, shown.expected, compared.of_images)
    )
    recorder.phase("Asking a browser what the page says")
    try:
        with beating(recorder):  # the browser has time limits; what hangs here must be seen
            ran = run_in_browser(file, shown.files)
    except NoBrowserError as error:
        return _unverified(size, str(error))
    check = compare(ran, shown, source.about.class_names, size)
    require_agreement(FORMAT.title, LIMITS, check)
    return check


def _openable(compared: Compared, kept: KeptModel) -> tuple[Compared, np.ndarray]:
    """Of the images those that a page opens, with their rows of the dataset."""
    taken = np.array([opens(content) for content in compared.files], bool)
    files = [content for content, is_taken in zip(compared.files, taken, strict=True) if is_taken]
    shown = Compared(files, compared.labels[taken], compared.expected[taken], compared.of_images)
    return shown, compared_rows(kept)[taken]


def _unverified(size: int, why: str) -> ExportCheck:
    return {
        "max_abs_difference": None,
        "top1_agreement": None,
        "milliseconds_per_image": None,
        "bytes": size,
        "not_verified": f"No browser of the server has checked it: {why}.",
    }
