"""Looking inside a net: asked for once, kept with the run, refused in words where it can't be."""

import os

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.split import TEST
from cnnlab.domain.errors import BadInputError, DamagedError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.files import read_json
from cnnlab.jobs.kinds import feature_maps
from cnnlab.jobs.kinds.feature_maps import feature_maps_folder
from cnnlab.jobs.kinds.inside import inside_folder
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.judging import vault
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from tests.made_insides import finish_inside, finish_maps
from tests.made_runs import made_run, no_supervisor


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def config(dataset):
    return load_config({"dataset": dataset.id})


@pytest.fixture
def run(config):
    return made_run(config, status=Status.FINISHED)


@pytest.fixture
def locked(dataset):
    """A run that has test images."""
    return made_run(
        load_config({"dataset": dataset.id, "split": {"test": 0.3}}), status=Status.FINISHED
    )


def _asked(run):
    return read_json(inside_folder(newest_attempt(run)).request)


def test_it_is_asked_for_once_and_found_again(run):
    assert lab.inside_state(run.id) is None
    assert lab.start_inside(run.id, with_tsne=True).stage == "waiting"
    assert lab.start_inside(run.id).stage == "waiting"
    assert not _asked(run)["with_tsne"]  # nobody has begun, so that the newest choices count
    with pytest.raises(RunStateError, match="Nobody has looked inside"):
        lab.found_inside(run.id)
    files = finish_inside(run)
    assert lab.start_inside(run.id).is_ready and files.arrays.exists()
    inside = lab.found_inside(run.id)
    assert len(inside.arrays["positions"]) == inside.found["validation"] == 10
    assert len(inside.example_maps) == len(inside.found["example"]["layers"]) == 2
    assert lab.found_inside(run.id).arrays is inside.arrays


def test_other_choices_take_the_place_of_what_was_found(run):
    finish_inside(run)
    state = lab.start_inside(run.id, with_training=True, anew=True)
    assert state.stage == "waiting" and _asked(run)["with_training"]
    lab.cancel_inside(run.id)
    assert lab.inside_state(run.id).stage == "cancelled"


def test_damaged_arrays_are_said_and_made_again(run):
    files = finish_inside(run)
    files.arrays.unlink()
    with pytest.raises(DamagedError, match="is missing"):
        lab.found_inside(run.id)
    assert lab.start_inside(run.id).stage == "waiting"


def test_maps_are_asked_for_picture_by_picture(run):
    assert lab.feature_maps_state(run.id, 3) is None
    assert lab.start_feature_maps(run.id, 3).stage == "waiting"
    finish_maps(run, 4)
    state = lab.feature_maps_state(run.id, 4)
    assert [one.shape for one in lab.feature_map_shades(run.id, state.answer)] == [
        (5, 8, 8),
        (5, 4, 4),
    ]
    for row in (-1, 48):
        with pytest.raises(BadInputError, match="row must be from 0 to 47"):
            lab.start_feature_maps(run.id, row)


def test_test_images_are_locked_away_until_somebody_has_looked(locked, monkeypatch):
    splits = splits_of(open_index(locked.dataset), load_config(locked.config).split)
    row = int(np.flatnonzero(splits == TEST)[0])
    with pytest.raises(RunStateError, match="one of the test images, which are locked away"):
        lab.start_feature_maps(locked.id, row)
    assert lab.feature_maps_state(locked.id, row) is None
    monkeypatch.setattr(vault, "looked_at_numbers", lambda run: object())
    assert lab.start_feature_maps(locked.id, row).stage == "waiting"


def test_damaged_maps_are_made_again(run):
    finish_maps(run, 4)
    files = feature_maps_folder(newest_attempt(run), 4)
    assert lab.start_feature_maps(run.id, 4).is_ready
    files.arrays.write_bytes(b"PK nonsense")
    assert lab.start_feature_maps(run.id, 4).stage == "waiting"
    assert not files.arrays.exists()


def test_maps_of_the_newest_pictures_are_kept(run, monkeypatch):
    monkeypatch.setitem(vars(feature_maps.KIND), "kept", 3)
    inside = finish_inside(run)
    lab.start_feature_maps(run.id, 0)  # the oldest, and nobody has made it yet
    for row in range(1, 5):
        finish_maps(run, row)
        os.utime(feature_maps_folder(newest_attempt(run), row).request, ns=(row, row))
    lab.start_feature_maps(run.id, 5)
    there = {row for row in range(6) if lab.feature_maps_state(run.id, row)}
    assert there == {0, 4, 5}
    assert inside.arrays.exists()


def test_a_run_without_a_model_is_refused_in_a_sentence(config):
    running = made_run(config)
    with pytest.raises(RunStateError, match="has no model to look into"):
        lab.start_inside(running.id)
    ended = made_run(config, epochs=0, status=Status.STOPPED)
    with pytest.raises(RunStateError, match="has no model to look into"):
        lab.start_inside(ended.id)


def test_a_run_whose_dataset_is_gone_is_refused_in_a_sentence(run):
    workplace().datasets.delete(run.dataset)
    with pytest.raises(NotFoundError, match="is gone"):
        lab.start_inside(run.id)


def test_the_time_it_takes_grows_with_the_images_and_tsne(run):
    there = lab.points_of(run)
    assert there == {"validation": 10, "training": 38}
    plain = lab.inside_seconds(run, there, 10, with_tsne=False)
    assert plain < lab.inside_seconds(run, there, 10_000, with_tsne=True) - 40


def test_the_time_is_that_of_the_images_that_are_looked_at(run):
    def seconds(validation, training):
        there = {"validation": validation, "training": training}
        return lab.inside_seconds(run, there, 10, with_tsne=False)

    most = seconds(lab.MOST_MAPPED, lab.MOST_KNOWN)
    assert seconds(100, 100) < most == seconds(500_000, 1_000_000)
