"""How often the live demo says that augmentation helps: reruns with fresh seeds, as a table.

    python tests/benchmarks/demo.py [--reruns 20] [--to demo_rows.jsonl] [--smoke]

Every rerun is the study that Home's button launches, with seeds that no other rerun has. Each run
is an ordinary training on one CPU core; the verdict is what the program says of them.
Rows that stand in the file already are not trained again, and reruns whose runs are all there are
told at once. The goal: the claim `helps` in at least 18 of 20. `--smoke` trains the first two
runs, and keeps none.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from cnnlab.domain.study import Study
from cnnlab.domain.words import points
from cnnlab.lab.study.demo import demo_study
from cnnlab.study.chance.looks import alpha_of_look
from cnnlab.study.comparison import Comparison
from cnnlab.study.judging import Look, judge_arms
from tests.benchmarks.kept_rows import Row, all_rows
from tests.benchmarks.options import option_parser
from tests.benchmarks.study_pools import measure

_FIRST_SEED = 2_000_000
"""Beyond all that the button draws."""

_TOLD = ("set", "arm", "seed")


def main() -> None:
    """Train what is missing and print the table."""
    given = _options()
    planned = islice(_planned(given.reruns), 2 if given.smoke else None)
    rows = all_rows(given, planned, _TOLD, _trained)
    for line in table(rows, given.reruns):
        print(line)


def _options() -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("--reruns", type=int, default=20)
    parser.add_argument("--to", type=Path, default=Path("demo_rows.jsonl"), help="file of rows")
    parser.add_argument("--home", type=Path, help="where the dataset is kept")
    parser.set_defaults(sets=[str(lab.SAMPLE)])
    return parser.parse_args()


def rerun(number: int, sample: str = "") -> Study:
    """The demo's study with the seeds of one rerun."""
    study = demo_study(sample)
    first = _FIRST_SEED + number * len(study.seeds)
    return replace(study, seeds=tuple(range(first, first + len(study.seeds))))


def _planned(reruns: int) -> Iterator[Row]:
    for number in range(reruns):
        for arm, seed in rerun(number).pairs:
            yield {"set": lab.SAMPLE.stem, "arm": arm.name, "seed": seed}


def _trained(row: Row, dataset: str, worker: ProcessPoolExecutor) -> Row:
    study = demo_study(dataset)
    config = study.config(study.arm(row["arm"]), row["seed"]).model_dump(mode="json")
    measured = worker.submit(measure, config, study.judged_epochs).result()
    print(*(row[name] for name in _TOLD), measured["val_accuracy"], measured["seconds"], flush=True)
    return row | measured


def table(rows: list[Row], reruns: int) -> Iterator[str]:
    """Lines of Markdown: what each rerun says whose runs are all there, and how often it helps."""
    known = {(row["arm"], row["seed"]): row for row in rows}
    yield "| rerun | seeds | baseline | augmentation | difference | verdict |"
    yield "|---|---|---|---|---|---|"
    verdicts = []
    for number in range(reruns):
        study = rerun(number)
        if all((arm.name, seed) in known for arm, seed in study.pairs):
            found = _judged(study, known)
            verdicts.append(found.verdict)
            yield _line(number, study, known, found)
    took = sum(row["seconds"] for row in rows)
    helps = verdicts.count("helps")
    yield ""
    yield f"helps in {helps} of {len(verdicts)}; {len(rows)} runs, {took:.0f} CPU seconds"


def _judged(study: Study, known: dict[tuple[str, int], Row]) -> Comparison:
    """What the program says of the arm with augmentation at the first look."""
    of_arm = {arm.name: {seed: known[arm.name, seed] for seed in study.seeds} for arm in study.arms}
    values = {
        name: {seed: row["val_accuracy"] for seed, row in rows.items()}
        for name, rows in of_arm.items()
    }
    on_images = {
        name: {seed: np.array(row["right"]) / row["judged_epochs"] for seed, row in rows.items()}
        for name, rows in of_arm.items()
    }
    alpha = alpha_of_look((), "", is_planned=True)
    look = Look(alpha, alpha, is_ended=True, lost=dict.fromkeys(values, 0))
    images = len(next(iter(known.values()))["right"])
    found = judge_arms(study, values, "val_accuracy", look, images, on_images)
    return found[study.arms[-1].name]


def _line(number: int, study: Study, known: dict[tuple[str, int], Row], found: Comparison) -> str:
    plain, changed = (
        np.mean([known[arm.name, seed]["val_accuracy"] for seed in study.seeds])
        for arm in study.arms
    )
    ends = f"{100 * found.low:+.1f} to {100 * found.high:+.1f}"
    return (
        f"| {number + 1} | {study.seeds[0]} to {study.seeds[-1]} | {100 * plain:.1f} % | "
        f"{100 * changed:.1f} % | {points(found.mean, signed=True)} ({ends}) | {found.verdict} |"
    )


if __name__ == "__main__":
    main()
