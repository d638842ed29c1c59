"""The courses of a run's pictures are those that its epochs have said."""

from dataclasses import replace

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import NotFoundError, RunStateError, StorageError
from cnnlab.domain.run import Status
from cnnlab.judging.pairs import are_same_images
from cnnlab.lab.judging.evaluations import part_of
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from tests.made_insides import finish_inside
from tests.made_runs import made_run, no_supervisor, wavering_predictions


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def config(dataset):
    return load_config({"dataset": dataset.id})


def _run(config, *, epochs=5, images=10, seed=0):
    said = dict(enumerate(wavering_predictions(epochs, images, seed=seed)))
    return made_run(config, epochs=epochs, status=Status.FINISHED, said=said), said


def test_they_are_what_was_said_after_each_epoch(config):
    run, said = _run(config)
    courses = lab.run_courses(run)
    probabilities = np.stack([said[epoch].probabilities for epoch in range(5)])
    labels = said[0].labels
    assert courses.epochs.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(courses.named, probabilities.argmax(axis=2))
    np.testing.assert_allclose(
        courses.true_probabilities, probabilities[:, np.arange(10), labels], rtol=5e-3
    )
    np.testing.assert_array_equal(courses.last.probabilities.argmax(1), courses.named[-1])
    assert courses.classes == tuple(lab.load_dataset(run.dataset).classes)
    assert lab.run_courses(run) is courses


def test_what_a_look_has_read_of_the_last_epoch_is_told_to_the_last_digit(config):
    places = part_of(made_run(config, status=Status.FINISHED), "validation")
    said = {
        epoch: replace(each, positions=places)
        for epoch, each in enumerate(wavering_predictions(3, len(places), seed=0))
    }
    run = made_run(config, epochs=3, status=Status.FINISHED, said=said)
    rounded = lab.run_courses(run)
    finish_inside(run)  # of the epoch with the index 2
    exact = lab.run_courses(run)
    arrays = lab.found_inside(run.id).arrays
    np.testing.assert_array_equal(exact.last.probabilities, arrays["probabilities"])
    own = arrays["probabilities"][np.arange(len(places)), exact.labels]
    np.testing.assert_array_equal(exact.true_probabilities[-1], own)
    np.testing.assert_array_equal(exact.true_probabilities[:-1], rounded.true_probabilities[:-1])


def test_runs_share_pictures_where_rows_and_labels_are_the_same(config):
    first, second, other = (_run(config, images=n, seed=n)[0] for n in (10, 10, 8))
    courses = [lab.run_courses(run) for run in (first, second, other)]
    assert are_same_images(courses[0].last, courses[1].last)
    assert not are_same_images(courses[0].last, courses[2].last)


def test_without_what_was_said_it_says_so(config):
    run = made_run(config, epochs=2, status=Status.FINISHED)
    with pytest.raises(RunStateError, match="isn't kept"):
        lab.run_courses(run)


def test_files_that_are_brought_back_are_found(config, tmp_path):
    run, _ = _run(config)
    kept = newest_attempt(run).predictions
    kept.rename(tmp_path / "away")
    with pytest.raises(RunStateError, match="isn't kept"):
        lab.run_courses(run)
    (tmp_path / "away").rename(kept)
    assert len(lab.run_courses(run).epochs) == 5


def test_without_its_dataset_it_says_so(config):
    run, _ = _run(config)
    workplace().datasets.delete(config.dataset)
    with pytest.raises(NotFoundError, match="is gone, and with it its pictures"):
        lab.run_courses(run)


def test_a_damaged_file_is_said_and_not_kept_in_mind(config):
    run, _ = _run(config)
    (file,) = newest_attempt(run).predictions.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:40] + b"?" + whole[41:])
    with pytest.raises(StorageError, match="is damaged"):
        lab.run_courses(run)
    file.write_bytes(whole)
    assert len(lab.run_courses(run).epochs) == 5
