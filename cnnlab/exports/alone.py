"""A model file in a Python of its own, which sees neither cnnlab nor a GPU."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from cnnlab.domain.errors import ExportError

_SECONDS = 300

_SCRIPT = """
import sys, time
import numpy as np
{load}
images = np.load(sys.argv[2])
predict = load(sys.argv[1])
predicted = [predict(images[start : start + 16]) for start in range(0, len(images), 16)]
predict(images[:1])
seconds = []
for image in images[:16]:
    began = time.perf_counter()
    predict(image[np.newaxis])
    seconds.append(time.perf_counter() - began)
np.savez(sys.argv[3], predicted=np.concatenate(predicted), seconds=seconds)
"""


def predict_alone(
    load: str, path: Path, images: np.ndarray, *, runtime: str
) -> tuple[np.ndarray, np.ndarray]:
    """What a model file predicts where nothing but its runtime is known.

    Args:
        load: Python source that defines `load`, as a format has it.
        path: of the file.
        images: (N, H, W, C) uint8.
        runtime: what loads the file, in words.

    Returns:
        Probabilities (N, classes) float32, and for some images the seconds that each took alone.

    Raises:
        ExportError: the file can't be loaded, or not in time.
    """
    with tempfile.TemporaryDirectory(prefix="cnnlab-verify-") as folder:
        given, answer = Path(folder, "images.npy"), Path(folder, "answer.npz")
        np.save(given, images)
        _run(_SCRIPT.format(load=load), [path, given, answer], runtime)
        with np.load(answer) as answered:
            return answered["predicted"], answered["seconds"]


def _run(script: str, arguments: list[Path], runtime: str) -> None:
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-I", "-c", script, *map(str, arguments)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(
            f"The exported model wasn't loaded within {_SECONDS} s, so it isn't offered: "
            "the machine may be too busy; prepare it again."
        ) from error
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ExportError(
            f"The exported model can't be loaded by {runtime}, so it isn't offered: {last_line}"
        )
