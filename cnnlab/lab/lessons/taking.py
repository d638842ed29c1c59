"""What a user can do with lessons: see what one would take, take it, see what the data say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cnnlab.domain.errors import BadInputError, RunStateError, StorageError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted
from cnnlab.jobs.state import JobState, Stage
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.importing import imported_from
from cnnlab.lab.lessons.evidence import is_broken
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Lesson, Measurement
from cnnlab.lab.lessons.setting import Setting, lesson_seconds, lesson_setting
from cnnlab.lab.lessons.table import load_lesson
from cnnlab.lab.study.studies import launch_study, list_studies, resume_study, stop_study
from cnnlab.lab.study.verdicts import counts
from cnnlab.lab.study.view import StudyView, view_study
from cnnlab.study.chance.claims import Outcome


@dataclass(frozen=True)
class LessonPlan:
    """What a lesson would do on a dataset.

    Attributes:
        study: that it would launch.
        setting: the dataset as it uses it.
        seconds: that training and measuring take about, within a factor of two.
    """

    study: Study
    setting: Setting
    seconds: float


@dataclass(frozen=True)
class LessonView:
    """Where a lesson stands on a dataset.

    Attributes:
        lesson: it.
        study: that tests it.
        failed: why its first failed run did, with the run's name, or the measurement; empty where
            none did.
        answer: what the data say; None while runs or the measurement are on their way.
        measuring: the measurement of the trained models that is on its way, or failed.
        missing: runs that have ended and are no result: stopped ones, failed ones.
    """

    lesson: Lesson
    study: StudyView
    failed: str
    answer: Answer | None
    measuring: JobState[Any] | None = None
    missing: int = 0

    @property
    def can_go_on(self) -> bool:
        """Whether something was stopped or has failed that may be tried again."""
        return self.missing > 0 or (self.answer is not None and self.measuring is not None)

    @property
    def expected(self) -> str:
        """What was expected of it before the start, in words; empty where nothing was."""
        return self.lesson.expectations.get(self.study.study.expected, "")

    @property
    def was_right(self) -> bool | None:
        """Whether the data bear the expectation out; None where there is none, or no answer."""
        expected = self.study.study.expected
        if self.answer is None or expected in ("", UNSURE):
            return None
        if self.answer.bears_out:
            return expected == self.answer.bears_out
        is_claim = expected == next(iter(self.lesson.expectations))
        return False if is_claim and self.answer.outcome is Outcome.DOES_NOT_HOLD else None


@asks(Action.VIEW)
def plan_lesson(name: str, dataset: str) -> LessonPlan:
    """What a lesson would do on a dataset.

    Raises:
        NotFoundError: there is no such lesson or dataset.
        DatasetError: the dataset has too few classes or images for it.
    """
    lesson = load_lesson(name)
    setting = lesson_setting(dataset, fewest_images=lesson.fewest_images)
    study, measurement = lesson.plan(setting), lesson.measurement
    seconds = lesson_seconds(study, setting)
    if measurement is not None:
        seconds += measurement.run_seconds * len(study.pairs)
    return LessonPlan(study, setting, seconds)


@asks(Action.EDIT)
def start_lesson(name: str, dataset: str, expected: str) -> Study:
    """Launch the study that tests a lesson's claim, and keep what is expected of it.

    Args:
        name: of the lesson.
        dataset: its id.
        expected: one of the lesson's expectations, by name.

    Raises:
        NotFoundError: there is no such lesson or dataset.
        BadInputError: there is no such expectation.
        DatasetError: the dataset has too few classes or images for it.
    """
    lesson = load_lesson(name)
    if expected not in lesson.expectations:
        raise BadInputError(
            f"Say first what you expect of this lesson: {', '.join(lesson.expectations)}. "
            f"Received: {expected!r:.80}"
        )
    study = plan_lesson(name, dataset).study
    return launch_study(replace(study, lesson=name, expected=expected))


@asks(Action.EDIT)
def stop_lesson(study: str) -> None:
    """Stop the runs of a lesson's study, or what is measured of them; what is done stays.

    Raises:
        NotFoundError: there is no such study, or it is none of a lesson.
        StorageError: the disk is full.
    """
    view = view_lesson(study)
    if view.measuring is not None and view.lesson.measurement is not None:
        view.lesson.measurement.cancel(study)
    else:
        stop_study(study)


@asks(Action.EDIT)
def resume_lesson(study: str) -> None:
    """Go on with what was stopped or has failed.

    Raises:
        NotFoundError: there is no such study, or it is none of a lesson.
        RunStateError: its models can't be measured, as their training states are gone.
        StorageError: the disk is full.
    """
    view = view_lesson(study)
    if view.missing:
        resume_study(study)
    elif view.lesson.measurement is not None:
        view.lesson.measurement.start(study)


@asks(Action.VIEW)
def lesson_studies(name: str) -> list[Study]:
    """The studies that were launched for a lesson, newest first."""
    return [study for study in list_studies() if study.lesson == name and _is_own(study)]


def _is_own(study: Study) -> bool:
    """Whether it was launched here: of an imported one the expectation was somebody else's."""
    return imported_from(study.id) is None


