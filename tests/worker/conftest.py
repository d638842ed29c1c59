"""A run that was trained for real, for whoever asks its model."""

import contextlib
import os
from types import SimpleNamespace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.files import read_json, write_json
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.worker.process.work import Work
from tests.conftest import draw_zip
from tests.made_once import made_once

CONFIG = {
    "image": {"size": 12},
    "split": {"validation": 0.3, "test": 0.3, "label_noise_fraction": 0.2},
    "architecture": {"preset": "tiny_cnn"},
    "training": {"epochs": 12, "batch_size": 8, "device": "cpu"},
    "optimizer": {"learning_rate": 0.005},
}


def do(function, request, files):
    """Do a job in this process, as a worker does."""
    with contextlib.closing(files.recorder()) as recorder:
        return function(Work(request, files, recorder, "cpu", lambda: None))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that was trained for real, on classes that are hard to tell apart."""
    import keras  # noqa: PLC0415 - tests of the process alone do without TensorFlow

    folder = made_once(
        tmp_path_factory, "judged", train_three, tmp_path_factory.mktemp("judged") / "copy"
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(folder / "home"))
        attempt = Attempt(open_home().attempt("a", 1))
        images = next(open_home().root.glob("datasets/*/prepared/*/images.npy"))
        yield SimpleNamespace(
            attempt=attempt,
            result=read_json(folder / "result.json"),
            images=np.load(images),
            model=keras.models.load_model(attempt.model),
        )


def train_three(folder):
    """A home with that run, and beside it what the worker would say at its end."""
    from cnnlab.worker.train import train  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(folder / "home"))
        levels = {"dark": 60, "middle": 128, "bright": 196}
        upload = draw_zip(folder / "a.zip", levels=levels, each=40, size=12, wavering=45)
        dataset = lab.import_dataset(upload)
        attempt = Attempt(open_home().attempt("a", 1))
        attempt.create(load_config({"dataset": dataset.id, **CONFIG}).model_dump(mode="json"))
        write_json(folder / "result.json", do(train, TrainRequest(), attempt))
