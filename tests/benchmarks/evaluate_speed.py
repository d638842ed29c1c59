"""What judging a run's model takes beside a bare `model.predict`; prints a table.

    python tests/benchmarks/evaluate_speed.py [IMAGES] [SIDE_PX] [ROUNDS] [--smoke]

A run with `small_cnn` is trained for an epoch, and IMAGES validation images are judged, by turns:

- job: the whole job `evaluate` in a warm worker: reading the states and the images, building the
  model, predicting, slices, suspicious labels, all measures with their intervals; and each phase
- bare: reading the same prepared images and `model.predict` on them, with the model loaded

CPU seconds of all threads of this process count, because the machine may be shared; the best round
of each counts. Goal: at 10,000 images of 64 px the job takes at most 1.3 times what bare takes.
`--smoke` takes one round of 200 images of 24 px.
"""

import contextlib
import io
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import keras
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.jobs.kinds.evaluate import EvaluateRequest, evaluation_folder
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.worker.judging.evaluate import evaluate
from cnnlab.worker.process.work import Work
from cnnlab.worker.train import train
from tests.benchmarks.options import is_smoke, read_options

GOAL = 1.3
CLASSES, TRAINING_SHARE = 10, 0.1
RUN = "benchmark"


def draw_upload(path: Path, count: int, side: int) -> Path:
    """A zip of class folders with smooth random pictures, some of which have copies."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            label = number % CLASSES
            coarse = generator.integers(0, 200, (6, 6, 3)) + 5 * label
            image = Image.fromarray(coarse.astype(np.uint8))
            encoded = io.BytesIO()
            image.resize((side, side), Image.Resampling.BICUBIC).save(encoded, "PNG")
            archive.writestr(f"class_{label}/{number}.png", encoded.getvalue())
    return path


class Watch(JobRecorder):
    """A recorder that notes the CPU seconds at the beginning of each phase."""

    def __init__(self, files) -> None:
        super().__init__(files)
        self.began: list[tuple[str, float]] = []

    def phase(self, text: str) -> None:
        self.began.append((text, time.process_time()))
        super().phase(text)


def do(function, request, files, recorder) -> None:
    """Do a job in this process, as a warm worker does."""
    with contextlib.closing(recorder):
        function(Work(request, files, recorder, "cpu", lambda: None))


def trained(folder: Path, images: int, side: int) -> tuple[Attempt, Path]:
    """An attempt that has ended, and the prepared images of its dataset."""
    upload = draw_upload(folder / "a.zip", round(images / (1 - TRAINING_SHARE)), side)
    dataset = lab.import_dataset(upload)
    config = {
        "dataset": dataset.id,
        "image": {"size": side},
        "split": {"validation": 1 - TRAINING_SHARE},
        "architecture": {"preset": "small_cnn"},
        "training": {"epochs": 1, "device": "cpu"},
    }
    attempt = Attempt(open_home().attempt(RUN, 1))
    attempt.create(load_config(config).model_dump(mode="json"))
    do(train, TrainRequest(), attempt, attempt.recorder())
    (prepared,) = open_home().dataset(dataset.id).glob("prepared/*/images.npy")
    return attempt, prepared


def judge(attempt: Attempt) -> dict[str, float]:
    """CPU seconds of the job `evaluate`: of each phase, and `job` of all."""
    files = evaluation_folder(attempt, "validation")
    shutil.rmtree(files.folder, ignore_errors=True)
    files.folder.mkdir(parents=True)
    began, watch = time.process_time(), Watch(files)
    do(evaluate, EvaluateRequest(RUN, 1, "validation"), files, watch)
    ended = time.process_time()
    marks = [("Reading the run", began), *watch.began, ("", ended)]
    seconds = {name: end - start for (name, start), (_, end) in zip(marks, marks[1:], strict=False)}
    return {**seconds, "job": ended - began}


def predict_bare(attempt: Attempt, prepared: Path) -> float:
    """CPU seconds of reading the same images and `model.predict`, with the model loaded."""
    positions = evaluation_folder(attempt, "validation").read_predictions().positions
    model = keras.models.load_model(attempt.model)
    began = time.process_time()
    model.predict(np.load(prepared, mmap_mode="r")[positions], verbose=0)
    return time.process_time() - began


def measure(folder: Path, images: int, side: int, rounds: int) -> dict[str, float]:
    """CPU seconds of the best round of each; the first round warms up and doesn't count."""
    attempt, prepared = trained(folder, images, side)
    found = []
    for _ in range(rounds + 1):
        found.append({**judge(attempt), "bare": predict_bare(attempt, prepared)})
        keras.utils.clear_session()
    return {name: min(one[name] for one in found[1:]) for name in found[0]}


def main() -> int:
    images, side, rounds = read_options(
        __doc__, images=(10_000, 200), side_px=(64, 24), rounds=(3, 1)
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CNNLAB_HOME"] = str(Path(folder) / "home")
        found = measure(Path(folder), images, side, rounds)
    for name, seconds in found.items():
        print(f"{seconds:7.2f} CPU seconds  {seconds / found['bare']:5.2f} of bare  {name}")
    ratio = found["job"] / found["bare"]
    print(f"goal at 10,000 images of 64 px: at most {GOAL} of bare; here {ratio:.2f}")
    return int(ratio > GOAL and not is_smoke())


if __name__ == "__main__":
    sys.exit(main())
