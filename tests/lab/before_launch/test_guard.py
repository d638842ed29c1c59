"""Asking whether augmentation changes what images show, with a light worker."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError, DamagedError, NotFoundError, StorageError
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.guard import KIND
from cnnlab.lab.before_launch.guard import guard_key, known_guard
from cnnlab.lab.workplace import workplace

ON = {"augmentation": {"flip": "horizontal"}}


@pytest.fixture(autouse=True)
def _nobody_works(monkeypatch):
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", lambda home: None)


def test_only_what_counts_makes_another_look(dataset):
    def key(**parts):
        return lab.start_guard(load_config({"dataset": dataset.id} | ON | parts))

    first = key()
    assert known_guard(load_config({"dataset": dataset.id} | ON)) is None  # not yet
    assert lab.read_guard(first).phase == "Waiting for a worker"
    assert key(training={"epochs": 3}, optimizer={"name": "sgd"}) == first
    others = [
        key(augmentation={"flip": "vertical"}), key(image={"color": "grayscale"}),
        key(split={"test": 0.2}),
    ]  # fmt: skip
    assert len({first, *others}) == 4


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"image": {"size": 64}}, {"image": {"size": 96}}, True),
        ({"image": {"size": 24}}, {"image": {"size": 32}}, False),
        ({}, {"split": {"label_noise_fraction": 0.2}}, True),
        (
            {"image": {"size": 64}, "augmentation": {"blur_sigma_px": 2.0}},
            {"image": {"size": 96}, "augmentation": {"blur_sigma_px": 2.0}},
            False,
        ),
    ],
)
def test_what_a_look_doesnt_see_makes_no_other_look(dataset, one, other, is_same):
    keys = {guard_key(load_config({"dataset": dataset.id} | ON | parts)) for parts in (one, other)}
    assert (len(keys) == 1) == is_same


def test_what_is_not_there_is_said(dataset):
    with pytest.raises(ConfigError, match="dataset is missing"):
        lab.start_guard(load_config(ON))
    for key in ("0" * 16, "../../runs"):
        with pytest.raises(NotFoundError, match="start it again"):
            lab.read_guard(key)


def test_pictures_of_what_was_found_are_kept(dataset):
    key = lab.start_guard(load_config({"dataset": dataset.id} | ON))
    with pytest.raises(StorageError, match="pictures"):
        lab.guard_pictures(key, 0, 0)
    shown = np.arange(2 * 3 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 4, 3)
    job_folder(workplace().home, KIND, key).write_pictures({(0, 1): shown})
    np.testing.assert_array_equal(lab.guard_pictures(key, 0, 1), shown)
    with pytest.raises(DamagedError):
        lab.guard_pictures(key, 0, 0)
