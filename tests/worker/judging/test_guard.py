"""The look at augmented images as a job: which images it sees, and what it leaves behind."""

import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.split import TRAIN, VALIDATION
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.guard import KIND, GuardRequest
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.storage.home import open_home
from cnnlab.training.guard import look as looking
from cnnlab.worker.judging.guard import look
from tests.worker.conftest import do

CONFIG = {"image": {"size": 12}, "split": {"validation": 0.2, "test": 0.25, "seed": 3}}


@pytest.fixture
def job(home, dataset):
    """Does the job with an augmentation; gives its answer and its folder."""

    def begin(augmentation):
        files = job_folder(open_home(), KIND, "a" * 16)
        files.folder.mkdir(parents=True)
        asked = CONFIG | {"dataset": dataset.id, "augmentation": augmentation}
        return do(look, GuardRequest(asked), files), files

    return begin


def test_negatives_of_shades_are_warned_of_with_pictures(job, monkeypatch):
    monkeypatch.setattr(looking, "_STEPS", 60)
    monkeypatch.setattr(looking, "_MORE_STEPS", 60)
    answer, files = job({"invert_fraction": 0.5, "flip": "both"})
    (finding,) = answer["findings"]
    assert finding["field"] == "augmentation.invert_fraction"
    assert answer["checked"] == ["augmentation.flip", "augmentation.invert_fraction"]
    pair = finding["pairs"][0]
    shown = files.read_pictures(0, 0)
    assert shown.shape == (len(pair["images"]), 3, 12, 12, 3)
    np.testing.assert_array_equal(shown[:, 1], 255 - shown[:, 0])


def test_test_images_are_never_looked_at_and_pixels_keep_their_size(job, monkeypatch):
    seen = {}

    def watch(images, labels, rows, *others, **named):
        seen.update(named, rows=rows, images=images)
        return looking.Looked({"findings": []}, {})

    monkeypatch.setattr(looking, "look_at", watch)
    monkeypatch.setitem(CONFIG, "image", {"size": 64})
    job({"flip": "both"})
    assert len(seen["rows"]) < 48
    assert seen["images"].shape[1:] == (32, 32, 3)
    assert seen["scale"] == 0.5


@pytest.mark.parametrize(("most", "sort"), [(4, "training"), (100, "training and validation")])
def test_validation_images_are_looked_at_only_where_training_ones_are_few(
    most, sort, job, dataset, monkeypatch
):
    seen = {}

    def watch(images, labels, rows, *others, **named):
        seen.update(named, rows=rows)
        return looking.Looked({"findings": []}, {})

    monkeypatch.setattr(looking, "look_at", watch)
    monkeypatch.setattr(looking, "MOST_OF_A_CLASS", most)
    job({"flip": "both"})
    assert seen["sort"] == sort
    splits = splits_of(open_index(dataset.id), load_config(CONFIG).split)
    assert set(splits[seen["rows"]]) == ({TRAIN} if sort == "training" else {TRAIN, VALIDATION})
