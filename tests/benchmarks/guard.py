"""How many planted confusions the augmentation guard finds, and how often it warns of nothing.

    python tests/benchmarks/guard.py [--data FOLDER] [SET ...] [--smoke]

Over the drawn sets of `tests/guard_sets.py`, the bundled six_signs and, where a folder is given,
the zips in it that are named there. What is true of each is written down there beforehand: an
augmentation of a set that makes classes alike is planted, every other one harmless. Found is a
planted one of which at least one true pair is named; a false alarm, a harmless one that is warned
of, or a planted one of which a pair is named that isn't true. The goals: found at least 95 %,
false alarms at most 5 %. `--smoke` looks at one augmentation of one set.
"""

import io
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.records.guard import SIDE_PX
from cnnlab.judging.changed_labels import Change, Evidence, find_changes
from cnnlab.training.guard.look import Look, choose_images
from cnnlab.training.guard.versions import asked_of
from tests.benchmarks.options import is_smoke, option_parser
from tests.guard_sets import ANY, CHECKS, SETS, SHARED, Check

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data/six_signs.zip"


@dataclass(frozen=True)
class Graded:
    """What the guard said of one augmentation of one set.

    Attributes:
        set_name: of the set.
        check: what was asked, and what is true.
        named: what it said.
        untrue: pairs that it named and that aren't true.
        evidence: by which it said so; None where the first net saw nothing.
    """

    set_name: str
    check: Check
    named: list[tuple[str, str, float]]
    untrue: list[tuple[str, str, float]]
    evidence: Evidence | None

    @property
    def is_found(self) -> bool:
        return len(self.named) > len(self.untrue)


def images_of(name: str, data: Path | None) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Images (N, 32, 32, 3) uint8, labels (N,) and class names of a set."""
    if name in SETS:
        pictures, labels = SETS[name].pictures()
        return (
            np.stack([_small(Image.fromarray(one)) for one in pictures]),
            labels,
            list(SETS[name].classes),
        )
    path = SAMPLE if name == SAMPLE.stem else data / f"{name}.zip"
    with zipfile.ZipFile(path) as packed:
        files = sorted(one for one in packed.namelist() if one.lower().endswith((".jpg", ".png")))
        classes = sorted({one.split("/")[-2] for one in files})
        labels = np.array([classes.index(one.split("/")[-2]) for one in files])
        chosen = choose_images(labels, np.arange(len(files)))
        opened = [Image.open(io.BytesIO(packed.read(files[row]))) for row in chosen]
    return np.stack([_small(one.convert("RGB")) for one in opened]), labels[chosen], classes


def graded(name: str, data: Path | None) -> Iterator[Graded]:
    """What the guard says of each augmentation of a set that is listed for it."""
    images, labels, classes = images_of(name, data)
    look = Look(images, labels, np.arange(len(labels)), classes, lambda: None)
    began = time.process_time()
    look.know_plain()
    accuracy = np.mean(look.before.argmax(axis=1) == labels)
    print(
        f"{name}: {len(labels)} images, {accuracy:.1%} right, "
        f"{time.process_time() - began:.1f} CPU s"
    )
    for check in (CHECKS | SHARED)[name][: 1 if is_smoke() else None]:
        (asked,) = asked_of(Augmentation(**{check.field: check.value}), 1.0)
        evidence = look.judge(asked)
        changes = find_changes({} if evidence is None else {asked.field: evidence})
        yield grade(name, check, classes, changes.get(asked.field, []), evidence)


def grade(
    name: str, check: Check, classes: list[str], changes: list[Change], evidence: Evidence | None
) -> Graded:
    """Whether what was named is true."""
    named = [
        (classes[one.shown], "" if one.taken_for is None else classes[one.taken_for], one.fraction)
        for one in changes
    ]
    untrue = [one for one in named if check.true != ANY and frozenset(one[:2]) not in check.true]
    return Graded(name, check, named, untrue, evidence)


def summary(all_graded: list[Graded]) -> str:
    """The numbers that count, for the drawn sets and the others."""
    lines = []
    for title, names in (("drawn sets", SETS), ("shared sets", SHARED)):
        own = [one for one in all_graded if one.set_name in names]
        planted = [one for one in own if one.check.true]
        found = sum(one.is_found for one in planted)
        pairs = {
            (place, pair) for place, one in enumerate(planted) if one.check.true != ANY
            for pair in one.check.true
        }  # fmt: skip
        told = {
            (place, frozenset(pair[:2])) for place, one in enumerate(planted) for pair in one.named
        }
        alarms = sum(bool(one.untrue) for one in own)
        lines.append(
            f"{title}: {found} of {len(planted)} planted found, {len(pairs & told)} of "
            f"{len(pairs)} pairs; {alarms} false alarms of {len(own)} looks"
        )
    return "\n".join(lines)


def _small(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX))


def main() -> None:
    parser = option_parser(__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    shared = [name for name in SHARED if asked.data or name == SAMPLE.stem]
    all_graded = []
    for name in asked.sets or [*SETS, *shared][: 1 if asked.smoke else None]:
        began = time.process_time()
        for one in graded(name, asked.data):
            sign = "MISSED" if one.check.true and not one.is_found else ""
            sign = "FALSE" if one.untrue else sign
            named = ", ".join(f"{a}>{b or '?'} {share:.0%}" for a, b, share in one.named)
            seconds = time.process_time() - began
            print(f"  {one.check.field} {one.check.value}: {named} {sign} [{seconds:.1f} CPU s]")
            all_graded.append(one)
            began = time.process_time()
    print(summary(all_graded))


if __name__ == "__main__":
    main()
