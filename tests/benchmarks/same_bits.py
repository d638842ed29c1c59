"""Whether two checkouts train to the same bits on this machine; prints a table.

    .venv/bin/python tests/benchmarks/same_bits.py                     this checkout alone
    .venv/bin/python tests/benchmarks/same_bits.py --against FOLDER    and another one beside it
    .venv/bin/python tests/benchmarks/same_bits.py --smoke             one family alone

A dozen small runs, one of each family, and a run that was stopped and resumed, one that was forked
and one whose dials were turned. Last digits differ by processor, so nothing is kept to compare
with: both checkouts train here. A difference is a decision that somebody has to make on purpose
(`cnnlab/training/input/draws.py` says what is frozen); exit code 1 where there is any. A family
that needs fields which the other checkout doesn't have yet is left out there.
"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.checkout import ENDED, Checkout, Config, RefusedError  # noqa: E402
from tests.benchmarks.options import option_parser  # noqa: E402

GEOMETRY = {
    "flip": "both",
    "rotation_degrees": 20,
    "zoom_fraction": 0.2,
    "shift_fraction": 0.1,
    "shear_degrees": 10,
    "perspective_fraction": 0.1,
    "elastic_px": 2,
}
COLOUR = {
    "brightness_fraction": 0.2,
    "contrast_fraction": 0.2,
    "saturation_fraction": 0.3,
    "hue_fraction": 0.1,
    "grayscale_fraction": 0.2,
    "noise_stddev": 8,
    "blur_sigma_px": 1,
    "erasing_fraction": 0.2,
}
LATER = {
    "crop_fraction": 0.2,
    "color_degeneration_fraction": 0.5,
    "sharpness_fraction": 0.5,
    "invert_fraction": 0.2,
    "solarize_fraction": 0.3,
    "posterize_bits": 4,
    "autocontrast_fraction": 0.3,
    "equalize_fraction": 0.3,
    "clahe_fraction": 0.3,
}
BASE: Config = {
    "image": {"size": 24},
    "architecture": {"preset": "tiny_cnn", "filters": 8, "dense_units": 16},
    "training": {"epochs": 3, "batch_size": 16, "seed": 7},
}
FAMILIES: dict[str, Config] = {
    "plain": {},
    "geometry": {"augmentation": GEOMETRY},
    "colour": {"augmentation": COLOUR},
    "later augmentations": {"augmentation": LATER},
    "mixup": {"augmentation": {"mixup_alpha": 0.3, "rotation_degrees": 10}},
    "cutmix": {"augmentation": {"cutmix_alpha": 1.0}},
    "policies": {"augmentation": {"randaugment_operations": 2, "augmix": True}},
    "regularized": {
        "regularization": {
            "dropout": 0.3,
            "spatial_dropout": 0.1,
            "l1": 1e-6,
            "l2": 1e-4,
            "batch_norm": True,
            "label_smoothing": 0.1,
            "weight_decay": 1e-3,
            "gaussian_noise": 0.05,
        },
    },
    "small_cnn": {"architecture": {"preset": "small_cnn"}},
    "vgg_small, grayscale": {
        "architecture": {"preset": "vgg_small"},
        "image": {"color": "grayscale"},
    },
    "resnet_small, sgd": {
        "architecture": {"preset": "resnet_small"},
        "optimizer": {"name": "sgd", "momentum": 0.9},
    },
    "balanced, averaged": {
        "training": {"class_weights": "balanced"},
        "optimizer": {"ema_momentum": 0.9, "schedule": {"name": "cosine"}},
    },
}
LONG: Config = {"training": {"epochs": 150, "batch_size": 4, "seed": 7}}
UNKNOWN_FIELD = "is not a field of the config"
"""What the command line says of a config that is newer than itself."""

TURNS = [{"number": 1, "values": {"optimizer.learning_rate": 5e-4, "regularization.l2": 1e-3}}]


def main() -> int:
    """Train everything here, and in the other checkout if one is named."""
    parser = option_parser(__doc__)
    parser.add_argument("--against", type=Path, help="the root of another checkout")
    given = parser.parse_args()
    train = train_one if given.smoke else train_all
    own = train(Checkout(ROOT))
    others = None if given.against is None else train(Checkout(given.against))
    answers = {
        name: "" if others is None else compared(own[name], others.get(name)) for name in own
    }
    for name, answer in answers.items():
        print(f"{name:<22} {own[name]['weights_checksum'][:16]}  {answer}")
    return int("DIFFERENT" in answers.values())


def compared(own: dict[str, Any], others: dict[str, Any] | None) -> str:
    """What the table says of one run here and there."""
    if others is None:
        return "not known there"
    return "same" if own == others else "DIFFERENT"


def train_one(lab: Checkout) -> dict[str, dict[str, Any]]:
    """As `train_all`, of the first family alone."""
    dataset = lab.ask("import", str(lab.root / "sample_data" / "six_signs.zip"))["dataset"]
    name = next(iter(FAMILIES))
    return {name: sums(lab.finished(lab.train(dataset, merged(FAMILIES[name]))))}


def train_all(lab: Checkout) -> dict[str, dict[str, Any]]:
    """Init and weights checksum of every run, by its name, but of families that it can't know."""
    dataset = lab.ask("import", str(lab.root / "sample_data" / "six_signs.zip"))["dataset"]
    launches = {name: launched(lab, dataset, changes) for name, changes in FAMILIES.items()}
    runs = {name: run for name, run in launches.items() if run}
    lab.finished(runs["mixup"])
    fork = lab.ask("fork", runs["mixup"], "--epoch", "1", "--set", "regularization.dropout=0.2")
    runs["forked"] = fork["run"]
    runs["resumed"] = stop_and_resume(lab, dataset)
    runs["dialled"] = lab.train(dataset, BASE, TURNS)
    return {name: sums(lab.finished(run)) for name, run in runs.items()}


def launched(lab: Checkout, dataset: str, changes: Config) -> str | None:
    """The run's id; None where another checkout doesn't know a field."""
    try:
        return lab.train(dataset, merged(changes))
    except RefusedError as refused:
        if lab.root == ROOT or UNKNOWN_FIELD not in str(refused):
            raise
        return None


def merged(changes: Config) -> Config:
    """The base with some fields changed."""
    return {part: BASE.get(part, {}) | changes.get(part, {}) for part in {*BASE, *changes}}


def stop_and_resume(lab: Checkout, dataset: str) -> str:
    """Launch a run, stop it on its way and let it go on."""
    run = lab.train(dataset, merged(LONG))
    lab.until(run, lambda view: len(view["history"]) >= 1)
    lab.ask("stop", run)
    stopped = lab.until(run, lambda view: view["status"] in ENDED)
    assert stopped["status"] == "stopped", "it was too fast to be stopped"
    lab.ask("resume", run)
    lab.until(run, lambda view: view["status"] not in ENDED or view["restarts"] > 0)
    return run


def sums(view: dict[str, Any]) -> dict[str, Any]:
    """What must be equal."""
    return {name: view[name] for name in ("init_checksum", "weights_checksum", "turns")}


if __name__ == "__main__":
    sys.exit(main())
