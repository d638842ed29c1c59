"""What a user can do, without any training."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as PillowImage

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.run_config import Image, RunConfig, SplitFractions, load_config
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import (
    BadInputError,
    ConfigError,
    DatasetError,
    NotFoundError,
    RunStateError,
    UploadError,
)
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.workplace import workplace
from cnnlab.storage.index.schema import datasets
from tests.conftest import draw_zip


@pytest.fixture
def no_supervisor(monkeypatch):
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)


def test_a_dataset_is_stored_once_per_content_and_name(home, upload):
    first = lab.import_dataset(upload, name="Shades")
    assert lab.import_dataset(upload, name="Shades") == first
    second = lab.import_dataset(upload, name="Other")
    assert {dataset.id for dataset in lab.list_datasets()} == {first.id, second.id}
    assert first.id.startswith("shades-")


def test_a_failed_import_leaves_nothing(home, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(UploadError):
        lab.import_dataset(tmp_path / "a.zip")
    assert list((home / "datasets").iterdir()) == []


def test_a_dataset_in_use_stays_and_the_runs_are_named(dataset, no_supervisor):
    lab.launch_run(RunConfig(dataset=dataset.id), name="my run")
    with pytest.raises(DatasetError, match="my run"):
        lab.delete_dataset(dataset.id)
    assert lab.load_dataset(dataset.id) == dataset


def test_a_dataset_of_one_class_is_not_trained_on(home, upload, no_supervisor):
    dataset = lab.import_dataset(upload, name="One", labelling=Labelling(class_name="shade"))
    with pytest.raises(DatasetError, match="has only one class"):
        lab.launch_run(RunConfig(dataset=dataset.id))


def test_a_last_layer_too_large_for_the_classes_is_refused_at_the_launch(
    home, tmp_path, dataset, no_supervisor, monkeypatch
):
    monkeypatch.setattr("cnnlab.domain.network.planner.MOST_PARAMETERS", 12 * 12 * 3 * 2 + 2)
    three = draw_zip(tmp_path / "three.zip", levels={"a": 0, "b": 100, "c": 200})
    more = lab.import_dataset(three, name="Three")
    values = {"image": {"size": 12}, "architecture": {"layers": [{"kind": "flatten"}]}}
    fitting, wrong = (load_config(values | {"dataset": each.id}) for each in (dataset, more))
    assert lab.launch_run(fitting).status is Status.QUEUED
    study = lab.compare_arms(wrong, ready_arms(["l2"]), seeds=3)
    for launch in (lambda: lab.launch_run(wrong), lambda: lab.launch_study(study)):
        with pytest.raises(ConfigError, match="layer probabilities would have 1,299 weights"):
            launch()
    assert len(lab.list_runs()) == 1


def test_a_deleted_dataset_is_gone_and_can_come_again(dataset, upload, home):
    lab.delete_dataset(dataset.id)
    assert lab.list_datasets() == []
    assert list((home / "datasets").iterdir()) == []
    assert lab.import_dataset(upload, name="Shades").id == dataset.id


def test_examples_and_splits_of_a_dataset(dataset):
    examples = lab.example_images(dataset.id, each=3, size_px=8)
    assert {name: len(images) for name, images in examples.items()} == {"bright": 3, "dark": 3}
    squares = lab.square_examples(dataset.id, Image(size=12, color="grayscale"), count=4)
    assert [square.shape for square in squares] == [(12, 12, 1)] * 4
    means = [square.mean() for square in squares]
    assert means[0] > 150 > 100 > means[1]  # one of each class in turn
    counts = lab.count_splits(dataset.id, SplitFractions(validation=0.25, test=0.25))
    assert counts == {"train": 24, "validation": 12, "test": 12}


def test_the_preview_draws_what_is_on_and_repeats_by_seed(dataset):
    images = lab.square_examples(dataset.id, Image(size=16), count=2)
    rotation = Augmentation(rotation_degrees=90)
    first, again, other = (
        np.array(lab.preview_augmentation(images, rotation, variants=2, seed=seed))
        for seed in (0, 0, 1)
    )
    assert first.shape == (2, 2, 16, 16, 3)
    assert (first == again).all()
    assert (first != other).any()
    unchanged = lab.preview_augmentation(images, Augmentation(), variants=1, seed=0)
    assert (np.array(unchanged)[:, 0] == np.array(images)).all()


def test_a_launched_run_is_queued_with_its_whole_config(dataset, no_supervisor):
    config = load_config({"dataset": dataset.id, "regularization": {"l2": 0.001}})
    run = lab.launch_run(config)
    assert run.status is Status.QUEUED
    assert run.name == "Shades, small CNN, L2 0.001"
    assert load_config(lab.load_run(run.id).config) == config
    assert [other.id for other in lab.list_runs()] == [run.id]


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ({}, ConfigError, "dataset is missing"),
        ({"dataset": "nothing"}, NotFoundError, "no dataset 'nothing'"),
    ],
)
def test_a_run_needs_a_dataset(home, config, error, message):
    with pytest.raises(error, match=message):
        lab.launch_run(load_config(config))
    assert lab.list_runs() == []


def test_stopping_a_queued_run_takes_it_off_the_queue(dataset, no_supervisor):
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    assert lab.stop_run(run.id).status is Status.STOPPED
    assert lab.stop_run(run.id).status is Status.STOPPED
    with pytest.raises(RunStateError, match="has no model"):
        lab.model_package(run.id)
    lab.delete_run(run.id)
    assert lab.list_runs() == []


def test_active_runs_are_not_deleted_and_names_are_checked(dataset, no_supervisor):
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    with pytest.raises(RunStateError, match="stop it before"):
        lab.delete_run(run.id)
    with pytest.raises(BadInputError, match="1 to 200 characters"):
        lab.rename_run(run.id, "  ")
    lab.rename_run(run.id, " better ")
    assert lab.load_run(run.id).name == "better"


def test_the_sample_is_brought_in_once(home, monkeypatch):
    started = []
    monkeypatch.setattr(
        "cnnlab.lab.data.datasets.start_process", lambda *words, **options: started.append(words)
    )
    assert [lab.import_sample(), lab.import_sample()] == [True, False]
    one = register().workspaces.add("One")
    with acting_as(local_in("One")):
        assert lab.import_sample()
    assert [words[1][:3] for words in started] == [
        ["--workspace", "default", "import"],
        ["--workspace", one.id, "import"],
    ]


def test_the_sample_has_what_the_demo_needs(home):
    sample = lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
    assert sample.splits == {"train": 120, "validation": 360, "test": 0}
    assert not sample.skipped


def test_the_doctor_names_what_is_wrong(home, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.upkeep.doctor.LOW_DISK_BYTES", 2**80)
    monkeypatch.setattr(
        "cnnlab.lab.upkeep.doctor._DEVICE_PROGRAM", "raise SystemExit('broken wheel')"
    )
    findings = lab.examine()
    assert findings["home"].ok
    assert findings["versions"].ok
    assert not findings["disk"].ok and "Free some disk space" in findings["disk"].advice
    assert not findings["device"].ok and "broken wheel" in findings["device"].found


def test_a_home_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("cnnlab.lab.upkeep.doctor._DEVICE_PROGRAM", "print('CPU', '')")
    assert not lab.examine()["home"].ok


def test_two_processes_may_import_the_same_thing(dataset, tmp_path):
    """The folder is there, the row isn't: as after a kill between the two."""
    place = workplace()
    with place.datasets._engine.begin() as connection:
        connection.execute(datasets.delete())
    again = lab.import_dataset(draw_zip(tmp_path / "again.zip"), name="Shades")
    assert again.id == dataset.id
    assert lab.example_images(again.id, each=1, size_px=8)


