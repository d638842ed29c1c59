"""What a learning-rate test costs, and what its suggestion reaches against the default rate.

    python tests/benchmarks/learning_rates.py texture shape photos.zip --to rows.jsonl
    python tests/benchmarks/learning_rates.py --seconds
    python tests/benchmarks/learning_rates.py --smoke

The table has a line for each set and optimizer: accuracy on the validation images, mean of the last
three epochs, with the optimizer's usual rate and with the suggested one; mean and standard
deviation over seeds. Sets are names of `tests/made_sets.py`, zips or folders. Rows that stand in
the file already are not trained again; `--minutes` ends the program after so much CPU time, to go
on later.

`--seconds` tells what one test takes of `small_cnn` at 64 px, where TensorFlow is loaded; goal: at
most 6 s. On a busy machine compare its CPU seconds with those of as many plain Keras steps, told
beside them. `--smoke` does both, with one short row that isn't kept.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import load_config
from cnnlab.training.devices.device import choose_device
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit
from cnnlab.training.loop.trial import Trial
from cnnlab.training.lr_test.lr_test import lr_test
from cnnlab.worker.data import load_data
from tests.benchmarks.options import option_parser
from tests.benchmarks.train_speed import StopwatchRecorder
from tests.made_sets import SETS, draw_set

JUDGED_EPOCHS = 3


class Recorder(StopwatchRecorder):
    """Listens to whatever is done, and stops nothing."""

    def __init__(self):
        super().__init__(None)

    def progress(self, done, total):
        pass

    def should_stop(self):
        return False


def main():
    given = options()
    if given.seconds or given.smoke:
        tell_seconds(given.steps_of_keras, *((60, 16) if given.smoke else (400, 64)))
    if given.seconds:
        return
    with tempfile.TemporaryDirectory(prefix="cnnlab-benchmark-") as folder:
        to = Path(folder) / "rows.jsonl" if given.smoke else given.to
        rows = [json.loads(line) for line in to.read_text().splitlines()] if to.exists() else []
        done = {key(row) for row in rows}
        os.environ["CNNLAB_HOME"] = str(given.home or Path(folder) / "home")
        for row in planned(given):
            if key(row) in done:
                continue
            if time.process_time() > 60 * given.minutes:
                break
            row |= compared(row, dataset_of(row["set"], given.sets, Path(folder)))
            rows.append(row)
            print(row, file=sys.stderr, flush=True)
            with to.open("a") as file:
                file.write(json.dumps(row) + "\n")
    print(table(rows))


def options():
    parser = option_parser(__doc__)
    parser.add_argument("sets", nargs="*", default=["texture", "shape"], metavar="SET")
    parser.add_argument("--optimizers", nargs="+", default=["adam", "sgd"])
    parser.add_argument("--preset", default="tiny_cnn")
    parser.add_argument("--size", type=int, default=32, help="of the images, px")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=600.0, help="of CPU time")
    parser.add_argument("--to", type=Path, default=Path("rate_rows.jsonl"), help="file of rows")
    parser.add_argument("--home", type=Path, help="where the datasets are kept")
    parser.add_argument("--seconds", action="store_true", help="what one test takes")
    parser.add_argument("--steps-of-keras", type=int, default=60)
    given = parser.parse_args()
    if given.smoke:
        given.sets, given.optimizers, given.size = ["few_images"], ["adam"], 16
        given.epochs, given.seeds, given.steps_of_keras = 1, 1, 2
    return given


def planned(given):
    """Every set once before anything is repeated."""
    for seed, name, optimizer in itertools.product(
        range(given.seeds), given.sets, given.optimizers
    ):
        yield {
            "set": Path(name).stem,
            "optimizer": optimizer,
            "preset": given.preset,
            "size": given.size,
            "epochs": given.epochs,
            "seed": seed,
        }


def key(row):
    return tuple(row[name] for name in ("set", "optimizer", "preset", "size", "epochs", "seed"))


def dataset_of(stem, names, folder):
    """Id of the imported dataset: one that the home has under this name, else it is imported."""
    for dataset in lab.list_datasets():
        if dataset.name == stem:
            return dataset.id
    name = next(name for name in names if Path(name).stem == stem)
    path = draw_set(name, folder) if name in SETS else Path(name)
    return lab.import_dataset(path, name=stem).id


def compared(row, dataset):
    """The suggestion, and the accuracies with it and with the usual rate."""
    config = load_config(
        {
            "dataset": dataset,
            "image": {"size": row["size"]},
            "architecture": {"preset": row["preset"]},
            "optimizer": {
                "name": row["optimizer"],
                "learning_rate": USUAL_LEARNING_RATES[row["optimizer"]],
            },
            "training": {"epochs": row["epochs"], "seed": row["seed"], "device": "cpu"},
        }
    )
    data = load_data(config, Recorder(), lambda: None)
    began = time.process_time()
    found = lr_test(config, data, Recorder())
    seconds = time.process_time() - began
    usual = accuracy(config, data)
    rate = found["suggestion"]
    if rate is not None:
        optimizer = config.optimizer.model_copy(update={"learning_rate": rate})
        suggested = accuracy(config.model_copy(update={"optimizer": optimizer}), data)
    else:  # nothing is taken
        suggested = usual
    return {
        "rate": rate,
        "rates": found["suggestions"],
        "usual": usual,
        "suggested": suggested,
        "cpu_seconds": seconds,
    }


def accuracy(config, data):
    history = fit(config, data, Recorder()).history
    return statistics.mean(record["val_accuracy"] for record in history[-JUDGED_EPOCHS:])


def table(rows):
    lines = [
        "| set | optimizer | usual rate | suggested rates | accuracy, usual | suggested | gain |",
        "|---|---|---|---|---|---|---|",
    ]
    kinds = dict.fromkeys((row["set"], row["optimizer"]) for row in rows)
    for name, optimizer in kinds:
        own = [row for row in rows if (row["set"], row["optimizer"]) == (name, optimizer)]
        rates = ", ".join(
            "can't tell" if row["rate"] is None else f"{row['rate']:g}" for row in own
        )
        gains = [row["suggested"] - row["usual"] for row in own]
        cells = [told([row[kind] for row in own]) for kind in ("usual", "suggested")]
        usual = USUAL_LEARNING_RATES[optimizer]
        lines.append(
            f"| {name} | {optimizer} | {usual:g} | {rates} | {' | '.join(cells)} | {told(gains)} |"
        )
    return "\n".join(lines)


def told(values):
    spread = f" ± {100 * statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{100 * statistics.mean(values):.1f}{spread}"


def tell_seconds(keras_steps, count, side):
    """Wall and CPU seconds of a test behind another one, and CPU seconds of plain steps."""
    random = np.random.default_rng(0)
    labels = np.arange(count, dtype=np.int32) % 6
    images = random.integers(0, 160, (count, side, side, 3), np.uint8)
    images[np.arange(count), :, :, labels % 3] += (labels // 3 * 60 + 20).astype(np.uint8)[
        :, None, None
    ]
    train, validation = np.split(np.arange(count), [count * 4 // 5])
    data = TrainingData(images, labels, train, validation, tuple("abcdef"))
    config, other = (
        load_config({"image": {"size": side}, "architecture": {"preset": preset}})
        for preset in ("small_cnn", "tiny_cnn")
    )
    lr_test(other, data, Recorder())  # TensorFlow loads some parts when they are first needed
    wall, cpu = time.perf_counter(), time.process_time()
    found = lr_test(config, data, Recorder())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    trial = Trial(config, data, choose_device("cpu"))
    model, batch = trial.copy(), trial.batch(config.training.images_per_step)
    model.train_on_batch(*batch)
    began = time.process_time()
    for _ in range(keras_steps):
        model.train_on_batch(*batch)
    step = (time.process_time() - began) / keras_steps
    steps = sum(loss is not None for point in found["curve"] for loss in point["losses"])
    print(f"{wall:.1f} s, of the CPU {cpu:.1f} s, for {steps} steps (goal: at most 6 s)")
    print(f"as many plain steps of Keras on one batch: {steps * step:.1f} s of the CPU")


if __name__ == "__main__":
    main()
