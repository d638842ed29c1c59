"""`--train`: every run again by its script, compared with what its history says."""

import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cnnlab.exports.replay.stored import StoredRun

_FIRST_EPOCH = 1e-3
"""Nats by which the first epoch may differ where nothing in it is drawn."""

_WITH_BATCH_NORM = 0.1
"""The same where batch norm rounds otherwise in a program: measured .007 and .024 in 52 steps."""

_LEAST_TOLERANCE, _ERRORS = 0.1, 4.0
"""A last accuracy may differ by a tenth, or by four standard errors of two such shares: single runs
with other draws do. That arms differ is shown by the verdicts, never by one run."""

_STRENGTH = "randaugment_magnitude"
"""Of operations that are off without a number of them."""

_DRAWING = ("dropout", "spatial_dropout", "gaussian_noise", "stochastic_depth")


def train_again(folder: Path, images: str | None, say: Callable[[str], None]) -> int:
    """Train all runs that have a script.

    Args:
        folder: of the bundle.
        images: folder or zip of the dataset's images, where they aren't in the bundle.
        say: is told how it goes.

    Returns:
        1 where a run comes out otherwise, or nothing can be trained.
    """
    scripts = sorted(folder.glob("script/*/train.py"))
    if not scripts:
        say("\n--train: this bundle has no script to train with (scripts.json says why).")
        return 1
    if images is None and not (folder / "data" / "images").is_dir():
        say("\n--train: the images aren't in this bundle: name them with --images FOLDER_OR_ZIP.")
        return 1
    code = 0
    for script in scripts:
        run = StoredRun(folder / "runs" / script.parent.name)
        say(f"\nTraining the run {script.parent.name} (seed {run.seed}) again ...")
        with tempfile.TemporaryDirectory(prefix="replay-") as place:
            code |= _train(folder, script.parent, Path(place, "script"), images, run, say)
    return code


def _train(
    folder: Path,
    script: Path,
    work: Path,
    images: str | None,
    run: StoredRun,
    say: Callable[[str], None],
) -> int:
    shutil.copytree(script, work)
    if images is None:
        _lay_images(folder / "data", work)
        images = str(work / "images")
    command = [sys.executable, "train.py", "--images", str(Path(images).absolute())]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    if subprocess.run(command, cwd=work, env=quiet).returncode:
        say("  it ended with an error")
        return 1
    history = json.loads((work / "history.json").read_bytes())
    wrong = differences(run, history)
    for line in wrong:
        say(f"  {line}")
    if not wrong:
        say("  it came out as its history says, within the tolerances")
    return bool(wrong)


def _lay_images(data: Path, work: Path) -> None:
    """The images that a script reads, by the names that it reads them by."""
    with (data / "images.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["sha256"]: row["row"] for row in csv.DictReader(file)}
    paths = {path.name.partition(".")[0]: path for path in (data / "images").iterdir()}
    with (work / "files.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            target = work / "images" / row["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(paths[f"{int(rows[row['sha256']]):06}"], target)


def differences(run: StoredRun, history: list[Mapping[str, float]]) -> list[str]:
    """What came out otherwise than a run's history says, a sentence each."""
    if not history:
        return ["it has no epoch"]
    found = []
    first, again = run.history[0], history[0]
    if not _draws(run.config) and first["cross_entropy"] is not None:
        apart = abs(again["cross_entropy"] - first["cross_entropy"])
        kinds = {layer["kind"] for layer in run.facts.get("layers", ())}
        most = _WITH_BATCH_NORM if "BatchNormalization" in kinds else _FIRST_EPOCH
        if not apart <= most:
            found.append(
                f"cross-entropy of epoch 1: {again['cross_entropy']:.5f}, in the history "
                f"{first['cross_entropy']:.5f} (may differ by {most:g})"
            )
    said = run.history[min(len(history), len(run.history)) - 1]["val_accuracy"]
    last = history[min(len(history), len(run.history)) - 1]["val_accuracy"]
    images = run.facts.get("validation_images") or 1
    tolerance = max(_LEAST_TOLERANCE, _ERRORS * math.sqrt(2 * said * (1 - said) / images))
    if not abs(last - said) <= tolerance:
        found.append(
            f"last validation accuracy: {last:.3f}, in the history {said:.3f} (may differ by "
            f"{tolerance:.3f})"
        )
    return found


def _draws(config: Mapping[str, Any]) -> bool:
    """Whether anything in training is drawn beside the weights and the order."""
    regularization = config["regularization"]
    augmentation = [value for name, value in config["augmentation"].items() if name != _STRENGTH]
    return any(value not in (0, None, False, "none") for value in augmentation) or any(
        regularization.get(name) for name in _DRAWING
    )
