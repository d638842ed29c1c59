"""A download in a Python of its own."""

from cnnlab.exports.alone import begun_alone

# What is prepared is large, and nothing else is.
_PREDICT = """
from pathlib import Path
import numpy as np
MODEL = Path("model")
def load(path):
    return lambda images: np.zeros((len(images), 2), np.float32)
def prepare(content):
    return np.full((700, 700, 3), content[0], np.uint8)
"""


def test_memory_is_that_of_a_single_picture_however_many_are_compared(tmp_path):
    def memory(count):
        pictures = [bytes([number]) for number in range(count)]
        with begun_alone("", runtime="numpy") as run:
            ran = run(tmp_path / "model", {"predict.py": _PREDICT}, pictures)
        assert len(ran.predicted) == count
        return ran.memory_bytes / 2**20

    assert memory(100) - memory(1) < 20  # 280 MiB where all are held twice
