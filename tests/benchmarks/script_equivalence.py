"""Whether a run's program ends as the run does where augmentation is on, whose draws differ.

    python tests/benchmarks/script_equivalence.py [UPLOAD] [--seeds 10] [--epochs 12] [--smoke]

For each seed a run is trained by cnnlab and its exported `train.py` in a Python of its own, where
cnnlab can't be imported. Compared is the validation accuracy, the mean of the last three epochs, by
the paired difference over the seeds: two one-sided t tests at 5 % against a margin of 2 points
(Schuirmann 1987), which both reject where the 90 % interval lies within the margin. Without UPLOAD
the bundled sample is taken. `--smoke` takes two seeds of one epoch.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.study.chance.equivalence import within_margin
from cnnlab.study.chance.paired import paired_estimate
from tests.benchmarks.options import option_parser

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data/six_signs.zip"
MARGIN, LEVEL, LAST = 0.02, 0.05, 3
AUGMENTATION = {
    "flip": "horizontal", "rotation_degrees": 10, "zoom_fraction": 0.1, "shift_fraction": 0.08,
    "brightness_fraction": 0.2, "contrast_fraction": 0.2, "erasing_fraction": 0.1,
}  # fmt: skip

_PROGRAMS = """
import json, os, runpy, sys, time
images, *programs = sys.argv[1:]
for program in programs:
    sys.argv = [program, "--images", images]
    sys.path.insert(0, os.path.dirname(program))
    began = time.time()
    runpy.run_path(program, run_name="__main__")
    print(f"{time.time() - began:.0f} s", file=sys.stderr)
assert "cnnlab" not in sys.modules
"""


def main():
    parser = option_parser(__doc__)
    parser.add_argument("upload", type=Path, nargs="?", default=SAMPLE, help="labelled images")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--size", type=int, default=32, help="px")
    asked = parser.parse_args()
    if asked.smoke:
        asked.seeds, asked.epochs, asked.size = 2, 1, 16
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["CNNLAB_HOME"] = f"{folder}/home"
        runs, programs = compared(asked, Path(folder))
    tell(runs, programs)


def compared(asked, folder):
    """(seeds, epochs) validation accuracies of runs and of their programs."""
    from cnnlab import lab  # noqa: PLC0415 - the home is named by now

    dataset = lab.import_dataset(asked.upload).id
    images = folder / "images.zip"
    images.write_bytes(b"".join(lab.dataset_zip(dataset)))
    runs = [trained(dataset, seed, asked, folder) for seed in range(asked.seeds)]
    paths = [folder / f"seed{seed}" / "train.py" for seed in range(asked.seeds)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-I", "-c", _PROGRAMS, images, *paths]
    subprocess.run([*map(str, command)], check=True, env=environment, stdout=subprocess.DEVNULL)
    histories = [json.loads((path.parent / "history.json").read_text()) for path in paths]
    return np.array(runs), np.array([[row["val_accuracy"] for row in one] for one in histories])


def trained(dataset, seed, asked, folder):
    """Train a run and unzip its program; its validation accuracies."""
    from cnnlab.jobs.kinds.train import TrainRequest  # noqa: PLC0415
    from cnnlab.lab.runs import new_run  # noqa: PLC0415
    from cnnlab.lab.workplace import workplace  # noqa: PLC0415
    from cnnlab.storage.attempts.attempt import Attempt  # noqa: PLC0415
    from cnnlab.storage.home import open_home  # noqa: PLC0415
    from cnnlab.worker.begun import find_begun  # noqa: PLC0415
    from cnnlab.worker.data import load_data  # noqa: PLC0415
    from cnnlab.worker.taking_along.script import program_members  # noqa: PLC0415
    from cnnlab.worker.train import train  # noqa: PLC0415
    from tests.worker.conftest import do  # noqa: PLC0415

    began = time.time()
    config = load_config(
        {
            "dataset": dataset,
            "image": {"size": asked.size},
            "split": {"images_per_class": 80, "validation": 0.3},
            "architecture": {"preset": "small_cnn", "filters": 16},
            "augmentation": AUGMENTATION,
            "training": {"epochs": asked.epochs, "seed": seed, "device": "cpu"},
        }
    )
    run = new_run(config, name=f"seed {seed}")
    workplace().runs.create(run)
    attempt = Attempt(open_home().attempt(run.id, 1))
    attempt.create(run.config)
    do(train, TrainRequest(), attempt)
    nothing = SimpleNamespace(phase=lambda _: None, beat=lambda: None)
    data = load_data(config, nothing, lambda: None)
    place = folder / f"seed{seed}"
    place.mkdir()
    for name, content in program_members(find_begun(attempt, run.id, data)).items():
        (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    accuracies = [record["val_accuracy"] for record in attempt.history()]
    print(f"seed {seed}: {accuracies[-1]:.3f}, {time.time() - began:.0f} s", file=sys.stderr)
    return accuracies


def tell(runs, programs):
    """Print what was found."""
    ends = [accuracies[:, -LAST:].mean(axis=1) for accuracies in (runs, programs)]
    differences = ends[1] - ends[0]
    for seed, (ours, theirs) in enumerate(zip(*ends, strict=True)):
        print(f"seed {seed}: run {ours:.4f}, program {theirs:.4f}, apart {theirs - ours:+.4f}")
    found = paired_estimate(differences.tolist())
    mean, low, high = found.interval(1 - 2 * LEVEL).estimate
    print(f"means: runs {ends[0].mean():.4f}, programs {ends[1].mean():.4f}")
    print(
        f"difference {100 * mean:+.2f} points, 90 % interval {100 * low:+.2f} to {100 * high:+.2f}"
    )
    is_equivalent = within_margin(found, LEVEL, MARGIN) is not None
    print(f"{'equivalent' if is_equivalent else 'not shown to be equivalent'} within "
          f"{100 * MARGIN:g} points")  # fmt: skip


if __name__ == "__main__":
    main()
