"""All lessons, in the order in which they are best taken."""

from cnnlab.domain.errors import NotFoundError
from cnnlab.lab.lessons.lesson import Lesson
from cnnlab.lab.lessons.members import (
    convergence,
    effective_images,
    gap,
    redundancy,
    small_weights,
    wide_minimum,
)

LESSONS: tuple[Lesson, ...] = (
    convergence.LESSON,
    gap.LESSON,
    small_weights.LESSON,
    effective_images.LESSON,
    redundancy.LESSON,
    wide_minimum.LESSON,
)


def lesson_of_field(path: str) -> Lesson | None:
    """The lesson that shows what a field of the config does.

    Args:
        path: its dotted name, such as `regularization.dropout`.
    """
    return next(
        (
            lesson
            for lesson in LESSONS
            if any(f"{path}.".startswith(f"{field}.") for field in lesson.fields)
        ),
        None,
    )


def load_lesson(name: str) -> Lesson:
    """The lesson of that name.

    Raises:
        NotFoundError: there is none.
    """
    found = {lesson.name: lesson for lesson in LESSONS}
    if name not in found:
        raise NotFoundError(f"There is no lesson {name[:80]!r}: choose among {', '.join(found)}.")
    return found[name]
