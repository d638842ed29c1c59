"""Measurements of the solutions that a study's runs found: asked for, read, taken back.

They are made when somebody asks, lie in the study's folder and go with it. What was measured of a
run stays as it is; seeds that are added later are measured on top.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from cnnlab.domain.errors import DamagedError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.solutions import (
    MeasuredRun,
    SolutionOf,
    StudyLandscape,
    StudyUnits,
)
from cnnlab.domain.run import Run
from cnnlab.files import read_json
from cnnlab.jobs.kind import Kind
from cnnlab.jobs.kinds import landscape, units
from cnnlab.jobs.kinds.landscape import LandscapeRequest
from cnnlab.jobs.kinds.units import UnitsRequest
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.importing import imported_from
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.study.verdicts import counts
from cnnlab.lab.study.view import StudyView, view_study
from cnnlab.lab.work import ask_for, seen_to, take_back
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.checkpoints import list_checkpoints
from cnnlab.storage.job_folder import JobFolder

UnitsState = JobState[StudyUnits]
LandscapeState = JobState[StudyLandscape]

Answer = TypeVar("Answer")
Of = TypeVar("Of", bound=SolutionOf)


def cannot_measure(view: StudyView) -> str:
    """Why the solutions of a study can't be measured, in a sentence or two; empty where they can.

    Raises:
        StorageError: that can't be read at the moment.
    """
    if not view.is_ended:
        return "The runs of this study haven't ended: wait until they have."
    counting = _counting(view)
    if not counting:
        return "No run of this study has finished, so there is no model to measure: train it again."
    if any(list_checkpoints(newest_attempt(run).checkpoints) for run in counting):
        return ""
    if imported := imported_from(view.study.id):
        return imported
    return (
        "The training states of this study's runs are gone, and without them their models can't be "
        "built again: bring them back from a backup, or train the study again."
    )


@asks(Action.EDIT)
def start_units(study: str) -> UnitsState:
    """Have units removed from the models of a study's runs, unless that was or is done.

    What failed or was cancelled goes on behind the runs that were measured.

    Raises:
        NotFoundError: there is no study with this id.
        RunStateError: nothing of it can be measured; the message says why.
        StorageError: the disk is full.
    """
    view = _measurable(study)
    return _start(units.KIND, study, UnitsRequest(_asked(view)))


@asks(Action.VIEW)
def units_state(study: str) -> UnitsState | None:
    """How it goes; None where nobody has asked for it.

    Raises:
        StorageError: that can't be read at the moment.
    """
    return _state(units.KIND, study)


@asks(Action.EDIT)
def cancel_units(study: str) -> None:
    """End it; what was measured is kept for the next try.

    Raises:
        StorageError: the disk is full.
    """
    take_back(_files(units.KIND, study))


@asks(Action.VIEW)
def study_units(view: StudyView) -> StudyUnits | None:
    """What was measured last, of runs that still count; None before the first."""
    found: StudyUnits | None = _kept(_files(units.KIND, view.study.id), units.KEPT)
    return found and {**found, "runs": _of(view, found["runs"])}


@asks(Action.EDIT)
def start_landscape(study: str) -> LandscapeState:
    """Have the loss around and between the solutions of a study measured, unless that was done.

    What failed or was cancelled goes on behind the runs that were measured.

    Raises:
        NotFoundError: there is no study with this id.
        RunStateError: nothing of it can be measured; the message says why.
        StorageError: the disk is full.
    """
    view = _measurable(study)
    request = LandscapeRequest(_asked(view), view.study.reference.name)
    return _start(landscape.KIND, study, request)


@asks(Action.VIEW)
def landscape_state(study: str) -> LandscapeState | None:
    """How it goes; None where nobody has asked for it.

    Raises:
        StorageError: that can't be read at the moment.
    """
    return _state(landscape.KIND, study)


@asks(Action.EDIT)
def cancel_landscape(study: str) -> None:
    """End it; what was measured is kept for the next try.

    Raises:
        StorageError: the disk is full.
    """
    take_back(_files(landscape.KIND, study))


@asks(Action.VIEW)
def study_landscape(view: StudyView) -> StudyLandscape | None:
    """What was measured last, of runs that still count; None before the first."""
    found: StudyLandscape | None = _kept(_files(landscape.KIND, view.study.id), landscape.KEPT)
    return found and {
        **found,
        "lines": _of(view, found["lines"]),
        "widths": _of(view, found["widths"]),
        "slices": _of(view, found["slices"]),
    }


@asks(Action.VIEW)
def unmeasured(view: StudyView, tried: Sequence[SolutionOf]) -> int:
    """How many runs that count have come since.

    Args:
        view: of the study.
        tried: what was measured of it, and what couldn't be.
    """
    known = {one["run"] for one in tried}
    return sum(run.id not in known for run in _counting(view))


def unmeasured_units(view: StudyView) -> int:
    """How many runs that count have come since units were removed, those of which it failed aside.

    Raises:
        StorageError: that can't be read at the moment.
    """
    found = study_units(view)
    return unmeasured(view, [*found["runs"], *found["left_out"]] if found else [])


def unmeasured_landscape(view: StudyView) -> int:
    """How many runs that count have come since the landscape was measured, likewise.

    Raises:
        StorageError: that can't be read at the moment.
    """
    found = study_landscape(view)
    return unmeasured(view, [*found["widths"], *found["left_out"]] if found else [])


def _counting(view: StudyView) -> list[Run]:
    return [run for run in view.all_runs if counts(run)]


def _measurable(study: str) -> StudyView:
    view = view_study(study)
    if why := cannot_measure(view):
        raise RunStateError(why)
    return view


def _asked(view: StudyView) -> list[MeasuredRun]:
    return [
        {
            "arm": run.arm or "",
            "seed": run.config["training"]["seed"],
            "run": run.id,
            "attempt": newest_attempt(run).number,
        }
        for run in _counting(view)
    ]


def _of(view: StudyView, found: list[Of]) -> list[Of]:
    """Those of runs that still count: deleted ones are gone from the study."""
    known = {run.id for run in _counting(view)}
    return [one for one in found if one["run"] in known]


def _files(kind: Kind[Any, Any], study: str) -> JobFolder:
    return kind.folder(workplace().home.study(study) / kind.name)


def _start(kind: Kind[Any, Answer], study: str, request: object) -> JobState[Answer]:
    files = _files(kind, study)
    ask_for(kind, files, request, anew=True)
    return read_state(kind, files)


def _state(kind: Kind[Any, Answer], study: str) -> JobState[Answer] | None:
    files = _files(kind, study)
    if not files.request.exists():
        return None
    return seen_to(kind, files, read_state(kind, files))


def _kept(files: JobFolder, name: str) -> Any:  # noqa: ANN401 - the record of a kind
    path = files.folder / name
    try:
        return read_json(path) if path.exists() else None
    except DamagedError:  # the next one takes its place
        return None
