"""Bringing an evidence bundle of another home into this one."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.domain.study import Study
from cnnlab.exports.about import About
from cnnlab.exports.table import KERAS, find_model_format
from cnnlab.files import disk_errors, synced_together, wait_for_lock, write_json
from cnnlab.jobs.kind import to_json
from cnnlab.jobs.kinds.export import ExportRequest, export_folder
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store
from cnnlab.lab.data.datasets import find_content
from cnnlab.lab.exporting.bundles import is_study
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import Workplace, workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.bundles.bringing import (
    difference,
    put_in_place,
    same_study,
    stage_run,
    stage_study,
)
from cnnlab.storage.bundles.content import BundleContent, BundledRun, read_content
from cnnlab.storage.bundles.images import build_dataset
from cnnlab.storage.bundles.manifest import BundleManifest
from cnnlab.storage.bundles.mark import read_mark
from cnnlab.storage.bundles.reading import opened_bundle, unpack
from cnnlab.storage.datasets import DATASET_FILE
from cnnlab.storage.index.rebuild import list_what_is_new
from cnnlab.storage.package import PACKAGE, write_package
from cnnlab.storage.space.leftovers import (
    UNPACKED_BUNDLE,
    bundles_lock,
    remove_unpacked_bundles,
)
from cnnlab.storage.vault import Vault

Progress = Callable[[int, int], None]

_NOT_COMPARED = "it came with an evidence bundle, and nothing was computed with it here"


@dataclass
class Imported:
    """What an import does, as it finds out.

    Attributes:
        dataset: that the runs use here.
        things: folders to put into place, in this order.
        brought: ids of runs and studies that are new.
        there_already: ids of those that are here, alike.
        attached: runs that came alone and belong to a study now: id, study, arm.
    """

    dataset: str = ""
    things: list[str] = field(default_factory=list)
    brought: list[str] = field(default_factory=list)
    there_already: list[str] = field(default_factory=list)
    attached: list[tuple[str, str, str]] = field(default_factory=list)


@asks(Action.EDIT)
def import_bundle(
    source: Path,
    *,
    is_recorded: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Bring the run or the study of an evidence bundle into the home, and its data where they are.

    What is here and alike stays as it is. Programs and reports of the bundle are never run or
    shown.

    Args:
        source: the file.
        is_recorded: whether it is the one that comes with the program.
        on_progress: is told how many bytes of how many are done.

    Returns:
        JSON values: `file`, `kind`, `id`, `name`, `dataset`, `new_dataset`, `runs` and `studies`
        (ids that are new), `there_already`, `made_at`, `program`.

    Raises:
        BadInputError: there is no such file, or something else has an id of its.
        UploadError: it is no bundle, damaged, or built to do harm; nothing was changed.
        QuotaError: the workspace may not store so much more.
        StorageError: the disk has no room for it or can't be written; nothing was changed.
    """
    source, stores = source.expanduser(), workplace()
    home = stores.home
    check_may_store(source.stat().st_size if source.is_file() else 0)
    with opened_bundle(source) as (archive, manifest), wait_for_lock(bundles_lock(home)):
        remove_unpacked_bundles(home)
        staging = home.root / f"{UNPACKED_BUNDLE}{secrets.token_hex(6)}"
        try:
            with disk_errors(staging):
                staging.mkdir(mode=0o700)
            unpack(archive, manifest, staging / "bundle", on_progress)
            content = read_content(staging / "bundle", is_ours=is_recorded)
            with synced_together():
                found = _stage(stores, content, manifest, staging, is_recorded=is_recorded)
            put_in_place(home, staging, found.things, lambda: _list(stores, content, found))
            _attach(stores, found)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return {
        "file": str(source),
        "kind": content.about["kind"],
        "id": content.about["id"],
        "name": content.study.name if content.study else content.runs[0].values["name"],
        "dataset": found.dataset,
        "new_dataset": any(thing.startswith("datasets/") for thing in found.things),
        "runs": [one for one in found.brought if not one.startswith("s")],
        "studies": [one for one in found.brought if one.startswith("s")],
        "there_already": found.there_already,
        "made_at": manifest.made_at,
        "program": manifest.program,
    }


@asks(Action.VIEW)
def imported_from(run_or_study: str) -> str | None:
    """Where a run or a study came from, in a sentence; None for one of this home.

    Raises:
        StorageError: what is noted is damaged.
    """
    mark = _mark(run_or_study)
    if mark is None:
        return None
    whose = "Its runs have" if is_study(run_or_study) else "It has"
    if mark.get("is_recorded"):
        return (
            f"Recorded on {mark['made_at'][:10]}, as cnnlab {mark['program']} trained it: real "
            "results, which came with the program. "
            f"{whose} no model and no training state here, so nothing can be tried, taken along, "
            "resumed, forked or repeated with more seeds."
        )
    return (
        f"Imported on {mark['imported_at'][:10]} from an evidence bundle that cnnlab "
        f"{mark['program']} made on {mark['made_at'][:10]} ({mark['file']}). {whose} no "
        "training states, as bundles hold none: what was trained elsewhere can't be resumed, "
        "forked, judged anew or tried here."
    )


@asks(Action.VIEW)
def is_recorded(run_or_study: str) -> bool:
    """Whether a run or a study came with the program.

    Raises:
        StorageError: what is noted is damaged.
    """
    mark = _mark(run_or_study)
    return mark is not None and bool(mark.get("is_recorded"))


def _mark(run_or_study: str) -> dict[str, Any] | None:
    home = workplace().home
    folder = home.study if is_study(run_or_study) else home.runs.joinpath
    return read_mark(folder(run_or_study))


