"""How fast this checkout trains against another one, in interleaved pairs; prints a table.

    .venv/bin/python tests/benchmarks/throughput.py --against FOLDER [--pairs 9] [--smoke]

Images per second of every epoch but the first, as the runs themselves note it; the median of a run
is one figure, and each pair trains here and there right after one another. Without `--against` it
is held against itself, which says how much chance does. `--smoke` trains a pair of two epochs.
"""

import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.checkout import Checkout, Config  # noqa: E402
from tests.benchmarks.options import option_parser  # noqa: E402

AUGMENTATION = {
    "flip": "horizontal",
    "rotation_degrees": 15,
    "zoom_fraction": 0.1,
    "shift_fraction": 0.1,
    "contrast_fraction": 0.2,
}
EPOCHS = {32: 30, 64: 10}


def main() -> None:
    """Train in pairs at both sizes."""
    parser = option_parser(__doc__)
    parser.add_argument("--against", type=Path, default=ROOT, help="root of another checkout")
    parser.add_argument("--pairs", type=int, default=9)
    given = parser.parse_args()
    labs = [Checkout(ROOT), Checkout(given.against)]
    sample = str(ROOT / "sample_data" / "six_signs.zip")
    datasets = [lab.ask("import", sample)["dataset"] for lab in labs]
    epochs, pairs = ({32: 2}, 1) if given.smoke else (EPOCHS, given.pairs)
    for size, number in epochs.items():
        ratios = []
        for _ in range(pairs):
            here, there = (
                speed(lab, dataset, size, number)
                for lab, dataset in zip(labs, datasets, strict=True)
            )
            ratios.append(here / there)
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(f"{size} px: median {statistics.median(ratios):.3f} of the other ({spread})")


def speed(lab: Checkout, dataset: str, size: int, epochs: int) -> float:
    """Images per second of one run: the median of its epochs but the first."""
    config: Config = {
        "image": {"size": size},
        "architecture": {"preset": "small_cnn"},
        "augmentation": AUGMENTATION,
        "training": {"epochs": epochs, "batch_size": 32},
    }
    history = lab.finished(lab.train(dataset, config))["history"]
    return statistics.median(record["images_per_second"] for record in history[1:])


if __name__ == "__main__":
    main()
