"""Whether a file computes what the model computes."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab.domain.errors import ExportError
from cnnlab.exports.agreement import Compared, Limits, compare, require_agreement
from cnnlab.exports.alone import Ran
from cnnlab.judging.words.lost_words import loss_words, uncompared_words

LIMITS = Limits(max_abs_difference=1e-4, top1_agreement=0.98)
EXPECTED = np.array([[1, 0], [1, 0], [0, 1]], np.float32)


def checked(predicted, labels=(0, 0, 1)):
    ran = Ran(np.array(predicted, np.float32), np.array([0.1, 0.3, 0.2]), 100)
    compared = Compared([b""] * 3, np.array(labels), EXPECTED, 40)
    return compare(ran, compared, ("leaf", "rock"), 7)


def test_what_is_measured_of_a_file():
    check = checked(EXPECTED, labels=(0, 1, 1))
    require_agreement("X", LIMITS, check)
    assert check["max_abs_difference"] == 0 and check["top1_agreement"] == 1
    assert check["milliseconds_per_image"] == pytest.approx(200)
    assert (check["images"], check["of_images"], check["bytes"], check["memory_bytes"]) == (
        3, 40, 7, 100,
    )  # fmt: skip
    assert check["accuracy"] == check["accuracy_float32"]
    assert check["accuracy"]["low"] < check["accuracy"]["value"] == pytest.approx(2 / 3)
    assert check["per_class"] == [
        {"class": "leaf", "images": 1, "right": 1, "right_float32": 1},
        {"class": "rock", "images": 2, "right": 1, "right_float32": 1},
    ]


def test_images_that_were_not_read_in_time_are_left_out():
    check = checked(EXPECTED[:2])
    assert (check["images"], check["of_images"]) == (2, 40)
    assert check["per_class"][1]["images"] == 0
    assert uncompared_words(check) == (
        "Nothing is known of 'rock': none of the 2 compared images shows it."
    )
    assert uncompared_words(checked(EXPECTED)) is None
    many = [{"class": name, "images": 0, "right": 0, "right_float32": 0} for name in "abcdef"]
    assert "'a', 'b', 'c' and 3 more classes:" in uncompared_words(check | {"per_class": many})


@pytest.mark.parametrize(
    ("changed", "said"), [([0.2, 0.8], "0.2 "), ([0.6, 0.4], "0.6 "), ([np.nan, 0], "nan ")]
)
def test_a_file_that_computes_something_else_is_refused_in_one_sentence(changed, said):
    with pytest.raises(ExportError, match=f"X isn.t offered.* {said}") as refused:
        require_agreement("X", LIMITS, checked([[1, 0], [1, 0], changed]))
    assert "\n" not in str(refused.value)


def test_the_class_that_loses_most_is_named_with_what_to_take_instead():
    limits = replace(LIMITS, instead="Take Y.")
    with pytest.raises(ExportError) as refused:
        require_agreement("X", limits, checked([[1, 0], [0, 1], [0, 1]]))
    assert str(refused.value) == (
        "X isn't offered, for it computes something else than the model: the largest difference "
        "of a probability is 1 (at most 0.0001) and it says the same "
        "class of 66.7\u00a0% of the images "
        "(at least 98\u00a0%). It loses 33.3 points of accuracy on "
        "these 3 validation images (2 instead "
        "of 3 right), most on 'leaf': 50.0 points (1 instead of 2 of 2 right). Take Y."
    )


def test_what_is_lost_is_told_where_a_file_is_offered_all_the_same():
    assert loss_words(checked(EXPECTED)) is None
    assert loss_words(checked([[0, 1], [1, 0], [1, 0]], labels=(1, 1, 0))) is None  # it gains
    swapped = checked([[0, 1], [1, 0], [0, 1]], labels=(0, 0, 1))
    assert "loses 33.3 points of accuracy on these 3" in loss_words(swapped)
    other = checked([[1, 0], [0, 1], [0, 1]], labels=(0, 1, 0))
    assert loss_words(other) is None
    assert loss_words(checked([[0, 1], [0, 1], [0, 1]], labels=(0, 1, 1))) == (
        "It is right as often as the model in all, and loses accuracy on 'leaf': 100.0 points (0 "
        "instead of 1 of 1 right)."
    )


def test_nothing_is_said_of_a_loss_that_is_not_known():
    known = checked(EXPECTED)
    del known["per_class"]
    assert loss_words(known) is None