@asks(Action.VIEW)
def view_lesson(study: str) -> LessonView:
    """Where a lesson stands, by its study; what it says once that has ended and was measured.

    For the page of the lesson: it begins what has to be measured. Lists take `lesson_state`.

    Raises:
        NotFoundError: there is no such study, or it is none of a lesson.
    """
    view = view_study(study)
    lesson = load_lesson(view.study.lesson)
    failed = next(_failures(lesson, view), "")
    if not view.is_ended:
        return LessonView(lesson, view, failed, None)
    missing = missing_runs(lesson, view.study, view.all_runs)
    if missing:
        return LessonView(lesson, view, failed, _incomplete(missing, view), missing=missing)
    measuring = _see_to(lesson.measurement, view)
    if measuring is None or measuring.is_ready:
        return LessonView(lesson, view, failed, lesson.tell(view))
    if not measuring.is_ended:
        return LessonView(lesson, view, failed, None, measuring)
    answer = Answer(Outcome.CANNOT_TELL, "The finished networks weren't measured.")
    return LessonView(lesson, view, measuring.problem or failed, answer, measuring)


def _see_to(measurement: Measurement | None, view: StudyView) -> JobState[Any] | None:
    """Where a measurement stands, which begins by itself once all runs have finished.

    Where seeds were added since, it goes on with them.
    """
    if measurement is None:
        return None
    study = view.study.id
    try:
        state = measurement.state(study)
        if state is None or (state.is_ready and measurement.unmeasured(view)):
            return measurement.start(study)
        return state
    except (
        RunStateError,
        StorageError,
    ) as error:  # the rest of the lesson can be read all the same
        return JobState(Stage.FAILED, problem=str(error))


def _failures(lesson: Lesson, view: StudyView) -> Iterator[str]:
    for run in view.all_runs:
        if run.status is Status.FAILED and not _is_result(lesson, run):
            yield f"{run.name}: {run.message or 'failed'}"


def missing_runs(lesson: Lesson, study: Study, of_study: Iterable[Run]) -> int:
    """How many of a study's runs are no result of its lesson: stopped, failed, deleted ones."""
    return len(study.pairs) - sum(_is_result(lesson, run) for run in of_study)


def _is_result(lesson: Lesson, run: Run) -> bool:
    return counts(run) or (lesson.takes_broken and is_broken(run))


def _incomplete(missing: int, view: StudyView) -> Answer:
    verb = "isn't" if missing == 1 else "aren't"
    return Answer(
        Outcome.CANNOT_TELL,
        f"{missing} of {counted(len(view.study.pairs), 'run')} {verb} there or can't count: they "
        "were stopped, failed, were deleted, or somebody turned their dials. The others may be "
        "the lucky ones, so nothing is told.",
    )
