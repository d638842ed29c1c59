"""What a run starts with is found once, kept with the run, and computes what its source does."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import dataclasses
import hashlib
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import CancelledError, ConfigError, NotFoundError
from cnnlab.domain.run import Run, Status
from cnnlab.exports.formats import weights as weights_format
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.run_file import save_run_file
from cnnlab.storage.home import Home, open_home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.pretrained.classes import classes_in
from cnnlab.storage.pretrained.imagenet import IMAGENET_FILES, named_by_plan
from cnnlab.storage.pretrained.reading import read_file
from cnnlab.storage.pretrained.start import read_start, read_teachers
from cnnlab.storage.pretrained.store import PretrainedStore, Source
from cnnlab.training.network.model import build_model
from cnnlab.worker import pretrained
from cnnlab.worker.pretrained import start_weights
from tests import made_weights as made

SMALL = "mobilenet_v3_small"


def config(pretrained, preset="tiny_cnn"):
    return load_config({"architecture": {"preset": preset, "pretrained": pretrained}})


def test_no_weights_are_wanted_by_default(home, tmp_path):
    assert start_weights(tmp_path, config(None)) is None
    assert list(tmp_path.iterdir()) == []


def test_kept_weights_are_taken_once_and_stay_with_the_run(home, tmp_path):
    store, run = PretrainedStore(open_home()), tmp_path / "run"
    entry = store.keep(made.WEIGHTS, Source("mine.npz", "the file mine.npz"))
    first = start_weights(run, config(entry.id))
    store.delete(entry.id)
    again = start_weights(run, config(entry.id))
    assert (again.words, again.sha256) == (first.words, entry.sha256)
    np.testing.assert_array_equal(again.arrays["block1_conv/bias"], [0.5, -0.5])
    with pytest.raises(NotFoundError, match=entry.id):
        start_weights(tmp_path / "other", config(entry.id))
    assert read_start(tmp_path / "other") is None


def test_grey_images_get_the_sum_of_what_colours_had(home, tmp_path):
    draw = np.random.default_rng(0)
    kernel = draw.normal(size=(3, 3, 3, 16)).astype(np.float32)
    later = draw.normal(size=(3, 3, 16, 32)).astype(np.float32)
    weights = {"block1_conv/kernel": kernel, "block2_conv/kernel": later}
    entry = PretrainedStore(open_home()).keep(weights, Source("a", "a"))
    grey = load_config(
        {
            "image": {"color": "grayscale"},
            "architecture": {"preset": "tiny_cnn", "pretrained": entry.id},
        }
    )
    for _ in range(2):
        found = start_weights(tmp_path, grey).arrays
        np.testing.assert_allclose(found["block1_conv/kernel"][:, :, 0], kernel.sum(axis=2))
        np.testing.assert_array_equal(found["block2_conv/kernel"], later)


def run_classes(home, dataset):
    return ImageIndex(home.dataset(dataset)).class_names


def test_another_run_gives_the_weights_of_its_model(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_HOME", str(run.attempt.folder.parents[2]))
    home = open_home()
    told = run.attempt.read_config()
    save_run_file(home.runs, Run("a", "Teacher", told["dataset"], told, Status.FINISHED, ""))
    other_seed = load_config(
        {
            "dataset": told["dataset"],
            "split": {"seed": 7},
            "architecture": {"preset": "tiny_cnn", "pretrained": "a"},
        }
    )
    found = start_weights(tmp_path / "run", other_seed, ("a", "b"))
    assert not any(name.startswith("probabilities/") for name in found.arrays)
    names = read_start(tmp_path / "run").classes
    assert names == run_classes(home, told["dataset"])
    swapped = start_weights(tmp_path / "run", other_seed, names[::-1])
    assert swapped.arrays.keys() == found.arrays.keys()
    found = start_weights(tmp_path / "run", other_seed, names)
    (teacher,) = read_teachers(tmp_path / "run")
    assert (teacher.run, teacher.name, teacher.split) == ("a", "Teacher", told["split"])
    assert 0 < found.seen["seen_validation"] < found.seen["validation_images"] == 24
    assert read_start(tmp_path / "run").seen == found.seen
    assert found.words == f"the run 'Teacher' (a), after its epoch {run.result['model_epoch'] + 1}"
    wanted = {weight.path: weight.numpy() for weight in run.model.weights}
    assert found.arrays.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_array_equal(found.arrays[name], values)
    for other in ("b", "../runs/a", str(home.runs / "a")):
        with pytest.raises(ConfigError, match=r"architecture\.pretrained=.* there is no run"):
            start_weights(tmp_path / "none", config(other))


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_teachers_dataset_is_fetched_only_where_it_is_gone_and_that_can_be_stopped(
    run, tmp_path, monkeypatch, is_gone
):
    monkeypatch.setenv("CNNLAB_HOME", str(run.attempt.folder.parents[2]))
    home, told = open_home(), run.attempt.read_config()
    dataset = "gone-0000" if is_gone else told["dataset"]
    save_run_file(home.runs, Run("a", "Teacher", dataset, told, Status.FINISHED, ""))
    begun = Attempt(tmp_path / "begun")
    begun.create({})
    fetched = []

    def fetch(home, dataset, beat):
        fetched.append(dataset)
        beat()
        begun.ask_to_stop()
        beat()

    monkeypatch.setattr(pretrained, "dataset_folder", fetch)
    mine = config("a").model_copy(update={"dataset": told["dataset"]})
    with (
        contextlib.closing(begun.recorder()) as recorder,
        pytest.raises(CancelledError) if is_gone else contextlib.nullcontext(),
    ):
        start_weights(tmp_path / "run", mine, told=recorder)
    assert fetched == (["gone-0000"] if is_gone else [])


def test_our_own_downloads_are_read_with_all_their_weights(run, tmp_path):
    wanted = {weight.path: weight.numpy() for weight in run.model.weights}
    exported = tmp_path / "model.npz"
    about = SimpleNamespace(to_json=lambda: {"class_names": ["a", "b"]})
    weights_format.FORMAT.write(SimpleNamespace(model=run.model, about=about), exported)
    told = run.attempt.read_config()["dataset"]
    home = Home(run.attempt.folder.parents[2])
    assert classes_in(run.attempt.model) == list(run_classes(home, told))
    assert classes_in(exported) == ["a", "b"]
    run.model.save_weights(tmp_path / "model.weights.h5")
    for path in (run.attempt.model, exported, tmp_path / "model.weights.h5"):
        found = read_file(path)
        assert found.keys() == wanted.keys()
        for name, values in wanted.items():
            np.testing.assert_array_equal(found[name], values)


def applied(size):
    """Keras' MobileNetV3-Small with random weights and statistics, and these layer by layer."""
    theirs = keras.applications.MobileNetV3Small(
        input_shape=(size, size, 3), include_top=False, weights=None, pooling="avg"
    )
    draw = np.random.default_rng(0)
    for weight in theirs.weights:
        values = draw.normal(0, 0.1, weight.shape) + weight.numpy()
        weight.assign(np.abs(values) if "variance" in weight.name else values)
    rows = [layer.get_weights() for layer in theirs.layers if layer.weights]
    return theirs, rows


