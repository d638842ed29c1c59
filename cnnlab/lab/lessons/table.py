"""All lessons, in the order in which they are best taken."""

from cnnlab.domain.errors import DatasetError, NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.lessons.lesson import Lesson
from cnnlab.lab.lessons.members import (
    convergence,
    effective_images,
    gap,
    redundancy,
    small_weights,
    wide_minimum,
)
from cnnlab.lab.lessons.setting import lesson_setting

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


@asks(Action.VIEW)
def lesson_refusals(dataset: str) -> dict[str, str]:
    """Why lessons can't be taken on a dataset, a sentence or two by their names.

    Args:
        dataset: its id.

    Returns:
        Nothing of those that can be taken.

    Raises:
        NotFoundError: there is no such dataset.
    """
    said: dict[int, str] = {}
    for fewest in {lesson.fewest_images for lesson in LESSONS}:
        try:
            lesson_setting(dataset, fewest_images=fewest)
        except DatasetError as error:
            said[fewest] = str(error)
    return {each.name: said[each.fewest_images] for each in LESSONS if each.fewest_images in said}


def load_lesson(name: str) -> Lesson:
    """The lesson of that name.

    Raises:
        NotFoundError: there is none.
    """
    found = {lesson.name: lesson for lesson in LESSONS}
    if name not in found:
        raise NotFoundError(f"There is no lesson {name[:80]!r}: choose among {', '.join(found)}.")
    return found[name]
