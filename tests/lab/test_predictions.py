"""What runs said of their validation images, without any training."""

import dataclasses

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from tests.made_runs import FACTS, made_run, no_supervisor, wavering_predictions

SAID = dict(enumerate(wavering_predictions(12, 80)))


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id})


@pytest.fixture
def run(config):
    return made_run(config, epochs=12, status=Status.FINISHED, said=SAID)


def test_they_agree_with_the_record_of_every_epoch(run):
    found = lab.run_predictions(run)
    for record in lab.view_run(run.id).history:
        assert found.right[record["epoch"]].mean() == record["val_accuracy"]


def test_the_best_epoch_is_said_to_look_too_good(run):
    found = lab.run_optimism(run)
    assert found.epoch == run.best_epoch
    assert found.accuracy == run.best["val_accuracy"]
    assert 0.01 < found.difference < 0.1
    assert found.images == 80


def test_an_ended_run_is_read_once(run):
    assert lab.run_optimism(run) is lab.run_optimism(run)
    running = dataclasses.replace(run, status=Status.RUNNING)
    assert lab.run_optimism(running) == lab.run_optimism(run)


def test_a_run_without_an_epoch_has_none(config):
    run = made_run(config, epochs=0)
    assert lab.run_predictions(run) is None
    assert lab.run_optimism(run) is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "because it was trained by an earlier version"),
        ({5: SAID[5], 6: SAID[6]}, "because 10 epochs of it were trained by an earlier version"),
    ],
)
def test_of_an_earlier_version_it_is_not_known(config, said, words):
    run = made_run(config, epochs=12, status=Status.FINISHED, said=said)
    assert (lab.run_predictions(run) is None) == (not said)
    found = lab.run_optimism(run)
    assert found.difference is None
    assert "so that is somewhat too good; by how much isn't known, " + words in found.words


def test_what_is_missing_is_not_blamed_on_a_version_that_keeps_it(config, monkeypatch):
    early = made_run(config, epochs=12, status=Status.FINISHED)
    monkeypatch.setitem(FACTS, "statistics_images", 0)
    for said, lacking in (({}, "12 epochs"), ({5: SAID[5]}, "11 epochs")):
        run = made_run(config, epochs=12, status=Status.FINISHED, said=said)
        words = lab.run_optimism(run).words
        assert f"what was said of each image after {lacking} is missing" in words
    workplace().runs.update(run.id, origin={"run": early.id, "epoch": 3}, ended_at="2026-11-30")
    words = lab.run_optimism(lab.load_run(run.id)).words
    assert "11 epochs of it were trained by an earlier version" in words
    lab.delete_run(early.id)
    workplace().runs.update(run.id, ended_at="2026-12-01")
    assert "is missing" in lab.run_optimism(lab.load_run(run.id)).words


def test_a_damaged_file_is_said_and_breaks_nothing(run):
    [path] = (workplace().home.attempt(run.id, 1) / "predictions").iterdir()
    content = bytearray(path.read_bytes())
    content[60] ^= 1  # in the list of images
    whole = path.read_bytes()
    path.write_bytes(content)
    assert "by how much can't be told" in lab.run_optimism(run).words
    assert "is damaged" in lab.run_optimism(run).words
    path.write_bytes(whole)
    assert lab.run_optimism(run).difference is not None, "brought back, it is read again"


def test_a_fork_goes_on_with_those_of_its_parent(config):
    parent = made_run(config, epochs=12, status=Status.FINISHED, said=SAID)
    child = lab.fork_run(parent.id, 7, ["training.epochs=10"])
    found = Attempt(workplace().home.attempt(child.id, 1)).read_predictions()
    assert found.epochs == list(range(8))
    np.testing.assert_array_equal(found.right, lab.run_predictions(parent).right[:8])


def test_deleting_a_run_deletes_them(run):
    folder = workplace().home.runs / run.id
    assert (folder / "attempt-1" / "predictions").is_dir()
    lab.delete_run(run.id)
    assert not folder.exists()


def test_a_backup_brings_them_back(run, tmp_path, monkeypatch):
    lab.back_up(tmp_path / "all.zip")
    expected = lab.run_predictions(run).cross_entropies
    lab.delete_run(run.id)
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "another"))
    lab.restore(tmp_path / "all.zip")
    again = lab.run_predictions(lab.load_run(run.id))
    np.testing.assert_array_equal(again.cross_entropies, expected)
