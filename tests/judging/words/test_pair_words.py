"""What pairs of models tell, in sentences."""

from dataclasses import replace

from cnnlab.judging.pairs import compare_pairs
from cnnlab.judging.words.pair_words import (
    lead_words,
    nats_words,
    pair_words,
    summary_words,
    turned,
    verdict_words,
)
from cnnlab.judging.words.sentences import difference_words
from tests.judging.test_pairs import said

LABELS = [0] * 60
GOOD, BAD = said(LABELS, LABELS), said(LABELS, [0] * 40 + [1] * 20)


def test_who_is_better_is_said_with_the_interval_and_the_test():
    [pair] = compare_pairs([(BAD, GOOD)])
    words = pair_words("A", "B", pair, 1)
    assert words.startswith("B is right more often than A on these 60 images, by 33.3 points (")
    assert words.endswith("p below 0.001, McNemar's exact test.")
    assert verdict_words("A", "B", pair) == "B more often right"
    [back] = compare_pairs([(GOOD, BAD)])
    assert pair_words("A", "B", back, 3).startswith("A is right more often than B")
    assert "these 60 images, by 33.3 points (" in pair_words("A", "B", back, 3)
    assert lead_words(turned({"value": -0.024, "low": -0.046, "high": -0.008})) == (
        "by 2.4 points (0.8 to 4.6)"
    )
    assert lead_words({"value": 0.02, "low": -0.001, "high": 0.04}).endswith("(−0.1 to +4.0)")
    assert lead_words(turned({"value": None, "low": None, "high": None})) == "by –"
    assert "after Holm's correction for 3 pairs" in pair_words("A", "B", back, 3)


def test_probabilities_that_are_worse_are_told_of_who_is_right_more_often():
    [pair] = compare_pairs([(BAD, GOOD)])
    worse = {"value": 0.061, "low": 0.011, "high": 0.11}
    sentence = (
        " The probabilities of B are worse all the same: its cross-entropy is 0.061 nats higher "
        "(0.011 to 0.110)."
    )
    assert pair_words("A", "B", replace(pair, cross_entropy=worse), 1).endswith(sentence)
    [back] = compare_pairs([(GOOD, BAD)])
    for of_second, told in ((-0.061, True), (0.061, False)):
        of_b = {"value": of_second, "low": of_second - 0.01, "high": of_second + 0.01}
        words = pair_words("B", "A", replace(back, cross_entropy=of_b), 1)
        assert ("The probabilities of B are worse" in words) == told
    open_one = worse | {"low": -0.01}
    assert "worse" not in pair_words("A", "B", replace(pair, cross_entropy=open_one), 1)


def test_that_it_cannot_be_told_is_said_too():
    slightly = said(LABELS, [1, 1] + [0] * 58)
    [pair] = compare_pairs([(GOOD, slightly)])
    assert "these 60 images can't tell" in pair_words("A", "B", pair, 1)
    assert verdict_words("A", "B", pair) == "can't tell"
    [same] = compare_pairs([(GOOD, GOOD)])
    assert "right on the same ones of these 60 images" in pair_words("A", "B", same, 1)


def test_an_interval_that_leaves_0_out_where_the_test_cannot_tell_is_no_contradiction():
    labels = [0] * 411
    first = said(labels, [0] * 397 + [1] * 14)
    [pair] = compare_pairs([(first, said(labels, [1] * 5 + [0] * 406))])
    low, p = pair.difference["low"], pair.p
    assert low is not None and low > 0 and p > 0.05
    words = pair_words("A", "B", pair, 1)
    assert words.endswith(
        "(+0.1 to +4.6); p = 0.0636, McNemar's exact test. The interval leaves 0 out, but the "
        "test is the stricter of the two and decides."
    )
    [unclear] = compare_pairs([(first, said(labels, [1] * 13 + [0] * 398))])
    assert "leaves 0 out" not in pair_words("A", "B", unclear, 1)


def test_many_pairs_are_summed_up():
    pairs = compare_pairs([(BAD, GOOD), (BAD, BAD), (BAD, said(LABELS, [1] * 60))])
    told = [("A", letter, pair) for letter, pair in zip("BCD", pairs, strict=True)]
    assert summary_words(told, 6) == (
        "Right more often than A: B; less often than A: D; can't be told: C. By McNemar's exact "
        "test, after Holm's correction for 6 pairs: all of these runs that can be paired, "
        "whichever are shown."
    )
    one = summary_words([told[1]], 1)
    assert one.startswith("Can't be told: C.") and "for 1 pair:" in one


def test_differences_have_their_signs_and_units():
    known = {"value": 0.021, "low": -0.004, "high": 0.047}
    assert difference_words(known) == "+2.1 points (−0.4 to +4.7)"
    assert difference_words({"value": None, "low": None, "high": None}) == "–"
    assert nats_words({"value": -0.031, "low": -0.062, "high": 0.001}) == (
        "−0.0310 nats (−0.0620 to +0.0010)"
    )
    assert nats_words({"value": 0.5, "low": None, "high": None}) == "+0.500 nats"
    assert nats_words({"value": None, "low": None, "high": None}) == "–"
