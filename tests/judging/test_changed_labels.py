"""Whether an augmentation changes what images show, by made answers of two nets."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab.judging.changed_labels import (
    Evidence,
    find_changes,
    is_suspicious,
    is_unsettled,
    judged_classes,
    taken_share,
    unfamiliar,
)

CLASSES, EACH = 4, 40
LABELS = np.repeat(np.arange(CLASSES), EACH)


def said(*, errors=0.02, seed=0, swapped=(), share=0.0, to=None):
    """What a net says, logarithms (N, classes): right but for some errors.

    `share` of the images of the classes `swapped` are taken for one another, or for `to`.
    """
    random = np.random.default_rng(seed)
    answers = np.where(random.random(len(LABELS)) < errors, random.integers(0, 4, 160), LABELS)
    for label in swapped:
        own = (label == LABELS) & (random.random(len(LABELS)) < share)
        answers[own] = sum(swapped) - label if to is None else to
    scores = random.normal(0, 0.3, (len(LABELS), CLASSES)) + 6 * np.eye(CLASSES)[answers]
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def evidence(changed, after, after_changed, *, before=None, **more):
    return Evidence(
        LABELS,
        said(seed=9) if before is None else before,
        changed[None],
        after,
        after_changed[None],
        after_changed[None],
        **more,
    )


def pairs_of(changes):
    return {(change.shown, change.taken_for) for change in changes}


def test_classes_made_alike_are_found_both_ways_with_their_share_and_examples():
    one = evidence(
        said(seed=1, swapped=(1, 2), share=0.9),
        said(seed=2, swapped=(1, 2), share=0.5),
        said(seed=3, swapped=(1, 2), share=0.5),
    )
    (found,) = find_changes({"a": one}).values()
    assert pairs_of(found) == {(1, 2), (2, 1)}
    for change in found:
        assert 0.7 < change.low < change.fraction < 1
        assert len(change.examples) == 4
        assert all(LABELS[row] == change.shown for row, _ in change.examples)


def test_images_that_the_first_net_merely_never_saw_change_no_label():
    """It takes nearly all of a class for another one; the second net has learned them."""
    one = evidence(said(seed=1, swapped=(1,), share=0.95, to=2), said(seed=2), said(seed=3))
    assert is_suspicious(LABELS, one.before, one.changed)
    assert find_changes({"a": one}) == {"a": []}
    strange = unfamiliar(one)
    assert (strange.shown, strange.taken_for) == (1, 2)


def test_a_net_that_got_worse_everywhere_changes_no_label():
    worse = said(errors=0.15, seed=2)
    one = evidence(said(errors=0.5, seed=1), worse, said(errors=0.5, seed=3), may_lose=False)
    assert find_changes({"a": one}) == {"a": []}


@pytest.mark.parametrize(("share", "unsettled"), [(0.0, False), (0.15, True), (0.45, False)])
def test_a_net_that_may_have_learned_too_little_is_to_go_on(share, unsettled):
    one = evidence(
        said(seed=1, swapped=(1, 2), share=0.9),
        said(seed=2, swapped=(1, 2), share=share),
        said(seed=3),
    )
    assert is_unsettled(one) == unsettled


def test_what_seems_lost_may_only_not_have_been_learned_yet():
    gone = said(seed=1, swapped=(0, 3), share=0.8, to=1)
    one = evidence(gone, said(seed=2), said(seed=3, swapped=(0, 3), share=0.7, to=1))
    assert is_unsettled(one)
    assert not is_unsettled(evidence(gone, one.after, said(seed=3)))
    learned = evidence(gone, one.after, said(seed=4), sooner=one)
    assert find_changes({"a": learned}) == {"a": []}
    by_heart = replace(
        evidence(gone, one.after, one.after_changed[0], sooner=one),
        after_own=said(seed=4)[None],
    )
    assert pairs_of(find_changes({"a": by_heart})["a"]) == {(0, None), (3, None)}


def test_what_is_lost_is_taken_for_anything():
    gone = said(seed=1, swapped=(0, 3), share=0.8, to=1)
    one = evidence(gone, said(seed=2), said(seed=3, swapped=(0, 3), share=0.7, to=1))
    (found,) = find_changes({"a": one}).values()
    assert pairs_of(found) == {(0, None), (3, None)}
    undone = evidence(gone, one.after, one.after_changed[0], may_lose=False)
    assert find_changes({"a": undone}) == {"a": []}


def test_what_changes_nothing_raises_no_suspicion():
    assert not is_suspicious(LABELS, said(seed=1), said(seed=2)[None])


def test_luck_raises_at_most_one_alarm_in_twenty():
    """The second net errs as often as the first one, elsewhere; all pairs look suspicious."""
    alarms = 0
    for seed in range(0, 150, 3):
        looks = {
            str(number): evidence(
                said(errors=0.5, seed=seed + number),
                said(errors=0.15, seed=1000 + seed + number),
                said(errors=0.3, seed=2000 + seed + number),
                before=said(errors=0.15, seed=3000 + seed),
                may_lose=False,
            )
            for number in range(3)
        }
        alarms += any(find_changes(looks).values())
    assert alarms <= 2


def test_of_classes_that_cant_be_told_apart_or_have_few_images_nothing_is_said():
    blind = said(errors=1.0, seed=4)
    assert judged_classes(LABELS, blind) == []
    keep = np.flatnonzero((LABELS != 3) | (np.arange(len(LABELS)) % 5 == 0))
    assert judged_classes(LABELS[keep], said(seed=5)[keep]) == [0, 1, 2]


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_at_a_weaker_strength_only_what_was_found_counts(share):
    one = evidence(
        said(seed=1, swapped=(1, 2), share=0.9),
        said(seed=2, swapped=(1, 2), share=0.5),
        said(seed=3, swapped=(1, 2), share=0.5),
    )
    weaker = said(seed=7, swapped=(1, 2), share=share)[None]
    told = [taken_share(LABELS, one.before, weaker, way) for way in find_changes({"a": one})["a"]]
    assert max(told) == pytest.approx(share, abs=0.15)
    assert (max(told) <= 0.05) == (share == 0.0)
