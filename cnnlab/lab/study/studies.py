"""What a user can do with studies."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cnnlab.domain.default_names import LONGEST_STUDY, default_name
from cnnlab.domain.errors import BadInputError, ConfigError, DatasetError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study, add_seeds, check_study
from cnnlab.files import wait_for_lock
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_queue, counted_alone
from cnnlab.lab.before_launch.class_balance import check_sampling
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.exporting.kept_bundles import delete_bundles_of
from cnnlab.lab.pretrained import check_study_pretrained
from cnnlab.lab.runs import as_it_is, deleting_runs, resume_run, stop_run
from cnnlab.lab.study.designs import is_unnamed
from cnnlab.lab.study.looks import can_claim, is_run_out, record_look
from cnnlab.lab.workplace import Workplace, delete_listed, workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.bundles.mark import read_mark
from cnnlab.storage.runs.queueing import queue_missing
from cnnlab.tracking.event_folder import remove_study_events
from cnnlab.tracking.outbox import tell_of


@asks(Action.EDIT)
def launch_study(study: Study) -> Study:
    """Store a study and queue all of its runs; one that nobody has named is told from the others.

    Raises:
        ConfigError: the study isn't possible, an arm's pretrained weights aren't there, or its
            sampling can't draw every class.
        NotFoundError: there is no such dataset.
        DatasetError: the dataset can't be split as a seed asks.
        QuotaError: the workspace may not have so many runs wait, or store nothing more.
    """
    stores = workplace()
    dataset = stores.datasets.load(study.dataset)
    check_study_pretrained(study)
    study = check_study(study, max(2, len(dataset.classes)))
    if len(dataset.classes) < 2:
        raise DatasetError(
            f"The dataset {dataset.name!r} has only one class: a study needs two or more."
        )
    _check_splits(study)
    for arm in study.arms:
        check_sampling(study.config(arm, 0))
    if is_unnamed(study):
        taken = {one.name for one in stores.studies.list()}
        study = replace(study, name=default_name(study.name, dataset.name, taken, LONGEST_STUDY))
    with counted_alone():
        check_may_queue(len(study.pairs))
        stores.studies.create(study)
        _queue_missing(stores, study)
    return study


def _check_splits(study: Study) -> None:
    """Make the split of every seed before hours are spent on the first ones; arms share it.

    Raises:
        DatasetError: the dataset can't be split as a seed asks; of a study whose seeds are split
            anew it says which.
    """
    index = open_index(study.dataset)
    if not study.is_split_anew:
        index.split(study.config(study.reference, study.seeds[0]).split)
        return
    for seed in study.seeds:
        try:
            index.split(study.config(study.reference, seed).split)
        except DatasetError as error:
            raise DatasetError(f"The split of seed {seed} can't be made: {error}") from error


@asks(Action.VIEW)
def load_study(study: str) -> Study:
    """Return a study.

    Raises:
        NotFoundError: there is none with this id.
    """
    return workplace().studies.load(study)


@asks(Action.VIEW)
def list_studies() -> list[Study]:
    """All studies, newest first."""
    return workplace().studies.list()


@asks(Action.VIEW)
def study_runs(study: str) -> list[Run]:
    """The runs of a study, in the order in which they train."""
    runs = map(as_it_is, workplace().runs.list(study=study))
    return sorted(runs, key=lambda run: (run.created_at, run.id))


def runs_by_arm(study: Study, of_study: Iterable[Run] | None = None) -> dict[str, dict[int, Run]]:
    """The runs of a study by arm and seed; an arm without any is there too.

    Args:
        study: as it is stored.
        of_study: its runs, where they are known already.
    """
    runs: dict[str, dict[int, Run]] = {arm.name: {} for arm in study.arms}
    for run in study_runs(study.id) if of_study is None else of_study:
        runs.setdefault(run.arm or "", {})[run.config["training"]["seed"]] = run
    return runs


@asks(Action.EDIT)
def extend_study(study: str, more_seeds: int) -> Study:
    """Add seeds to all arms and queue their runs.

    Raises:
        NotFoundError: there is no such study.
        ConfigError: it would have too many seeds or runs.
        DatasetError: the dataset can't be split as one of the seeds asks; nothing was added.
        RunStateError: it came with an evidence bundle.
        QuotaError: the workspace may not have so many runs wait, or store nothing more.
    """
    if more_seeds < 1:
        raise ConfigError(f"Add 1 seed or more. Received: {more_seeds}")
    stores = workplace()
    _require_own(stores, study)
    _look_before_more(stores.studies.load(study))
    with _alone(stores, study):
        extended = add_seeds(stores.studies.load(study), more_seeds)
        _check_splits(extended)
        with counted_alone():
            check_may_queue(len(extended.pairs) - len(stores.studies.load(study).pairs))
            stores.studies.save(extended)
            _queue_missing(stores, extended)
    return extended


def _require_own(stores: Workplace, study: str) -> None:
    """Refuse to train runs of a study that came with an evidence bundle.

    Raises:
        NotFoundError: there is no such study.
        RunStateError: it did.
    """
    found = stores.studies.load(study)
    if read_mark(stores.home.study(study)):
        raise RunStateError(
            f"The study {found.name!r:.120} came with an evidence bundle: runs trained here would "
            "mix two machines in one comparison. Start a study of your own with its arms."
        )


def _look_before_more(study: Study) -> None:
    """Who adds seeds has seen the curves and means so far, if not the verdicts: that is a look.

    None where nothing could have been claimed yet, as `look_at` has it: it spends no level. Who
    then adds what is advised keeps the 5 %. Who chooses how many by what two seeds showed can
    get 7 %, simulated: 1 more where they agree closely, else 6. The worst choice of up to 10 that
    there is, which nobody can know, would make it 9 %.
    """
    runs = runs_by_arm(study)
    if can_claim(runs):
        record_look(study, runs, is_planned=is_run_out(study, runs))


@asks(Action.EDIT)
def stop_study(study: str) -> None:
    """Stop all runs of a study; what is finished stays.

    Raises:
        NotFoundError: there is no such study.
    """
    load_study(study)
    # The last in the queue first, or the next would start whenever one is stopped.
    for run in reversed(study_runs(study)):
        if not run.status.is_ended:
            stop_run(run.id)


@asks(Action.EDIT)
def resume_study(study: str) -> None:
    """Go on with what was stopped or failed, and queue what is missing.

    Raises:
        NotFoundError: there is no such study.
        RunStateError: it came with an evidence bundle.
    """
    stores = workplace()
    _require_own(stores, study)
    with _alone(stores, study):
        for run in study_runs(study):
            if run.status in (Status.STOPPED, Status.FAILED, Status.INTERRUPTED):
                resume_run(run.id)
        _queue_missing(stores, stores.studies.load(study))


@asks(Action.EDIT)
def rename_study(study: str, name: str) -> None:
    """Give a study another name.

    Raises:
        NotFoundError: there is no such study.
        BadInputError: the name is empty or too long.
    """
    if not 1 <= len(name.strip()) <= LONGEST_STUDY:
        raise BadInputError(
            f"A name needs 1 to {LONGEST_STUDY} characters. Received: {len(name.strip())}"
        )
    stores = workplace()
    with _alone(stores, study):
        stores.studies.save(replace(stores.studies.load(study), name=name.strip()))


@asks(Action.EDIT)
def delete_study(study: str) -> None:
    """Delete a study with all of its runs and its bundles.

    Raises:
        NotFoundError: there is no such study.
        RunStateError: some of its runs wait or train.
    """
    stores = workplace()
    found = stores.studies.load(study)
    runs = study_runs(study)
    active = [run for run in runs if not run.status.is_ended]
    if active:
        raise RunStateError(
            f"{len(active)} runs of the study {found.name!r} wait or train: stop it before you "
            "delete it."
        )
    with deleting_runs() as delete:
        for run in runs:
            delete(run.id)
    delete_listed(stores.home.study(study), lambda stores: stores.studies.delete(study))
    delete_bundles_of({study})
    remove_study_events(stores.home, study)
    tell_of(stores.home, study)


@contextlib.contextmanager
def _alone(stores: Workplace, study: str) -> Iterator[None]:
    """Keep others from changing a study within this context.

    Raises:
        NotFoundError: there is no such study.
    """
    stores.studies.load(study)
    with wait_for_lock(stores.home.study(study) / "study.lock"):
        yield


def _queue_missing(stores: Workplace, study: Study) -> None:
    """Queue a run for every arm and seed that has none; may be repeated at any time."""
    if queue_missing(stores.runs, study):
        ensure_supervisor(stores.home)
