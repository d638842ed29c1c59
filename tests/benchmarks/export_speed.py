"""How long a user waits for a model in each format, verification included; prints a table.

    python tests/benchmarks/export_speed.py [ROUNDS] [FORMATS] [--smoke]

A run of `small_cnn` at 48 px on the bundled sample is trained for an epoch. Then each format is
asked for as the page asks, and waited for, while a worker with TensorFlow loaded waits: building
the kept model, converting, loading the download in a fresh process, comparing. The median counts;
before the first round one file is made that isn't counted. Formats whose packages are missing are
left out. Wall times: run it on a machine that is otherwise idle. `--smoke` takes one round of the
first two formats.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.model_format import ModelFormat
from cnnlab.exports.table import all_formats
from cnnlab.files import remove_folder
from cnnlab.jobs.kinds.export import export_folder
from cnnlab.lab.runs import newest_attempt
from tests.benchmarks.app_process import Figure, end_supervisor, print_figures
from tests.benchmarks.options import read_options
from tests.waiting import wait_until

GOALS = {"litert": 4, "litert_int8": 8, "onnx": 8, "keras": 15, "saved_model": 15, "weights": 15}


def main(rounds: int, formats: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="cnnlab-benchmark-") as folder:
        os.environ["CNNLAB_HOME"] = folder
        dataset = lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
        parts = {"image": {"size": 48}, "architecture": {"preset": "small_cnn"}}
        training = {"training": {"epochs": 1, "device": "cpu"}}
        run = lab.launch_run(load_config({"dataset": dataset.id, **parts, **training}))
        try:
            wait_until(lambda: lab.load_run(run.id).status.is_ended, seconds=300)
            measure(run.id, rounds, formats)
        finally:
            end_supervisor()


def measure(run: str, rounds: int, formats: int) -> None:
    """Prepare so many formats so many times."""
    names = [
        each.name
        for each in all_formats().values()
        if isinstance(each, ModelFormat) and each.pip_line is None
    ]
    names = names[:formats]
    prepare(run, names[0])
    times = {name: [] for name in names}
    checks = {}
    for _ in range(rounds):
        for name in names:
            seconds, checks[name] = prepare(run, name)
            times[name].append(seconds)
    print_figures(
        [
            Figure(f"{name}: asked to verified", statistics.median(measured), "s", GOALS.get(name))
            for name, measured in times.items()
        ]
    )
    for name, measured in times.items():
        memory = checks[name].get("memory_bytes", 0) / 2**20
        each = " ".join(f"{seconds:.2f}" for seconds in measured)
        print(f"{name:16} {each} s, {memory:.0f} MiB")


def prepare(run: str, name: str) -> tuple[float, dict]:
    """Seconds from asking for a format until it is there, and how it compares."""
    files = export_folder(newest_attempt(lab.load_run(run)), name, calibrated=False)
    if files.folder.exists():
        remove_folder(files.folder)
    newest_attempt(lab.load_run(run)).package.unlink(missing_ok=True)  # of Keras, by the training
    began = time.perf_counter()
    lab.prepare_model(run, name)
    state = wait_until(lambda: ended(run, name), seconds=300)
    assert state.answer is not None, state.problem
    return time.perf_counter() - began, state.answer


def ended(run: str, name: str) -> lab.ExportState | None:
    """The state of a preparation that has ended."""
    state = lab.model_state(run, name)
    return state if state is not None and state.is_ended else None


if __name__ == "__main__":
    main(*read_options(__doc__, rounds=(3, 1), formats=(99, 2)))
