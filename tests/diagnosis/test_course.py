import math

import numpy as np
import pytest

from cnnlab.diagnosis.course import Course, course_of
from tests.made_runs import epoch_record

GUESSING = math.log(6)


def run(losses):
    return [
        epoch_record(number, loss=loss, cross_entropy=loss, clean_cross_entropy=loss)
        for number, loss in enumerate(losses)
    ]


EPOCHS = np.arange(30)
NOISE = np.random.default_rng(0).normal(0, 0.01, 30)


@pytest.mark.parametrize(
    ("losses", "course"),
    [
        (GUESSING * np.exp(-EPOCHS / 4) + 0.05 + abs(NOISE), Course.CONVERGED),
        (GUESSING * (1 - EPOCHS / 60) + NOISE, Course.FALLING),
        (GUESSING + 0.02 + NOISE, Course.NOT_LEARNED),
        ([5000.0, 40.0, *(GUESSING + NOISE[2:] + 0.02)], Course.NOT_LEARNED),
        (np.where(EPOCHS % 2, 0.3, 1.2), Course.SWINGING),
        ([1.5, 1.0, 0.5], Course.TOO_SHORT),
    ],
)
def test_a_training_loss_is_told_by_its_curve(losses, course):
    assert course_of(run(map(float, losses)), GUESSING, has_failed=False) is course


def test_a_loss_that_is_no_number_is_broken():
    assert course_of(run([1.5]), GUESSING, has_failed=True) is Course.BROKEN
    records = run([1.5, 1.4])
    records[1]["loss"] = None
    assert course_of(records, GUESSING, has_failed=False) is Course.BROKEN
