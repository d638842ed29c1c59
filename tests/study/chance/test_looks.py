import pytest

from cnnlab.domain.study import RecordedLook
from cnnlab.study.chance.looks import ALPHA, alpha_of_look, alpha_spent


def looked(*states):
    """The looks at these states, each a name and whether all planned runs counted."""
    looks = ()
    for state, is_complete in states:
        alpha = alpha_of_look(looks, state, is_planned=is_complete)
        is_planned = is_complete and not any(look.is_planned for look in looks)
        looks = (*looks, RecordedLook(state, alpha, "", is_planned))
    return looks


def test_the_planned_look_has_the_whole_level_where_nothing_was_seen_before():
    assert alpha_of_look((), "a", is_planned=True) == ALPHA == 0.05


def test_a_state_that_was_seen_keeps_what_it_was_given():
    looks = looked(("a", False), ("b", True), ("c", True))
    for look in looks:
        assert alpha_of_look(looks, look.state, is_planned=True) == look.alpha


def test_stop_look_resume_look_counts_as_two():
    early, planned = looked(("some", False), ("all", True))
    assert early.alpha == pytest.approx(0.05 * 3 / 16)
    assert planned.alpha == pytest.approx(0.05 - early.alpha)


def test_seeds_that_are_added_have_what_they_had_in_earlier_versions():
    _, second, third = looked(("a", True), ("b", True), ("c", True))
    assert (second.alpha, third.alpha) == pytest.approx((0.05 * 3 / 16, 0.05 * 3 / 64))


@pytest.mark.parametrize("planned_at", [0, 1, 3, 9])
def test_however_often_all_looks_spend_no_more_than_is_said(planned_at):
    looks = looked(*((str(number), number >= planned_at) for number in range(12)))
    assert all(look.alpha > 0 for look in looks)
    assert alpha_spent(looks[: planned_at + 1]) <= 0.05 + 1e-12
    assert alpha_spent(looks) <= 0.0625


def test_looks_that_an_earlier_version_did_not_note_count_without_a_state():
    unnoted = (RecordedLook("", 0.05, "", True),)
    assert alpha_of_look(unnoted, "", is_planned=True) == pytest.approx(0.05 * 3 / 16)