def test_the_same_upload_imported_twice_at_once_is_one_dataset(home, upload):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: lab.import_dataset(upload, name="Twice"), range(4)))
    assert len({dataset.id for dataset in found}) == len(lab.list_datasets()) == 1
    assert lab.example_images(found[0].id, each=1, size_px=8)


def test_the_same_chunk_sent_twice_at_once_is_stored_once(home):
    token = lab.begin_upload("a.zip", 100_000)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: lab.append_chunk(token, 0, b"x" * 100_000), range(4)))
    (file,) = workplace().home.uploads.glob(f"{token}/file/*")
    assert file.stat().st_size == 100_000


def test_a_run_that_is_resumed_at_that_moment_is_not_deleted(dataset, no_supervisor, monkeypatch):
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    lab.stop_run(run.id)
    store = workplace().runs
    load = store.load

    def load_then_resume(name):
        row = load(name)
        store.update(name, status=Status.RUNNING)
        return row

    monkeypatch.setattr(store, "load", load_then_resume)
    with pytest.raises(RunStateError):
        lab.delete_run(run.id)
    assert load(run.id).status is Status.RUNNING


def _noise(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), np.uint8)
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_class_without_a_validation_image_is_named(home, tmp_path):
    path = tmp_path / "copies.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6):
            archive.writestr(f"one/{number}.png", _noise(99))
            archive.writestr(f"many/{number}.png", _noise(number))
    dataset = lab.import_dataset(path)
    assert lab.class_sets(dataset.id, RunConfig().split).unjudged == ("one",)


def test_a_limit_on_training_images_counts_in_the_plan(dataset):
    limited = RunConfig(split={"images_per_class": 3}).split
    assert lab.count_splits(dataset.id, limited)["train"] == 6
