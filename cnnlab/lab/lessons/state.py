"""Where a lesson stands, in a word, for lists: to read it starts nothing, and is cheap."""

import functools
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.people.person import Action
from cnnlab.domain.study import Study
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.lessons.table import load_lesson
from cnnlab.lab.lessons.taking import missing_runs
from cnnlab.lab.study.looks import state_of
from cnnlab.lab.study.studies import runs_by_arm, study_runs
from cnnlab.lab.study.view import share_done, view_study
from cnnlab.lab.workplace import workplace
from cnnlab.study.chance.claims import Outcome


@dataclass(frozen=True)
class LessonState:
    """Where a lesson's study stands.

    Attributes:
        progress: share of all epochs that are trained, 0..1.
        outcome: what is known of the claim; None before the end.
        is_stopped: whether runs or measurements were stopped or have failed.
        waits: whether all has trained, and the measurement begins where the lesson is opened.
    """

    progress: float
    outcome: Outcome | None = None
    is_stopped: bool = False
    waits: bool = False


@asks(Action.VIEW)
def lesson_state(study: Study) -> LessonState:
    """Where a lesson stands, by its study.

    What an ended one says is read once for each state of its runs and of what was measured.

    Raises:
        NotFoundError: the study is none of a lesson.
        StorageError: it can't be read at the moment.
    """
    lesson, of_study = load_lesson(study.lesson), study_runs(study.id)
    progress = sum(map(share_done, of_study)) / max(1, len(study.pairs))
    if not all(run.status.is_ended for run in of_study):
        return LessonState(progress)
    runs = runs_by_arm(study, of_study)
    planned = [runs[arm.name][seed] for arm, seed in study.pairs if seed in runs[arm.name]]
    if missing_runs(lesson, study, planned):
        return LessonState(progress, is_stopped=True)
    measured = ""
    if lesson.measurement is not None:
        state = lesson.measurement.state(study.id)
        if state is None or not state.is_ended:
            return LessonState(progress, waits=state is None)
        if not state.is_ready:
            return LessonState(progress, is_stopped=True)
        measured = repr(state.answer)
    outcome = _outcome(workplace().home.root, study.id, state_of(runs), measured)
    return LessonState(progress, outcome, waits=outcome is None)


@functools.lru_cache(maxsize=256)
def _outcome(_home: Path, study: str, _state: str, _measured: str) -> Outcome | None:
    """Of one state of the runs and of what was measured, which doesn't change any more.

    None where runs have come since it was measured.
    """
    view = view_study(study)
    lesson = load_lesson(view.study.lesson)
    if lesson.measurement is not None and lesson.measurement.unmeasured(view):
        return None
    return lesson.tell(view).outcome
