"""Writing a model file: what shows signs of life meanwhile, and what doesn't."""

import threading
from types import SimpleNamespace

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.format import Format
from cnnlab.storage.job_folder import JobFolder
from cnnlab.training.judging import reference
from cnnlab.worker.kept import KeptModel
from cnnlab.worker.model_file import write_model


def test_only_what_has_a_time_limit_of_its_own_shows_signs_of_life_by_itself(tmp_path, monkeypatch):
    beating = {}

    def seen(name, answer=None):
        beating[name] = "cnnlab-beats" in {thread.name for thread in threading.enumerate()}
        return answer

    def save(chosen, model, path, about):
        path.write_bytes(b"model")
        seen("save")

    monkeypatch.setattr(Format, "save", save)
    monkeypatch.setattr(Format, "verify", lambda *_: seen("verify", {"bytes": 5}))
    monkeypatch.setattr(reference, "float32_clone", lambda model: model)
    monkeypatch.setattr(reference, "reference_probabilities", lambda *_: seen("reference"))
    data = SimpleNamespace(
        class_names=("a", "b"),
        images=np.zeros((4, 8, 8, 3)),
        validation=np.arange(4),
        value_range=None,
    )
    recorder = JobFolder(tmp_path).recorder()
    config = load_config({"dataset": "d"})
    assert write_model(tmp_path, recorder, KeptModel(config, data, None, 0)) == {"bytes": 5}
    assert beating == {"save": False, "reference": False, "verify": True}
    recorder.close()
