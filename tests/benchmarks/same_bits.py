"""Whether two checkouts train to the same bits on this machine; prints a table.

    .venv/bin/python tests/benchmarks/same_bits.py                     this checkout alone
    .venv/bin/python tests/benchmarks/same_bits.py --against FOLDER    and another one beside it

A dozen small runs, one of each family, and a run that was stopped and resumed, one that was forked
and one whose dials were turned. Last digits differ by processor, so nothing is kept to compare
with: both checkouts train here. A difference is a decision that somebody has to make on purpose
(`cnnlab/augmentations/draws.py` says what is frozen); exit code 1 where there is any.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS_PER_RUN = 300.0
LONG_EPOCHS = 60
ENDED = ("finished", "stopped", "failed")
GEOMETRY = {
    "flip": "both", "rotation_degrees": 20, "zoom_fraction": 0.2, "shift_fraction": 0.1,
    "shear_degrees": 10, "perspective_fraction": 0.1, "elastic_px": 2,
}  # fmt: skip
COLOUR = {
    "brightness_fraction": 0.2, "contrast_fraction": 0.2, "saturation_fraction": 0.3,
    "hue_fraction": 0.1, "grayscale_fraction": 0.2, "noise_stddev": 8, "blur_sigma_px": 1,
    "erasing_fraction": 0.2,
}  # fmt: skip
BASE: dict[str, dict[str, Any]] = {
    "image": {"size": 24},
    "architecture": {"preset": "tiny_cnn", "filters": 8, "dense_units": 16},
    "training": {"epochs": 3, "batch_size": 16, "seed": 7},
}
FAMILIES: dict[str, dict[str, dict[str, Any]]] = {
    "plain": {},
    "geometry": {"augmentation": GEOMETRY},
    "colour": {"augmentation": COLOUR},
    "mixup": {"augmentation": {"mixup_alpha": 0.3, "rotation_degrees": 10}},
    "cutmix": {"augmentation": {"cutmix_alpha": 1.0}},
    "policies": {"augmentation": {"randaugment_operations": 2, "augmix": True}},
    "regularized": {
        "regularization": {
            "dropout": 0.3, "spatial_dropout": 0.1, "l1": 1e-6, "l2": 1e-4, "batch_norm": True,
            "label_smoothing": 0.1, "weight_decay": 1e-3, "gaussian_noise": 0.05,
        },
    },
    "small_cnn": {"architecture": {"preset": "small_cnn"}},
    "vgg_small, grayscale": {
        "architecture": {"preset": "vgg_small"}, "image": {"color": "grayscale"},
    },
    "resnet_small, sgd": {
        "architecture": {"preset": "resnet_small"}, "optimizer": {"name": "sgd", "momentum": 0.9},
    },
    "balanced, averaged": {
        "training": {"class_weights": "balanced"},
        "optimizer": {"ema_momentum": 0.9, "schedule": {"name": "cosine"}},
    },
}  # fmt: skip
TURNS = [{"number": 1, "values": {"optimizer.learning_rate": 5e-4, "regularization.l2": 1e-3}}]


def main() -> int:
    """Train everything here, and in the other checkout if one is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="the root of another checkout")
    other = parser.parse_args().against
    found = [_Lab(root).train_all() for root in filter(None, (ROOT, other))]
    for name, sums in found[0].items():
        same = "" if other is None else "same" if sums == found[1][name] else "DIFFERENT"
        print(f"{name:<22} {sums['weights_checksum'][:16]}  {same}")
    return int(any(other != found[0] for other in found[1:]))


class _Lab:
    """One checkout, used by its command line on a home folder of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = tempfile.TemporaryDirectory()
        self._home = Path(self._folder.name)

    def train_all(self) -> dict[str, dict[str, Any]]:
        """Init and weights checksum of every run, by its name."""
        sample = str(self._root / "sample_data" / "six_signs.zip")
        dataset = self._ask("import", sample)["dataset"]
        sums = {}
        for name, changes in FAMILIES.items():
            sums[name] = self._sums(self._launch(dataset, changes))
        runs = self._ask("runs")["runs"]
        parent = next(run["run"] for run in runs if run["config"]["augmentation"]["mixup_alpha"])
        fork = self._ask("fork", parent, "--epoch", "1", "--set", "regularization.dropout=0.2")
        sums["forked"] = self._sums(fork["run"])
        sums["resumed"] = self._sums(self._stop_and_resume(dataset))
        sums["dialled"] = self._sums(self._launch(dataset, {}, turns=TURNS))
        return sums

    def _launch(
        self, dataset: str, changes: dict[str, dict[str, Any]], turns: list[Any] | None = None
    ) -> str:
        values = {part: BASE.get(part, {}) | changes.get(part, {}) for part in {*BASE, *changes}}
        config = self._home / "config.json"
        config.write_text(json.dumps(values))
        run = self._ask("train", dataset, "--config", str(config))["run"]
        if turns is not None:  # there before the first step: the turn is made at a step of its own
            attempt = self._home / "runs" / run / "attempt-1"
            attempt.mkdir(parents=True, exist_ok=True)
            (attempt / "dials.json").write_text(json.dumps(turns))
        return run

    def _stop_and_resume(self, dataset: str) -> str:
        run = self._launch(
            dataset, {"training": {"epochs": LONG_EPOCHS, "batch_size": 4, "seed": 7}}
        )
        self._until(run, lambda view: len(view["history"]) >= 1)
        self._ask("stop", run)
        stopped = self._until(run, lambda view: view["status"] in ENDED)
        assert len(stopped["history"]) < LONG_EPOCHS, "it was too fast to be stopped"
        self._ask("resume", run)
        self._until(run, lambda view: view["status"] not in ENDED or view["restarts"] > 0)
        return run

    def _sums(self, run: str) -> dict[str, Any]:
        view = self._until(run, lambda view: view["status"] in ENDED)
        assert view["status"] == "finished", view["message"]
        return {name: view[name] for name in ("init_checksum", "weights_checksum", "turns")}

    def _until(self, run: str, holds: Any) -> dict[str, Any]:
        end = time.monotonic() + SECONDS_PER_RUN
        while time.monotonic() < end:
            view = self._ask("show", run)
            if holds(view):
                return view
            time.sleep(0.2)
        raise TimeoutError(run)

    def _ask(self, *words: str) -> dict[str, Any]:
        answer = subprocess.run(
            [sys.executable, "-m", "cnnlab", *words, "--json"],
            cwd=self._root,
            env=os.environ | {"CNNLAB_HOME": str(self._home)},
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


if __name__ == "__main__":
    sys.exit(main())
