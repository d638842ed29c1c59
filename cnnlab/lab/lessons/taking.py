"""What a user can do with lessons: see what one would take, take it, see what the data say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted
from cnnlab.lab.exporting.importing import imported_from
from cnnlab.lab.lessons.evidence import is_broken
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Lesson
from cnnlab.lab.lessons.setting import Setting, lesson_seconds, lesson_setting
from cnnlab.lab.lessons.table import load_lesson
from cnnlab.lab.study.studies import launch_study, list_studies
from cnnlab.lab.study.verdicts import counts
from cnnlab.lab.study.view import StudyView, view_study
from cnnlab.study.claims import Outcome


@dataclass(frozen=True)
class LessonPlan:
    """What a lesson would do on a dataset.

    Attributes:
        study: that it would launch.
        setting: the dataset as it uses it.
        seconds: that it takes about, within a factor of two.
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
        failed: why its first failed run did, with the run's name; empty where none did.
        answer: what the data say; None while runs are on their way.
    """

    lesson: Lesson
    study: StudyView
    failed: str
    answer: Answer | None

    @property
    def expected(self) -> str:
        """What was expected of it before the start, in words; empty where nothing was."""
        return self.lesson.expectations.get(self.study.study.expected, "")

    @property
    def was_right(self) -> bool | None:
        """Whether the data bear the expectation out; None where there is none, or no answer."""
        expected = self.study.study.expected
        if self.answer is None or not self.answer.bears_out or expected in ("", UNSURE):
            return None
        return expected == self.answer.bears_out


def plan_lesson(name: str, dataset: str) -> LessonPlan:
    """What a lesson would do on a dataset.

    Raises:
        NotFoundError: there is no such lesson or dataset.
        DatasetError: the dataset has too few classes or images for it.
    """
    lesson = load_lesson(name)
    setting = lesson_setting(dataset, fewest_images=lesson.fewest_images)
    study = lesson.plan(setting)
    return LessonPlan(study, setting, lesson_seconds(study, setting))


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


def lesson_studies(name: str) -> list[Study]:
    """The studies that were launched for a lesson, newest first."""
    return [study for study in list_studies() if study.lesson == name and _is_own(study)]


def _is_own(study: Study) -> bool:
    """Whether it was launched here: of an imported one the expectation was somebody else's."""
    return imported_from(study.id) is None


def view_lesson(study: str) -> LessonView:
    """Where a lesson stands, by its study; what it says once that has ended.

    Raises:
        NotFoundError: there is no such study, or it is none of a lesson.
    """
    view = view_study(study)
    lesson = load_lesson(view.study.lesson)
    failed = next(_failures(lesson, view), "")
    if not view.is_ended:
        return LessonView(lesson, view, failed, None)
    missing = len(view.study.pairs) - sum(_is_result(lesson, run) for run in view.all_runs)
    answer = _incomplete(missing, view) if missing else lesson.tell(view)
    return LessonView(lesson, view, failed, answer)


def _failures(lesson: Lesson, view: StudyView) -> Iterator[str]:
    for run in view.all_runs:
        if run.status is Status.FAILED and not _is_result(lesson, run):
            yield f"{run.name}: {run.message or 'failed'}"


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
