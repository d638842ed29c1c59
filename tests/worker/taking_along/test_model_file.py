"""Writing a model file: what shows signs of life meanwhile, and what doesn't."""

import contextlib
import threading
from types import SimpleNamespace

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.alone import Ran
from cnnlab.exports.model_format import ModelFormat
from cnnlab.storage.job_folder import JobFolder
from cnnlab.training.judging import reference
from cnnlab.worker.kept import KeptModel
from cnnlab.worker.taking_along.model_file import by_turns, compared_rows, spread, write_model

SAID = np.array([[0.9, 0.1], [0.8, 0.2]], np.float32)


def test_only_what_has_a_time_limit_of_its_own_shows_signs_of_life_by_itself(
    dataset, tmp_path, monkeypatch
):
    beating = {}

    def seen(name, answer=None):
        beating[name] = "cnnlab-beats" in {thread.name for thread in threading.enumerate()}
        return answer

    def save(chosen, source, path):
        path.write_bytes(b"model")
        seen("save")

    def run(file, texts, pictures):
        assert file.name == "model.keras" and "predict.py" in texts
        assert [picture[:4] for picture in pictures] == [b"\x89PNG"] * 2
        return seen("verify", Ran(SAID, np.array([0.1]), 100))

    monkeypatch.setattr(ModelFormat, "save", save)
    monkeypatch.setattr(ModelFormat, "begun_alone", lambda chosen: contextlib.nullcontext(run))
    monkeypatch.setattr(reference, "float32_clone", lambda model: model)
    monkeypatch.setattr(reference, "reference_probabilities", lambda *_: seen("reference", SAID))
    data = SimpleNamespace(
        class_names=("a", "b"),
        images=np.zeros((4, 8, 8, 3)),
        labels=np.array([0, 1, 0, 1]),
        validation=np.array([1, 2]),
        value_range=None,
    )
    recorder = JobFolder(tmp_path).recorder()
    config = load_config({"dataset": dataset.id})
    check = write_model(tmp_path, recorder, KeptModel(config, data, None, 0))
    assert (check["images"], check["of_images"], check["bytes"]) == (2, 2, 5)
    assert check["accuracy"]["value"] == 0.5
    assert beating == {"save": False, "reference": False, "verify": True}
    recorder.close()


def test_images_to_compare_are_spread_over_all_and_none_is_taken_twice():
    assert list(spread(3, 64)) == [0, 1, 2]
    assert len(spread(1000, 64)) == 64 and spread(1000, 64)[-1] == 999


def test_what_is_compared_first_is_of_all_classes_however_the_images_lie():
    labels = np.repeat(np.arange(6), [100, 3, 40, 40, 1, 16])
    order = by_turns(labels)
    assert sorted(order) == list(range(200)) and list(order) == list(by_turns(labels))
    assert set(labels[order[:6]]) == set(range(6))
    assert list(np.bincount(labels[order[:32]], minlength=6)) == [7, 3, 7, 7, 1, 7]
    data = SimpleNamespace(labels=np.sort(np.arange(900) % 5), validation=np.arange(100, 900))
    rows = compared_rows(KeptModel(None, data, None, 0))
    assert len(set(rows)) == 200 and set(rows) <= set(range(100, 900))
    assert set(data.labels[rows[:5]]) == set(range(5))
