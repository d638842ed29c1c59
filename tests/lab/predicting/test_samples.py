"""Which pictures are there to try a model with at once."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Status
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.predicting.samples import _spread
from tests.made_runs import made_run, no_supervisor


def test_they_are_validation_images_of_all_classes_and_the_same_each_time(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    samples = lab.sample_pictures([run.id], 4)
    assert {each.row for each in samples} <= set(part_of(run, "validation").tolist())
    assert {each.label for each in samples} == set(dataset.classes)
    assert len(samples) == len({each.row for each in samples}) == 4
    assert lab.sample_pictures([run.id], 4) == samples
    with pytest.raises(NotFoundError):
        lab.sample_pictures(["nobody"], 4)


def test_what_another_one_of_the_runs_trained_on_is_left_out(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    configs = [load_config({"dataset": dataset.id, "split": {"seed": seed}}) for seed in (0, 1)]
    one, other = (made_run(config, status=Status.FINISHED) for config in configs)
    both = set(part_of(one, "validation")) & set(part_of(other, "validation"))
    assert both != set(part_of(one, "validation"))
    assert {each.row for each in lab.sample_pictures([one.id, other.id], 100)} == both


@pytest.mark.parametrize(
    ("labels", "count", "places"),
    [
        ([0, 0, 0, 1, 1, 1], 4, [0, 3, 1, 4]),
        ([0, 0, 1], 6, [0, 2, 1]),  # there are no more
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], 3, [0, 4, 8]),  # of many classes some, far apart
        ([], 3, []),
    ],
)
def test_each_class_has_its_turn(labels, count, places):
    assert _spread(np.array(labels, int), count).tolist() == places
