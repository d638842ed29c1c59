"""What a resident worker says of a picture, with models that are played."""

import base64
import io
from types import SimpleNamespace

import numpy as np
from PIL import Image

from cnnlab.domain.config.run_config import load_config
from cnnlab.worker.answering import _said

ASKED = [{"run": "a", "run_name": "A", "attempt": 1}]


class PlayedModels:
    """One model for every run, of so many channels."""

    def __init__(self, channels):
        self.square = np.arange(4 * 4 * channels, dtype=np.uint8).reshape(4, 4, channels)
        probabilities = np.array([[0.25, 0.75]], np.float32)
        self.model = SimpleNamespace(
            config=load_config({"dataset": "d"}),
            value_range=None,
            class_names=["dark", "bright"],
            familiar=None,
            prepared=lambda content: self.square,
            model=lambda squares: (probabilities, None),
            temperature=lambda: None,
        )

    def find(self, run, attempt):
        return self.model

    def become_familiar(self, run, attempt):
        pass


def test_a_picture_comes_back_as_the_network_sees_it_where_that_is_asked():
    for channels in (3, 1):
        models = PlayedModels(channels)
        asked = {"runs": ASKED, "name": "a.png"}
        (plain,) = _said(asked, b"picture", models)["predictions"]
        assert plain["class"] == "bright"
        assert "seen" not in plain
        (said,) = _said(asked | {"with_seen": True}, b"picture", models)["predictions"]
        content = base64.b64decode(said["seen"].removeprefix("data:image/png;base64,"))
        pixels = np.asarray(Image.open(io.BytesIO(content)))
        assert np.array_equal(pixels.reshape(4, 4, channels), models.square)
