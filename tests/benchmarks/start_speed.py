"""How long a user waits after the click.

    python tests/benchmarks/start_speed.py [ROUNDS] [--smoke]

Launches short runs of `small_cnn` at 64 px on the bundled sample, whose images are prepared:

    cold     no worker waits: the process starts and loads TensorFlow
    fresh    a worker waits that has not trained anything yet
    again    the worker that trained the run before takes the next one
    shown    as with `again`, but a form has shown the run, and the worker has made it ready
    hand     a process of hand-written Keras that has loaded TensorFlow and waits for the word

by turns, and tells, from the launch on, when the worker began and when the first step was finished,
and what a waiting worker costs. Wall times: run it on a machine that is otherwise idle, or look at
the ratio alone.
Goal: what a form has shown starts in at most 1.3 times the time of the hand-written process, and
within 1 s where that takes .75 s. `--smoke` launches each once.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepared_array
from cnnlab.domain.config.run_config import load_config
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import JournalReader
from cnnlab.worker.process.preparing import READY
from tests.benchmarks.app_process import Figure, end_supervisor, find_spare, print_figures
from tests.benchmarks.options import read_options
from tests.benchmarks.start_by_hand import HandWritten
from tests.waiting import wait_until

ROUNDS = 5
GOAL = 1.3
QUIET_SECONDS = 0.7
MB = 2**20


def main(rounds):
    with tempfile.TemporaryDirectory(prefix="cnnlab-benchmark-") as folder:
        os.environ["CNNLAB_HOME"] = folder
        dataset = lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
        config = load_config(
            {
                "dataset": dataset.id,
                "image": {"size": 64},
                "architecture": {"preset": "small_cnn"},
                "augmentation": {"flip": "horizontal", "rotation_degrees": 10},
            }
        )
        try:
            measure(config, rounds)
        finally:
            end_supervisor()


def measure(config, rounds):
    times = {"cold": [], "fresh": [], "again": [], "shown": []}
    os.environ["CNNLAB_WARM_WORKERS"] = "0"
    launch(config)  # prepares the images, and starts the supervisor
    times["cold"] = [launch(config) for _ in range(rounds)]
    os.environ["CNNLAB_WARM_WORKERS"] = "1"
    spares, hand = [], []
    for _ in range(rounds):
        end_supervisor()
        spares.append(wait_for_spare())
        times["fresh"].append(launch(config))
        times["again"].append(launch(config))
        show_on_form(config)
        times["shown"].append(launch(config))
        hand.append(start_by_hand(config))
    show(times, spares, hand)


def start_by_hand(config):
    folder = workplace().home.dataset(config.dataset)
    labels = folder.parent / "labels.npy"
    np.save(labels, ImageIndex(folder).labels)
    return HandWritten(prepared_array(folder, config.image), labels).first_step_seconds()


def show_on_form(config):
    """Have the form show a config, and wait until the worker has made it ready."""
    lab.warm_up(config)
    form, log = workplace().home.form_request, workplace().home.supervisor_log
    before = log.stat().st_size
    assert form.exists()

    def is_ready():
        with log.open() as file:
            file.seek(before)
            return READY in file.read()

    wait_until(is_ready)


def show(times, spares, hand):
    figures = [
        Figure("waiting worker: TensorFlow loaded after", median(spares, 0), "s"),
        Figure("waiting worker: memory of its own", median(spares, 1), "MB"),
        Figure("waiting worker: resident, libraries included", median(spares, 2), "MB"),
    ]
    for name, measured in times.items():
        figures.append(Figure(f"{name}: launch to worker", median(measured, 0), "s", 0.5))
        goal = 1.0 if name == "shown" else None
        figures.append(Figure(f"{name}: launch to first step", median(measured, 1), "s", goal))
    by_hand = statistics.median(hand)
    figures.append(Figure("hand: word to first step", by_hand, "s"))
    figures.append(Figure("shown / hand", median(times["shown"], 1) / by_hand, "x", GOAL))
    print_figures(figures)
    print("hand  ", " ".join(f"{seconds:.2f}" for seconds in hand), "s")
    for name, measured in times.items():
        print(f"{name:6}", " ".join(f"{first_step:.2f}" for _, first_step in measured), "s")


def median(rows, column):
    return statistics.median(row[column] for row in rows)


def launch(config):
    """Launch a run, stop it after its first step; return seconds to its worker and to that step."""
    began = time.perf_counter()
    run = lab.launch_run(config)
    attempt = Attempt(workplace().home.attempt(run.id, 1))
    steps = JournalReader(attempt.steps)
    waits = []

    def has_come(kind):
        assert attempt.read_result() is None, attempt.log_tail()
        return any(row["kind"] == kind for row in steps.read())

    for kind in ("phase", "step"):
        wait_until(lambda kind=kind: has_come(kind), seconds=120)
        waits.append(time.perf_counter() - began)
    lab.stop_run(run.id)
    wait_until(lambda: lab.load_run(run.id).status.is_ended, seconds=120)
    return waits


def wait_for_spare():
    """Have a spare started; return the seconds until it is loaded, and its memory in MB."""
    began = time.perf_counter()
    lab.warm_up()
    spare = Path("/proc") / wait_until(find_spare)
    started = quiet_since = time.perf_counter()
    used = None
    while time.perf_counter() - quiet_since < QUIET_SECONDS or used < 1:
        if used != (now_used := cpu_seconds(spare)):
            used, quiet_since = now_used, time.perf_counter()
        time.sleep(0.01)
    assert started - began < 10
    return quiet_since - began, memory(spare, "Anonymous"), memory(spare, "Rss")


def cpu_seconds(process):
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process, kind):
    lines = (process / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / MB for line in lines if line.startswith(kind + ":"))


if __name__ == "__main__":
    main(*read_options(__doc__, rounds=(ROUNDS, 1)))