@pytest.mark.parametrize("size", [45, pytest.param(64, marks=pytest.mark.exhaustive)])
def test_keras_mobilenet_computes_the_same_in_our_layers(size):
    theirs, rows = applied(size)
    weights = named_by_plan(SMALL, rows)
    model = build_model(config(None, SMALL), (size, size, 3), 4)
    for weight in model.weights:
        if weight.path in weights:
            weight.assign(weights.pop(weight.path))
    assert not weights
    ours = keras.Model(model.input, model.get_layer("probabilities").input)
    images = np.random.default_rng(1).integers(0, 256, (3, size, size, 3)).astype(np.float32)
    expected = theirs(images).numpy()
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(ours(images).numpy(), expected, atol=1e-5)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Keras' file of the network as its server has it, which here lies on this disk."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    path = made.legacy_h5(tmp_path / IMAGENET_FILES[SMALL].file, made.rows_of(SMALL))
    known = dataclasses.replace(
        IMAGENET_FILES[SMALL],
        address=f"{tmp_path.as_uri()}/",
        algorithm="sha256",
        checksum=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    monkeypatch.setitem(IMAGENET_FILES, SMALL, known)
    return path


def test_imagenet_weights_are_downloaded_once_for_all_runs(home, tmp_path, served):
    first = start_weights(tmp_path / "a", config("imagenet", SMALL))
    served.unlink()
    again = start_weights(tmp_path / "b", config("imagenet", SMALL))
    assert (first.sha256, first.licence) == (again.sha256, "Apache-2.0")
    assert first.asked == "imagenet"
    assert sum(values.size for values in first.arrays.values()) == 939_120
    (kept,) = PretrainedStore(open_home()).list()
    assert (kept.preset, kept.trained_on) == (SMALL, "imagenet")


@pytest.mark.parametrize("files", [Attempt, JobFolder])
def test_a_slow_download_shows_signs_of_life_and_can_be_stopped(home, tmp_path, served, files):
    folder = files(tmp_path / "begun")
    folder.folder.mkdir()
    with contextlib.closing(folder.recorder()) as recorder:
        beats = []
        start_weights(tmp_path / "a", config("imagenet", SMALL), told=recorder)
        beats.append(folder.signs_of_life())
        PretrainedStore(open_home()).delete(PretrainedStore(open_home()).list()[0].id)
        beat, recorder.beat = recorder.beat, lambda: (folder.ask_to_stop(), beat())
        with pytest.raises(CancelledError):
            start_weights(tmp_path / "b", config("imagenet", SMALL), told=recorder)
    assert int(beats[0][0]) > 10
    assert not (tmp_path / "b").exists() and PretrainedStore(open_home()).list() == []


def test_without_a_network_a_sentence_says_how_to_bring_the_file(home, tmp_path, served):
    served.unlink()
    with pytest.raises(ConfigError, match=r"architecture\.pretrained=imagenet .* pretrained add"):
        start_weights(tmp_path / "a", config("imagenet", SMALL))
    with pytest.raises(ConfigError, match="tiny_cnn has no weights that were trained on ImageNet"):
        start_weights(tmp_path / "a", config("imagenet"))
    assert not (tmp_path / "a").exists()
    assert PretrainedStore(open_home()).list() == []