def _list(stores: Workplace, content: BundleContent, found: Imported) -> None:
    """Have the index list what is new; looks first, as none of its images is new to whoever looked.

    Raises:
        StorageError: the ledger of looks or the index can't be written.
    """
    vault, theirs = Vault(stores.home), content.dataset.id
    for each in content.looks:
        looks = [
            replace(look, dataset=found.dataset) if look.dataset == theirs else look
            for look in each["looks"]
        ]
        vault.add(each["hashes"], looks)
    list_what_is_new(stores.home)


def _attach(stores: Workplace, found: Imported) -> None:
    """Runs that came alone belong to their study, now that it is here too."""
    for run, study, arm in found.attached:
        stores.runs.update(run, study=study, arm=arm)


def _stage(
    stores: Workplace,
    content: BundleContent,
    manifest: BundleManifest,
    staging: Path,
    *,
    is_recorded: bool,
) -> Imported:
    """Make all folders that are new, after looking at what is here."""
    found = Imported()
    there = {run.id: run for run in stores.runs.load_all([run.id for run in content.runs])}
    new = [
        run
        for run in content.runs
        if not _is_there(stores, run, there.get(run.id), content.study, found)
    ]
    study = content.study
    is_new_study = study is not None and not _is_study_there(stores, content, found)
    found.dataset = _dataset(stores, content, staging, found)
    mark = {
        "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_at": manifest.made_at,
        "program": manifest.program,
        "file": str(content.about["id"]),
        "is_recorded": is_recorded,
    }
    for run in new:
        owner = study.id if study else None
        attempt = stage_run(run, staging, mark, dataset=found.dataset, study=owner)
        if run.has_model:
            _add_model(run, attempt, content.dataset)
        found.things.append(f"runs/{run.id}")
        found.brought.append(run.id)
    if study is not None and is_new_study:
        stage_study(study, staging, mark, dataset=found.dataset)
        found.things.append(f"studies/{study.id}")
        found.brought.append(study.id)
    return found


def _is_there(
    stores: Workplace, run: BundledRun, there: Run | None, study: Study | None, found: Imported
) -> bool:
    """Whether a run is here already.

    Raises:
        BadInputError: another one has its id.
    """
    if there is None:
        return False
    if differing := difference(run, there, newest_attempt(there)):
        raise _conflict("run", run.id, differing)
    if study is not None and there.study != study.id:
        came_alone = there.study is None and read_mark(stores.home.runs / run.id) is not None
        if not came_alone:
            raise _conflict("run", run.id, "the study that it belongs to")
        found.attached.append((run.id, study.id, run.values["arm"]))
    found.there_already.append(run.id)
    return True


def _is_study_there(stores: Workplace, content: BundleContent, found: Imported) -> bool:
    assert content.study is not None, "the bundle is that of a study"
    there = next((one for one in stores.studies.list() if one.id == content.study.id), None)
    if there is None:
        return False
    if not same_study(content.study, there):
        raise _conflict("study", there.id, "its plan")
    found.there_already.append(there.id)
    return True


def _conflict(what: str, name: str, differing: str) -> BadInputError:
    return BadInputError(
        f"The {what} {name} is here already and differs from that of the bundle in {differing}, so "
        "nothing was imported: delete the one here first, or import into another home "
        "(CNNLAB_HOME)."
    )


def _dataset(stores: Workplace, content: BundleContent, staging: Path, found: Imported) -> str:
    """The dataset that the runs are to use: one with the same content, else that of the bundle.

    Raises:
        BadInputError: neither is there, or one that can't be read has its place.
    """
    given = content.about["dataset"]
    if same := find_content(str(given["content_hash"])):
        return same.id
    if not content.has_images:
        raise BadInputError(
            f"The bundle has no images in it, and no dataset here has the content of "
            f"{content.dataset.name!r:.100} ({given['content_hash'][:8]}): import its images "
            "first, or ask for the bundle with the images."
        )
    if content.dataset.id in {dataset.id for dataset in stores.datasets.list()}:
        raise BadInputError(
            f"The dataset {content.dataset.id} is here already and can't be read, or is "
            "something else, so nothing was imported: delete the one here first, bring it back "
            "from a backup, or import into another home (CNNLAB_HOME)."
        )
    folder = staging / "datasets" / content.dataset.id
    folder.parent.mkdir()
    build_dataset(staging / "bundle", content.about, content.dataset, folder)
    write_json(folder / DATASET_FILE, content.dataset.to_json())
    found.things.insert(0, f"datasets/{content.dataset.id}")
    return content.dataset.id


def _add_model(run: BundledRun, attempt: Attempt, dataset: Dataset) -> None:
    """Put a model that was vetted where one would be prepared, as one that wasn't compared here."""
    chosen, files = find_model_format(KERAS), export_folder(attempt, KERAS)
    about = About(tuple(dataset.classes), run.config.image, dataset.value_range)
    with disk_errors(files.folder):
        files.folder.mkdir(parents=True)
        shutil.copyfile(run.folder / chosen.file, files.folder / chosen.file)
    write_package(files.folder / PACKAGE, files.folder / chosen.file, chosen.texts(about))
    write_json(files.request, to_json(ExportRequest(run.id, attempt.number, KERAS)))
    check = {
        "max_abs_difference": None,
        "top1_agreement": None,
        "milliseconds_per_image": None,
        "bytes": (files.folder / chosen.file).stat().st_size,
        "not_verified": _NOT_COMPARED,
    }
    write_json(files.result, {"status": "finished", "answer": check, "seconds": 0.0})
