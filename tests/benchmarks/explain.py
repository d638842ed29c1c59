"""What it costs to say where a network looks, beside a forward pass of the same network.

    python tests/benchmarks/explain.py [--smoke]

CPU milliseconds of one picture, median of many, by turns: a forward pass that is compiled as the
one that answers pictures is, and a map of each method. Goals: a HiResCAM map at most 5 times a
forward pass; 64 pictures, from the first look to the last map, in at most 3 s once the network is
compiled. `--smoke` takes the smallest network and few turns.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from cnnlab.domain.config.presets import FIXED_PRESETS, PRESETS
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.explaining.methods import HIRESCAM, METHODS
from cnnlab.training.explaining.explainer import Explainer
from cnnlab.training.explaining.methods import explain
from cnnlab.training.judging.picture_model import PictureModel
from cnnlab.training.judging.reference import float32_clone
from cnnlab.training.network.model import build_model
from tests.benchmarks.options import option_parser

MOST_TIMES = 5.0
MOST_SECONDS = 3.0
BATCH = 64

_SLOW_TURNS = 3


def main() -> int:
    """Print a line for each preset; 1 where a goal is missed."""
    parser = option_parser(__doc__)
    parser.add_argument("presets", nargs="*", default=[*PRESETS, *FIXED_PRESETS])
    parser.add_argument("--size", type=int, default=48, help="of the images, px")
    parser.add_argument("--turns", type=int, default=40)
    given = parser.parse_args()
    if given.smoke:
        given.presets, given.size, given.turns = ["tiny_cnn"], 16, 3
    print("| preset | forward ms | " + " | ".join(f"{name} ms" for name in METHODS) + " | times | "
          f"{BATCH} pictures s |")  # fmt: skip
    print("|---|" + "---|" * (len(METHODS) + 3))
    is_reached = True
    for preset in given.presets:
        is_reached &= _measured(preset, given.size, given.turns)
    if given.smoke:
        return 0
    print(f"Goals: at most {MOST_TIMES:g} times, {MOST_SECONDS:g} s: "
          f"{'reached' if is_reached else 'missed'}.")  # fmt: skip
    return 0 if is_reached else 1


def _measured(preset: str, size: int, turns: int) -> bool:
    config = load_config({"dataset": "d", "architecture": {"preset": preset}})
    clone = float32_clone(build_model(config, (size, size, 3), 10))
    model, explainer = PictureModel(clone), Explainer(clone)
    pictures = np.random.default_rng(0).integers(0, 256, (BATCH, size, size, 3), np.uint8)
    labels = np.zeros(BATCH, int)
    one, first = pictures[:1], labels[:1]
    for method in METHODS:  # compiled now
        explain(explainer, method, one, first)
    explain(explainer, HIRESCAM, pictures, labels)
    forward: list[float] = []
    maps: dict[str, list[float]] = {method: [] for method in METHODS}
    for turn in range(turns):
        forward.append(_cpu_ms(lambda: model(one)))
        for method, found in maps.items():
            if method == HIRESCAM or turn < _SLOW_TURNS:
                found.append(_cpu_ms(lambda method=method: explain(explainer, method, one, first)))
    began = time.monotonic()
    model(pictures)
    explain(explainer, HIRESCAM, pictures, labels)
    seconds = time.monotonic() - began
    costs = {method: statistics.median(found) for method, found in maps.items()}
    base = statistics.median(forward)
    times = costs[HIRESCAM] / base
    told = " | ".join(f"{cost:.1f}" for cost in costs.values())
    print(f"| {preset} | {base:.2f} | {told} | {times:.1f} | {seconds:.2f} |", flush=True)
    return times <= MOST_TIMES and seconds <= MOST_SECONDS


def _cpu_ms(call) -> float:
    began = time.process_time()
    call()
    return 1000 * (time.process_time() - began)


if __name__ == "__main__":
    sys.exit(main())
