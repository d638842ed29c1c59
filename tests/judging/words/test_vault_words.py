"""What is said of looks: how many, what choosing by them is, and how much luck alone would do."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab.domain.data.vault import VaultLook, VaultLooks
from cnnlab.judging.words.vault_words import choosing_words, flattery, look_words


def looks(shown, runs="", unreadable=0):
    """Looks of those runs, each of which showed the images that are 1 in its row."""
    recorded = [VaultLook("0", "2026", run, run.upper(), "d", {}, 2) for run in runs]
    return VaultLooks(np.array(shown, bool).reshape(len(runs), -1), tuple(recorded), unreadable)


NOBODY = VaultLooks(np.zeros((0, 2), bool))
MANY, FEW, FEW_MORE = [1, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (NOBODY, "Nobody has looked at the 2 test images yet."),
        (looks([MANY, MANY], "ab"), "2 looks at the 5 test images so far, of 2 runs."),
        (looks([[1]], "a"), "1 look at the 1 test image so far, of 1 run."),
        (
            looks([MANY, FEW, MANY, FEW_MORE], "abac"),
            "2 looks at the 5 test images so far, of 1 run; 2 more, at other test images, touched "
            "2 of them.",
        ),
        (
            looks([FEW], "a"),
            "Nobody has looked at the 5 test images yet; 1 look, at other test images, touched 1 "
            "of them.",
        ),
        (
            replace(NOBODY, unreadable=2),
            "Nobody has looked at the 2 test images yet. 2 records of looks can't be read, so "
            "there may be more.",
        ),
    ],
)
def test_how_often_is_told_and_looks_at_few_of_them_apart(found, words):
    assert look_words(found) == words


def test_only_runs_that_were_looked_at_on_most_images_can_be_chosen_between():
    found = looks([MANY, FEW, FEW_MORE, [1, 1, 1, 0, 0]], "abcd")
    assert found.looks == 4
    assert found.runs == {"a": "A", "d": "D"}
    assert choosing_words(looks([MANY, FEW], "ab").runs, 5, 0.8) == ""


def test_choosing_by_test_numbers_is_called_what_it_is_as_soon_as_two_runs_were_looked_at():
    assert choosing_words({"a": "A"}, 100, 0.8) == ""
    words = choosing_words({"a": "A", "b": "B"}, 100, 0.8)
    assert words.startswith("2 runs were looked at on these images: 'A' and 'B'.")
    assert "choose by the test images" in words
    assert "by luck alone, up to about 2.3 points" in words
    many = choosing_words({str(number): str(number) for number in range(9)}, 100, None)
    assert "'4' and 4 more" in many and "luck" not in many


@pytest.mark.parametrize("runs", [1, 2, 5, 20])
def test_luck_is_that_of_the_best_of_equally_good_runs(runs):
    generator = np.random.default_rng(0)
    right = generator.binomial(200, 0.8, (40_000, runs)) / 200
    assert flattery(runs, 200, 0.8) == pytest.approx(right.max(axis=1).mean() - 0.8, abs=2e-3)
