"""What few validation images mean."""

import pytest

from cnnlab.domain.data.dataset import Finding
from cnnlab.domain.data.judged_by import ENOUGH, judged_by_few_words, unsure_points


def test_few_images_are_said_with_what_one_of_them_is_worth(monkeypatch):
    monkeypatch.setattr("cnnlab.domain.data.judged_by.ENOUGH", 40)
    title, words = judged_by_few_words(6)
    assert title.startswith("Too few validation images")
    assert words.startswith("With 6 one picture is 17 points, and an accuracy may be off by ±40;")
    assert "With 1 one picture is 100 points" in judged_by_few_words(1)[1]
    assert judged_by_few_words(39)
    assert not judged_by_few_words(0) and not judged_by_few_words(40)


def test_an_accuracy_is_as_sure_as_its_images_are_many():
    assert unsure_points(100) == pytest.approx(9.8, abs=0.01)
    assert unsure_points(ENOUGH) < unsure_points(4)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("few_images", "3 classes"), ("leak", "3 pictures"), ("blurred", "3 images")],
)
def test_a_finding_says_what_it_counts(kind, amount):
    assert Finding(kind, "", 3).amount == amount
