"""How images went through the epochs: against counts made by hand."""

import numpy as np
import pytest

from cnnlab.judging.inside.courses import (
    HARDEST,
    MOST_CHANGING,
    MOST_RIGHT,
    MOST_WRONG,
    NEVER_CHANGING,
    RAREST,
    choose_followed,
    courses_of,
)

#  images:          always  never  late  lost  twice  never, but never the same class
NAMED = np.array(
    [
        [0, 1, 1, 0, 0, 1],
        [0, 1, 1, 0, 1, 2],
        [0, 1, 0, 1, 0, 1],
        [0, 1, 0, 1, 1, 2],
        [0, 1, 0, 1, 0, 1],
    ]
)


def test_learned_forgotten_and_changed_are_counted():
    courses = courses_of(NAMED, np.zeros(6, int))
    assert courses.learned.tolist() == [0, -1, 2, 0, 0, -1]
    assert courses.forgotten.tolist() == [0, 0, 0, 1, 2, 0]
    assert courses.changes.tolist() == [0, 0, 1, 1, 4, 4]
    assert courses.right.tolist() == [5, 0, 3, 2, 3, 0]
    assert (courses.never, courses.kept, courses.lost) == (2, 2, 1)
    assert courses.most_forgotten().tolist() == [4, 3]


def test_one_epoch_forgets_nothing():
    courses = courses_of(NAMED[:1], np.zeros(6, int))
    assert courses.forgotten.sum() == courses.changes.sum() == 0
    assert courses.most_forgotten().tolist() == []


def _made(images, classes, epochs=8, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.sort(rng.integers(0, classes, images))
    true = rng.random((epochs, images))
    named = np.where(true > 0.5, labels, (labels + 1) % classes)
    return courses_of(named, labels), labels, true


def test_twelve_are_chosen_three_of_each_sort_and_of_several_classes():
    courses, labels, true = _made(300, 5)
    chosen = choose_followed(courses, labels, true)
    assert len({one.place for one in chosen}) == 12
    whys = [one.why for one in chosen]
    assert [whys.count(why) for why in (MOST_RIGHT, MOST_WRONG, MOST_CHANGING, RAREST)] == [3] * 4
    best, worst = (
        [one.place for one in chosen if one.why == why] for why in (MOST_RIGHT, MOST_WRONG)
    )
    assert courses.right[best].min() > courses.right[worst].max()
    assert courses.right[best[0]] == courses.right.max()
    assert all(len(set(labels[places])) == 3 for places in (best, worst))
    rarest = {int(labels[one.place]) for one in chosen if one.why == RAREST}
    assert rarest == {int(np.bincount(labels).argmin())}
    assert choose_followed(courses, labels, true) == chosen


def test_where_no_class_is_rarer_that_is_followed_which_is_recognized_least():
    labels = np.repeat([0, 1], 20)
    named = np.tile(np.where(labels == 1, 0, 0), (4, 1))
    true = np.where(named == labels, 0.9, 0.1)
    chosen = choose_followed(courses_of(named, labels), labels, true)
    assert {int(labels[one.place]) for one in chosen if one.why == HARDEST} == {1}
    assert RAREST not in {one.why for one in chosen}


def test_nothing_that_never_changed_is_said_to_change_most():
    labels = np.arange(20) % 2
    named = np.tile(labels, (3, 1))
    named[1, :2] = 1 - labels[:2]  # two change, all others never do
    chosen = choose_followed(courses_of(named, labels), labels, np.where(named == labels, 0.9, 0.1))
    assert len(chosen) == 12
    whys = [one.why for one in chosen]
    assert whys.count(MOST_CHANGING) + whys.count(MOST_WRONG) <= 5
    assert {one.place for one in chosen if one.why == MOST_CHANGING} <= {0, 1}
    assert NEVER_CHANGING in whys


@pytest.mark.parametrize("images", [1, 5, 11, 13])
def test_a_rare_class_and_few_images_leave_no_place_empty(images):
    courses, labels, true = _made(images, 3)
    labels[0] = 7
    chosen = choose_followed(courses, labels, true)
    assert len(chosen) == len({one.place for one in chosen}) == min(images, 12)
