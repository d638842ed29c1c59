"""A lesson's verdict as a badge, and what was expected of it, on list and page alike."""

from cnnlab import lab
from cnnlab.domain.words import percent
from cnnlab.study.chance.claims import Outcome

_BADGES = {
    Outcome.HOLDS: ("green", "check_circle", "holds"),
    Outcome.DOES_NOT_HOLD: ("red", "cancel", "doesn't hold"),
    Outcome.CANNOT_TELL: ("gray", "question_mark", "can't tell"),
}
"""Colour, icon and words of a claim's verdict."""


def outcome_badge(outcome: Outcome) -> str:
    """What is known of a claim, as Markdown."""
    color, icon, words = _BADGES[outcome]
    return f":{color}-badge[:material/{icon}: {words}]"


def state_words(state: lab.LessonState) -> str:
    """Where a lesson stands, in a badge."""
    if state.is_stopped:
        return ":orange-badge[:material/pause: stopped]"
    if state.waits:
        return ":blue-badge[:material/hourglass: trained, open it to have it measured]"
    if state.outcome is None:
        done = percent(state.progress, decimals=0)
        return f":blue-badge[:material/hourglass: running, {done}]"
    return outcome_badge(state.outcome)


def expectation_words(view: lab.LessonView) -> str:
    """'You expected ..., the data say ...'; empty where nothing was expected.

    Both are the program's own words.
    """
    if not view.expected or view.answer is None:
        return ""
    if view.was_right is False and not view.answer.bears_out:
        said = "but the data say that it isn't so"
    elif view.answer.outcome is Outcome.CANNOT_TELL or not view.answer.bears_out:
        said = "the data can't tell yet whether that is so"
    elif view.was_right is None:
        said = f"the data say: *{view.lesson.expectations[view.answer.bears_out].lower()}*"
    elif view.was_right:
        said = "and so the data say"
    else:
        said = f"but the data say: *{view.lesson.expectations[view.answer.bears_out].lower()}*"
    return f"You expected: *{view.expected.lower()}*, {said}."
