"""The evidence bundle of a run or a study: prepared when it is wanted, found again, copied."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnlab import __version__
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.errors import BadInputError, ExportError, NotFoundError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.run import Run
from cnnlab.exports.table import find_format
from cnnlab.files import disk_errors, put_folder_in_place, wait_for_lock, write_atomically
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.bundle import KIND, BundleRequest
from cnnlab.jobs.kinds.evaluate import evaluation_folder
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store
from cnnlab.lab.exporting.bundle_texts import LAYOUT, Subject, bundle_texts
from cnnlab.lab.judging.vault import sets_of_dataset
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.study.studies import load_study, runs_by_arm
from cnnlab.lab.study.view import view_study
from cnnlab.lab.work import ask_for, seen_to, take_back, wait_for
from cnnlab.lab.workplace import workplace
from cnnlab.storage.job_folder import JobFolder

BUNDLE = "bundle"
"""Name of the format."""

BundleState = JobState[ExportCheck]

_TEXTS = "texts"


def is_study(subject: str) -> bool:
    """Whether an id is that of a study, as those of runs begin otherwise."""
    return subject.startswith("s")


@asks(Action.VIEW)
def prepare_bundle(subject: str, *, with_images: bool = False) -> BundleState:
    """Have the evidence bundle of a run or a study made, unless that was done or is being done.

    Of a study that is a look at its verdicts, as its report is.

    Args:
        subject: id of a run that has ended, or of a study whose runs have.
        with_images: whether its images go into it.

    Raises:
        NotFoundError: there is no such run or study.
        RunStateError: it hasn't ended, or has no finished epoch.
        QuotaError: it is to be made, and the workspace may store nothing more.
        StorageError: the disk is full, or a file is damaged.
    """
    found = _subject(subject)
    files = _files(found, with_images=with_images)
    home = workplace().home
    with wait_for_lock(home.root / "bundles.lock"):  # who asks twice at once lays one set of texts
        if not _is_settled(files):  # what an earlier try was given may be of another day
            check_may_store()
            _lay_texts(files, bundle_texts(found, with_images=with_images))
        runs = [(run.id, run.attempt) for run in found.runs]
        # in here, as it counts as used then and isn't deleted as one of the oldest
        ask_for(KIND, files, BundleRequest(found.id, runs, found.dataset, with_images))
    return read_state(KIND, files)


def _is_settled(files: JobFolder) -> bool:
    """Whether the bundle is there or being made, of texts that stay as they are."""
    if not files.request.exists() or not (files.folder / _TEXTS).exists():
        return False
    state = read_state(KIND, files)
    return state.is_ready or not state.is_ended


@asks(Action.VIEW)
def bundle_state(subject: str, *, with_images: bool = False) -> BundleState | None:
    """How far the bundle is; None where nobody has asked for it as things stand.

    Raises:
        NotFoundError: there is no such run or study.
    """
    return _state_in(_files(_quick_subject(subject), with_images=with_images))


def run_bundle_state(run: Run) -> BundleState | None:
    """The same of a run whose row is at hand, without the images."""
    return _state_in(_files(_of_run(run), with_images=False))


def _state_in(files: JobFolder) -> BundleState | None:
    if not files.request.exists():
        return None
    return seen_to(KIND, files, read_state(KIND, files))


@asks(Action.EDIT)
def cancel_bundle(subject: str, *, with_images: bool = False) -> None:
    """End the preparation of a bundle that nobody wants any more; it can be asked for again.

    Raises:
        NotFoundError: there is no such run or study.
        StorageError: the disk is full.
    """
    take_back(_files(_quick_subject(subject), with_images=with_images))


@asks(Action.VIEW)
def bundle_file(subject: str, *, with_images: bool = False) -> Path:
    """The finished bundle.

    Raises:
        NotFoundError: there is no such run or study.
        RunStateError: its bundle isn't there (yet).
    """
    files = _files(_quick_subject(subject), with_images=with_images)
    if not read_state(KIND, files).is_ready:
        raise RunStateError(
            f"The bundle of {subject!r:.60} isn't there: prepare it on its page, or with the "
            "command `export`."
        )
    return files.folder / find_format(BUNDLE).file


@asks(Action.VIEW)
def bundle_name(subject: str, *, with_images: bool = False) -> str:
    """What it is called in a download."""
    return f"cnnlab-{subject}-bundle{'-with-images' if with_images else ''}.zip"


def export_bundle(
    subject: str,
    to: Path,
    *,
    with_images: bool = False,
    on_phase: Callable[[str], object] = lambda text: None,
) -> dict[str, Any]:
    """Copy a bundle to a file or folder outside the home; make it first where need be.

    Args:
        subject: id of a run or a study.
        to: a path that ends in `.zip`, or a folder.
        with_images: whether its images go into it.
        on_phase: is told what is being done.

    Returns:
        JSON values: `file`, `format`, `bytes`, and those of an `ExportCheck`.

    Raises:
        BadInputError: the path can't be used.
        NotFoundError: there is no such run or study.
        RunStateError: it hasn't ended, or has no finished epoch.
        ExportError: it can't be made.
        StorageError: the file can't be written.
    """
    target = to / bundle_name(subject, with_images=with_images) if to.is_dir() else to
    if target.suffix != ".zip":
        raise BadInputError(
            f"--to must end in .zip, or be an existing folder. Received: {str(to)!r}"
        )
    prepare_bundle(subject, with_images=with_images)
    state = wait_for(lambda: bundle_state(subject, with_images=with_images), on_phase)
    if state is None or state.answer is None:
        problem = state.problem if state else "it has changed meanwhile"
        raise ExportError(problem or "The bundle can't be made.")
    source = bundle_file(subject, with_images=with_images)
    with source.open("rb") as bundle:
        write_atomically(target, lambda file: shutil.copyfileobj(bundle, file))
    copied = {"file": str(target), "format": BUNDLE, "bytes": target.stat().st_size}
    return {**state.answer, **copied}


def _subject(subject: str) -> Subject:
    """What is to be bundled.

    Raises:
        RunStateError: it hasn't ended, has no finished epoch, or each seed has another split.
    """
    found = _quick_subject(subject)
    if is_study(subject):
        if load_study(subject).is_split_anew:
            raise RunStateError(
                f"The seeds of {found.name!r:.120} have splits of their own, and a bundle lists "
                "one part for each image: bundle its runs one by one."
            )
        view = view_study(subject)
        found = Subject(found.id, view.study.name, found.dataset, found.config, view.all_runs, view)
    if any(not run.status.is_ended for run in found.runs):
        what = "study trains" if is_study(subject) else "run hasn't ended"
        raise RunStateError(f"The {what} yet: wait until it has ended, or stop it.")
    if not any(run.last for run in found.runs):
        raise RunStateError(
            f"Nothing of {found.name!r:.120} has a finished epoch, so there is nothing to prove: "
            "train it first."
        )
    return found


def _quick_subject(subject: str) -> Subject:
    """The same as it stands, without a look at any verdict."""
    if not is_study(subject):
        return _of_run(load_run(subject))
    try:
        study = load_study(subject)
    except NotFoundError as error:
        raise NotFoundError(f"There is no run and no study {subject!r:.60}.") from error
    runs = runs_by_arm(study)
    ordered = (runs[arm.name].get(seed) for arm, seed in study.pairs)
    there = [run for run in ordered if run is not None]
    return Subject(study.id, study.name, study.dataset, study.base, there)


def _of_run(run: Run) -> Subject:
    return Subject(run.id, run.name, run.dataset, run.config, [run])


def _files(found: Subject, *, with_images: bool) -> JobFolder:
    """The folder of the bundle of a subject as it stands: what is added later makes another one."""
    looks = sum(len(each.looks) + each.unreadable for each in sets_of_dataset(found.dataset))
    known = [__version__, LAYOUT, found.name, looks, [_state(run) for run in found.runs]]
    digest = hashlib.sha256(json.dumps(known).encode()).hexdigest()[:12]
    key = f"{found.id}-{digest}{'-with-images' if with_images else ''}"
    return job_folder(workplace().home, KIND, key)


def _state(run: Run) -> list[str | int | None]:
    judged = evaluation_folder(newest_attempt(run), VALIDATION).result
    try:
        judged_at = judged.stat().st_mtime_ns
    except FileNotFoundError:
        judged_at = None
    return [run.id, run.name, run.attempt, run.status.value, run.ended_at, judged_at]


def _lay_texts(files: JobFolder, texts: dict[str, str]) -> None:
    beside = files.folder / f"{_TEXTS}-new"
    with disk_errors(files.folder):
        shutil.rmtree(beside, ignore_errors=True)
        for name, text in texts.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        put_folder_in_place(beside, files.folder / _TEXTS)
