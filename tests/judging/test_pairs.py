"""Pairs of models on the same images."""

import numpy as np
import pytest

from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.predictions import Predictions
from cnnlab.judging.pairs import are_same_images, compare_pairs, confusion_difference
from tests.made_judgements import made_predictions


def said(labels, named, sure=0.8, classes=3):
    labels, named = np.array(labels), np.array(named)
    probabilities = np.full((len(labels), classes), (1 - sure) / (classes - 1), np.float32)
    probabilities[np.arange(len(labels)), named] = sure
    return Predictions(np.arange(len(labels)), labels, probabilities)


def test_every_image_is_counted_once():
    labels = [0, 1, 2, 0, 1, 2]
    [pair] = compare_pairs([(said(labels, [0, 1, 2, 1, 1, 0]), said(labels, [0, 2, 2, 0, 0, 1]))])
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (2, 2, 1, 1)
    assert pair.images == 6
    assert pair.difference["value"] == pytest.approx(-1 / 6)
    assert pair.p == 1 and pair.verdict == "cannot_tell"


def test_a_clear_difference_is_told_and_holds_for_the_other_way_round():
    labels = [0] * 60
    good, bad = said(labels, [0] * 60), said(labels, [0] * 40 + [1] * 20)
    there, back = compare_pairs([(bad, good)])[0], compare_pairs([(good, bad)])[0]
    assert (there.verdict, back.verdict) == ("second_better", "first_better")
    assert there.difference["low"] == pytest.approx(-back.difference["high"])
    assert 0 < there.difference["low"] < 1 / 3 < there.difference["high"]


def test_of_several_pairs_less_is_claimed():
    labels = [0] * 60
    first, better = said(labels, [0] * 53 + [1] * 7), said(labels, [0] * 60)
    [alone] = compare_pairs([(first, better)])
    assert alone.p == alone.p_adjusted == pytest.approx(2 * 0.5**7)
    assert alone.verdict == "second_better"
    together = compare_pairs([(first, better)] + [(first, first)] * 6)
    assert together[0].p_adjusted == pytest.approx(7 * alone.p)
    assert together[0].verdict == "cannot_tell"
    assert together[0].difference == alone.difference, "an interval is that of its pair alone"


def test_cross_entropies_are_compared_image_by_image():
    first, second = made_predictions(300, seed=1), made_predictions(300, seed=2, skill=3.5)
    [pair] = compare_pairs([(first, second)])
    one, other = (cross_entropies(each.probabilities, each.labels) for each in (first, second))
    assert pair.cross_entropy["value"] == pytest.approx(other.mean() - one.mean())
    assert pair.cross_entropy["high"] < 0


def test_no_pair_is_none():
    assert compare_pairs([]) == []


def test_the_confusion_difference_sums_to_nothing_in_each_row():
    first, second = made_predictions(200, seed=1), made_predictions(200, seed=2)
    difference = confusion_difference(first, second)
    assert difference.any()
    assert not difference.sum(axis=1).any()
    one, other = (
        (each.probabilities.argmax(axis=1) == each.labels).sum() for each in (first, second)
    )
    assert np.trace(difference) == other - one


def test_images_are_the_same_by_row_and_label():
    one = said([0, 1, 2], [0, 1, 2])
    assert are_same_images(one, said([0, 1, 2], [2, 2, 2]))
    assert not are_same_images(one, said([0, 1, 1], [0, 1, 2]))
    assert not are_same_images(one, said([0, 1], [0, 1]))
    moved = Predictions(one.positions + 1, one.labels, one.probabilities)
    assert not are_same_images(one, moved)
