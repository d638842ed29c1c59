"""Some steps on a set that is larger than the memory that this process allows itself.

    python -m tests.training.large_set FILE

FILE is made: a hole in the disk, which takes no room. Prints the steps that were made.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import resource
import sys
from pathlib import Path

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.training.input.data import TrainingData
from cnnlab.training.input.images import StoredImages
from cnnlab.training.loop.fit import fit
from tests.training.conftest import MemoryRecorder

ALLOWED_BYTES = 5 * 10**9
SIDE = 64
IMAGES = 2 * ALLOWED_BYTES // (3 * SIDE**2)
STEPS = 12


def main(path: Path):
    np.lib.format.open_memmap(path, "w+", np.uint8, (IMAGES, SIDE, SIDE, 3))
    resource.setrlimit(resource.RLIMIT_AS, (ALLOWED_BYTES, ALLOWED_BYTES))
    labels = (np.arange(IMAGES) % 2).astype(np.int32)
    positions = np.arange(IMAGES)
    data = TrainingData(StoredImages(path), labels, positions[50:], positions[:50], ("a", "b"))
    config = load_config({"image": {"size": SIDE}, "architecture": {"preset": "tiny_cnn"}})
    recorder = MemoryRecorder(STEPS)
    assert fit(config, data, recorder).status == "stopped"
    print(recorder.polls)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
