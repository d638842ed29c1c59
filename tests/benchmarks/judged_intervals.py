"""How often the intervals of a judged model hold the truth, simulated.

    python tests/benchmarks/judged_intervals.py [DRAWS] [IMAGES] [TRUTH] [--smoke]

Made models judge images, as many of each class as the case says: cnnlab's parts are drawn so. The
truth is what they do on TRUTH images, a hundred thousand. For each measure of a judgement, in
percent: draws whose interval holds the truth, and in brackets those that lie above it and below it.
95 is aimed at, 93 to 97 is good; of 2,000 draws chance makes half a point. In the cases `iid` the
classes are drawn too. `--smoke` draws each once, and holds it against a thousand images.

The cases: `skill` is how far the right class stands out, `sharpness` how sure the model is, `tail`
how many images are far from all others: those it is sure and wrong about.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.predictions import Predictions
from cnnlab.judging.judge import judge
from tests.benchmarks.options import read_options

UNEQUAL = (80, 60, 45, 35, 25, 20, 15, 10, 6, 4)
TRUTH_IMAGES = 100_000
OF_CLASS = ("precision", "recall", "f1", "roc_area", "average_precision")


@dataclass(frozen=True)
class Case:
    """A made model and the classes that it judges."""

    shares: tuple[float, ...]
    skill: float
    sharpness: float = 3.0
    tail: float = 0.0
    is_iid: bool = False


CASES = {
    "10 equal classes": Case((30,) * 10, 2.8),
    "10 equal, good": Case((30,) * 10, 5.0),
    "10 equal, nearly perfect": Case((30,) * 10, 6.5),
    "10 equal, heavy tail": Case((30,) * 10, 4.0, 5.0, 3.0),
    "10 unequal": Case(UNEQUAL, 2.8),
    "10 unequal, good": Case(UNEQUAL, 5.0),
    "3 equal": Case((100,) * 3, 2.5, 2.0),
    "3 equal, tail": Case((100,) * 3, 3.0, 3.0, 1.0),
    "2 equal": Case((150,) * 2, 3.3, 2.0),
    "2, one of them rare": Case((270, 30), 2.2, 2.0),
    "10 unequal, iid": Case(UNEQUAL, 2.8, is_iid=True),
    "3 equal, iid": Case((100,) * 3, 2.5, 2.0, is_iid=True),
}


def draw(rng, case: Case, images: int) -> Predictions:
    """What the model of a case says of new images; classes with less than one have one."""
    shares = np.array(case.shares) / sum(case.shares)
    counts = rng.multinomial(images, shares) if case.is_iid else np.round(shares * images)
    counts = np.maximum(counts, 1).astype(int)
    classes = len(counts)
    labels = np.repeat(np.arange(classes), counts)
    rows = np.arange(len(labels))
    logits = rng.standard_normal((len(labels), classes))
    logits *= 1 + case.tail * rng.random((len(labels), 1)) ** 4
    # Some classes are easier; each is taken for its neighbour most.
    skill = np.linspace(0.7, 1.3, classes)[labels] * case.skill
    logits[rows, labels] += skill
    logits[rows, (labels ^ 1) % classes] += 0.5 * skill * rng.random(len(labels))
    probabilities = special.softmax(case.sharpness * logits, axis=1).astype(np.float32)
    return Predictions(rows, labels, probabilities)


def measured(predictions: Predictions) -> dict[str, list[dict]]:
    """Numbers with intervals of a judgement, by name: one, or one of each class or bin."""
    names = [str(label) for label in range(predictions.probabilities.shape[1])]
    found = judge(predictions, names, split="test", model_epoch=None)
    numbers = {name: [number] for name, number in found["measures"].items()}
    for name in OF_CLASS:
        numbers[f"class {name}"] = [row[name] for row in found["per_class"]]
    return numbers


def missed(case: Case, draws: int, images: int, truth_images: int) -> dict[str, np.ndarray]:
    """By measure: shares of intervals above and below the truth."""
    rng = np.random.default_rng(images)
    truth = measured(draw(rng, Case(**{**vars(case), "is_iid": False}), truth_images))
    counted: dict[str, np.ndarray] = {}
    for _ in range(draws):
        for name, numbers in measured(draw(rng, case, images)).items():
            for number, true in zip(numbers, truth[name], strict=True):
                if number["value"] is not None:
                    off = [true["value"] < number["low"], true["value"] > number["high"], True]
                    counted[name] = counted.get(name, np.zeros(3)) + off
    return {name: found[:2] / found[2] for name, found in counted.items()}


def main(draws: int, images: int, truth_images: int) -> None:
    """Print a table for each case."""
    print(f"{draws} draws of {images} images: held (above, below) in percent")
    for name, case in CASES.items():
        print(f"\n{name}")
        for measure, (above, below) in missed(case, draws, images, truth_images).items():
            held = 100 * (1 - above - below)
            mark = "" if 93 <= held <= 97 else "  *"
            print(f"  {measure:26}{held:6.1f} ({100 * above:.1f}, {100 * below:.1f}){mark}")


if __name__ == "__main__":
    main(*read_options(__doc__, draws=(2_000, 1), images=(300, 100), truth=(TRUTH_IMAGES, 1_000)))
