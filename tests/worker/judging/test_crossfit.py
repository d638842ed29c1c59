"""Searching wrong labels among training images with real models."""

import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import CancelledError, DatasetError
from cnnlab.jobs.kinds.crossfit import CrossfitRequest, crossfit_folder
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.training.loop import fit as fitting
from cnnlab.worker.judging.crossfit import crossfit
from cnnlab.worker.process.work import Work

FOLDS = 2
COLOURS = ("red", "green", "blue")
CONFIG = {
    "image": {"size": 12},
    "architecture": {"preset": "tiny_cnn", "filters": 4, "dense_units": 8},
    "optimizer": {"learning_rate": 0.01},
    "training": {"epochs": 10, "batch_size": 8},
    "split": {"label_noise_fraction": 0.2},
}


def draw(path, each, twice=0):
    """Noise in three colours; the first two of each class lie in the folder of the next one.

    The last ones, so many of each class, are there twice.
    """
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(COLOURS):
            for picture in range(each):
                pixels = generator.integers(0, 120, (12, 12, 3), np.uint8)
                pixels[:, :, number] += 110
                buffer = BytesIO()
                Image.fromarray(pixels).save(buffer, "PNG")
                folder = COLOURS[(number + 1) % 3] if picture < 2 else name
                archive.writestr(f"{folder}/{name}-{picture}.png", buffer.getvalue())
                if picture >= each - twice:
                    archive.writestr(f"{folder}/{name}-{picture}-again.png", buffer.getvalue())
    return path


@pytest.fixture
def search(home, tmp_path):
    """Makes the work of a search, and the index of its images."""
    recorders = []

    def make(each=40, twice=0):
        dataset = lab.import_dataset(draw(tmp_path / "colours.zip", each, twice), name="Colours")
        config = load_config(CONFIG | {"dataset": dataset.id})
        attempt = Attempt(open_home(home).attempt("a", 1))
        attempt.create(config.model_dump(mode="json"))
        files = crossfit_folder(attempt)
        files.folder.mkdir()
        request = CrossfitRequest("a", 1, FOLDS)
        recorders.append(files.recorder())
        work = Work(request, files, recorders[0], "cpu", lambda: None)
        return work, ImageIndex(open_home(home).dataset(dataset.id))

    yield make
    recorders[0].close()


def test_planted_wrong_labels_are_found_and_a_search_goes_on_after_the_last_fold(
    search, monkeypatch
):
    work, index = search()
    trained, told = [], []

    def fit(config, data, *rest, **more):
        trained.append(data)
        if len(trained) == 2:
            told.append(work.files.steps.read_text())
            work.files.ask_to_stop()
        return fitting_fit(config, data, *rest, **more)

    fitting_fit = fitting.fit
    monkeypatch.setattr(fitting, "fit", fit)
    with pytest.raises(CancelledError):
        crossfit(work)
    assert "Training model 1 of 2, epoch 3 of 10, about " in told[0]
    assert "Training model 2 of 2, epoch 1 of 10" in told[0]
    assert [file.name for file in work.files.folder.glob("*.npz")] == ["fold-1-of-2.npz"]
    work.files.forget_tries()
    found = crossfit(work)
    assert len(trained) == 3  # the first fold wasn't trained again
    _check_folds(trained, index)
    _check_answer(found, index)
    assert crossfit(work) == found and len(trained) == 3


def _check_folds(trained, index):
    splits = index.split(load_config(CONFIG).split)
    train = set(np.flatnonzero(splits == "train").tolist())
    first, second = (set(data.train.tolist()) for data in (trained[0], trained[2]))
    assert first | second == train and not first & second  # each is what the other left out
    for data in trained:
        assert np.array_equal(data.labels, index.labels)  # no noise
        assert np.array_equal(data.validation, np.flatnonzero(splits == "validation"))


def _check_answer(found, index):
    splits = index.split(load_config(CONFIG).split)
    names = [file.rpartition("/")[2].partition("-")[0] for file in index.files]
    planted = {
        row for row, name in enumerate(names)
        if splits[row] == "train" and index.class_names[index.labels[row]] != name
    }  # fmt: skip
    suspected = {one["position"] for one in found["suspects"]}
    assert len(planted) >= 3
    assert suspected == planted
    assert all(one["suggested"] == names[one["position"]] for one in found["suspects"])
    assert (found["folds"], found["images"]) == (FOLDS, np.count_nonzero(splits == "train"))
    assert found["accuracy"]["value"] == pytest.approx(1 - len(planted) / found["images"])
    assert found["not_judged"] == []
    assert found["seconds"] > 0


def test_too_few_images_are_refused_before_anything_is_trained(search):
    work, _ = search(each=10)
    with pytest.raises(DatasetError, match="There are 24 training images, and at least 30"):
        crossfit(work)


def test_a_fold_that_is_damaged_or_of_other_images_is_trained_again(search, monkeypatch):
    work, _ = search()
    monkeypatch.setattr("cnnlab.worker.judging.crossfit._trained_and_asked", _know_nothing)
    first = crossfit(work)
    path = work.files.folder / "fold-2-of-2.npz"
    whole = np.load(path)["positions"]
    of_other_images = path.with_name("fold-1-of-2.npz").read_bytes()
    for content in (path.read_bytes()[:100], of_other_images):
        path.write_bytes(content)
        assert crossfit(work)["suspects"] == first["suspects"] == []
        assert np.load(path)["probabilities"].shape == (48, 3)
        assert np.array_equal(np.load(path)["positions"], whole)


def test_no_model_is_trained_on_a_copy_of_what_it_is_asked_about(search, monkeypatch):
    work, index = search(each=30, twice=15)
    monkeypatch.setattr("cnnlab.worker.judging.crossfit._trained_and_asked", _know_nothing)
    crossfit(work)
    folds = [np.load(path)["positions"] for path in sorted(work.files.folder.glob("fold-*.npz"))]
    groups = [set(index.copies.group[rows].tolist()) - {-1} for rows in folds]
    assert min(map(len, groups)) > 5
    assert not groups[0] & groups[1]


def _know_nothing(work, folds, number, held_out):
    return np.full((len(held_out), 3), 1 / 3, np.float32)


def test_nothing_is_said_of_a_class_that_some_model_has_not_seen(search, monkeypatch):
    work, index = search()
    asked = []

    def sees_one_class(labels, *_, **__):
        return np.where(labels == 0, 1, np.arange(len(labels)) % 2)

    monkeypatch.setattr("cnnlab.worker.judging.crossfit.draw_folds", sees_one_class)
    monkeypatch.setattr("cnnlab.worker.judging.crossfit._trained_and_asked", _know_nothing)
    monkeypatch.setattr(
        "cnnlab.worker.judging.crossfit.find_suspects", lambda said, names: asked.append(said) or []
    )
    found = crossfit(work)
    assert found["not_judged"] == ["blue"]
    assert found["judged"] == len(asked[0].labels) < 96
    assert found["images"] == 96
    assert set(asked[0].labels.tolist()) == {1, 2}
    assert np.array_equal(asked[0].labels, index.labels[asked[0].positions])
