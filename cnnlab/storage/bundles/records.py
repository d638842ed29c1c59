"""What a bundle says of a run's training and its end: rows and records, each by its type."""

import json
import math
import zlib
from pathlib import Path
from typing import Any, get_args

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.records.result import Evaluation, RunResult
from cnnlab.domain.records.training import (
    EpochMetric,
    LayerRow,
    PhaseFacts,
    PretrainedFacts,
    WeightRow,
)
from cnnlab.domain.run import Status
from cnnlab.storage.bundles.strict import loads, read_strict, refused, shown
from cnnlab.storage.bundles.typed import misfit

_MOST_EPOCHS = 100_000
_REQUIRED = (
    "loss", "cross_entropy", "accuracy", "val_cross_entropy", "val_accuracy", "learning_rate",
    "seconds", "images_per_second",
)  # fmt: skip
_FACTS = {
    "device": str, "threads": int, "versions": dict, "bits_version": int, "deterministic": str,
    "parameters": int, "layers": list, "init_checksum": str, "layer_checksums": dict,
    "batch_order_checksum": str, "epochs": int, "steps_per_epoch": int, "train_images": int,
    "validation_images": int, "clean_images": int, "batch_size": int,
}  # fmt: skip
_FACTS_NEEDED = (
    "device", "deterministic", "parameters", "init_checksum", "epochs", "steps_per_epoch",
    "train_images", "validation_images",
)  # fmt: skip
"""What pages rely on."""

_HELD = {
    "layers": list[LayerRow],
    "versions": dict[str, str],
    "layer_checksums": dict[str, str],
    "pretrained": PretrainedFacts | None,
    "phases": list[PhaseFacts],
}

_SHARES = ("accuracy", "clean_accuracy", "val_accuracy", "memorized", "rescued")


def check_events(path: Path) -> int:
    """The number of finished epochs; each has its record, in order, with numbers that can be.

    Raises:
        UploadError: something in the history can't be.
    """
    epochs = 0
    content = path.read_bytes() if path.exists() else b""
    lines = content[: content.rfind(b"\n") + 1].splitlines()  # half a line is of a killed worker
    for number, line in enumerate(lines):
        row = loads(line, path)
        data = row["data"]
        body = json.dumps(data, separators=(",", ":"), allow_nan=False)
        if row["row"] != number or row["crc"] != zlib.crc32(body.encode()):
            raise refused(f"{shown(path)} is damaged in line {number + 1}")
        if data["kind"] == "epoch":
            _check_record(data["record"], epochs, path)
            epochs += 1
        elif data["kind"] == "started":
            _check_facts(data["facts"], path)
        elif data["kind"] == "dials":
            DialTurn(data["number"], data["step"], data["values"])
        else:
            raise refused(f"{shown(path)} has a row of the kind {data['kind']!r:.40}")
    if epochs > _MOST_EPOCHS:
        raise refused(f"{shown(path)} has {epochs:,} epochs")
    return epochs


def _check_facts(facts: dict[str, Any], path: Path) -> None:
    """What a worker said at its start, as far as it says it."""
    for name, kind in _FACTS.items():
        if name in facts and type(facts[name]) is not kind:
            raise refused(f"{shown(path)} says of {name} {facts[name]!r:.40}")
    for name, held in _HELD.items():
        if name in facts and (wrong := misfit(facts[name], held, name)):
            raise refused(f"{shown(path)} {wrong}")
    if missing := [name for name in _FACTS_NEEDED if name not in facts]:
        raise refused(f"{shown(path)} doesn't say {missing[0]}")


def _check_record(record: dict[str, Any], epoch: int, path: Path) -> None:
    what = f"{shown(path)}, epoch {epoch + 1}"
    if record["epoch"] != epoch:
        raise refused(f"{what} is missing: the next one is {record['epoch']!r:.40}")
    if missing := [name for name in _REQUIRED if name not in record]:
        raise refused(f"{what} lacks {missing[0]}")
    if wrong := misfit(record.get("weights"), list[WeightRow] | None, "weights"):
        raise refused(f"{what} {wrong}")
    for name in (*get_args(EpochMetric),):
        value = record.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refused(f"{what} has no number for {name}")
        if not math.isfinite(value) or (name in _SHARES and not 0 <= value <= 1):
            raise refused(f"{what} has {name} {value!r:.40}")


def check_result(path: Path, dataset: Dataset, epochs: int) -> None:
    """See that how a run ended is what its type says, of this dataset and these epochs.

    Raises:
        UploadError: it isn't.
    """
    if not path.exists():
        return
    given = read_strict(path)
    result = {name: value for name, value in given.items() if name != "export"}  # isn't kept
    if wrong := misfit(result, RunResult, "it"):
        raise refused(f"{shown(path)} {wrong}")
    if not Status(result["status"]).is_ended:
        raise refused(f"{shown(path)} says that the run hasn't ended")
    report = result.get("report")
    for name, held in (("model_epoch", result), ("best_epoch", result), ("best_epoch", report)):
        epoch = (held or {}).get(name)
        if epoch is not None and not 0 <= epoch < epochs:
            raise refused(
                f"{shown(path)} has {name} {epoch:,}, and {epochs:,} epochs were finished"
            )
    if report is not None:
        _check_report(report, dataset, path)


def _check_report(report: Evaluation, dataset: Dataset, path: Path) -> None:
    names, counts = list(dataset.classes), report["confusion"]
    is_square = len(counts) == len(names) and all(len(row) == len(names) for row in counts)
    if not is_square or [row["class"] for row in report["per_class"]] != names:
        raise refused(f"{shown(path)} is of {len(counts)} classes, the dataset has {len(names)}")
    images = [row["images"] for row in report["per_class"]]
    cells = [count for row in counts for count in row]
    shares = [report["accuracy"], *report["macro"].values()]
    shares += [row[score] for row in report["per_class"] for score in ("precision", "recall", "f1")]
    if min(*images, *cells, report["cross_entropy"]) < 0 or not sum(images):
        raise refused(f"{shown(path)} has numbers that can't be")
    if not all(isinstance(share, float | int) and 0 <= share <= 1 for share in shares):
        raise refused(f"{shown(path)} has shares that aren't from 0 to 1")
    for loss in report["top_losses"]:
        if not 0 <= loss["position"] < dataset.images:
            raise refused(f"{shown(path)} shows an image that isn't there")
