"""What an unpacked bundle says, read as something that anybody may have written."""

import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from cnnlab.datasets import limits
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.dataset import Dataset
from cnnlab.domain.dials import DialTurn
from cnnlab.domain.errors import CnnlabError, UploadError
from cnnlab.domain.records.training import EpochMetric
from cnnlab.domain.run import Status
from cnnlab.domain.study import Study, check_study
from cnnlab.storage.bundles.vetting import vet_keras
from cnnlab.storage.predictions import read_predictions

_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_STUDY_ID = re.compile(r"s\d{8}-\d{6}-[0-9a-f]{4}")
_DATASET_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_MOST_JSON_BYTES = 64 * 2**20
_MOST_DEPTH = 40
_MOST_EPOCHS = 100_000
_MOST_ATTEMPTS = 10_000
_MOST_CHARACTERS = 5000
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

_SHARES = ("accuracy", "clean_accuracy", "val_accuracy", "memorized", "rescued")


@dataclass(frozen=True)
class BundledRun:
    """A run of a bundle whose files were looked at.

    Attributes:
        values: fields of a `Run`, as JSON.
        config: checked.
        folder: its files.
        has_model: whether its model file is there, and was vetted.
    """

    values: dict[str, Any]
    config: RunConfig
    folder: Path
    has_model: bool

    @property
    def id(self) -> str:
        """Of the run."""
        return str(self.values["id"])


@dataclass(frozen=True)
class BundleContent:
    """A bundle whose content was looked at.

    Attributes:
        about: `bundle.json`.
        dataset: that the runs use.
        study: None for the bundle of a run.
        runs: each with a finished epoch or not.
        has_images: whether the images are in it.
    """

    about: dict[str, Any]
    dataset: Dataset
    study: Study | None
    runs: list[BundledRun]
    has_images: bool


def read_content(folder: Path) -> BundleContent:
    """Read an unpacked bundle.

    Raises:
        UploadError: something in it can't be; the message names the file.
    """
    try:
        return _content(folder)
    except UploadError:
        raise
    except CnnlabError as error:
        raise _refused(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError, LookupError, OSError) as error:
        raise _refused(f"what it says of itself is damaged ({error!r:.200})") from error


def _content(folder: Path) -> BundleContent:
    about = read_strict(folder / "bundle.json")
    if about["kind"] not in ("run", "study"):
        raise _refused(f"it is of the kind {about['kind']!r:.40}")
    dataset = _dataset(folder / "data" / "dataset.json", about)
    study = None
    if about["kind"] == "study":
        study = _study(folder / "study.json", about, dataset)
    wanted = [str(run["id"]) for run in about["runs"]]
    found = sorted(path.name for path in (folder / "runs").iterdir())
    if sorted(wanted) != found or not wanted:
        raise _refused("its runs aren't those that bundle.json lists")
    runs = [_run(folder / "runs" / run, dataset, study) for run in wanted]
    if study is not None:
        _check_pairs(study, runs)
    return BundleContent(about, dataset, study, runs, (folder / "data" / "images").is_dir())


def _dataset(path: Path, about: dict[str, Any]) -> Dataset:
    dataset, given = Dataset.from_json(read_strict(path)), about["dataset"]
    if dataset.id != given["id"] or not _DATASET_ID.fullmatch(dataset.id):
        raise _refused(f"it names the dataset {given['id']!r:.80}")
    if not 2 <= len(dataset.classes) <= limits.MAX_CLASSES:
        raise _refused(f"its dataset has {len(dataset.classes):,} classes")
    counts = [*dataset.classes.values(), *(dataset.splits or {}).values(), dataset.version]
    texts = [
        *dataset.classes, dataset.name, dataset.created_at, *dataset.changes, *dataset.other_tables,
        *(text for one in dataset.skipped for text in (one.file, one.reason)),
        *(text for one in dataset.warnings for text in (one.kind, one.message)),
    ]  # fmt: skip
    if not all(type(count) is int and count >= 0 for count in counts) or not _are_texts(texts):
        raise _refused(f"{_shown(path)} has a count or a text that is none")
    return dataset


def _study(path: Path, about: dict[str, Any], dataset: Dataset) -> Study:
    study = Study.from_json(read_strict(path))
    texts = [study.id, study.name, study.dataset, study.created_at]
    texts += [text for look in study.looks for text in (look.state, look.at)]
    if not _are_texts(texts) or not all(0 <= look.alpha <= 1 for look in study.looks):
        raise _refused("study.json has a text or a level that is none")
    check_study(study)
    if study.id != about["id"] or not _STUDY_ID.fullmatch(study.id):
        raise _refused(f"it names the study {study.id!r:.80}")
    if study.dataset != dataset.id:
        raise _refused("its study is of another dataset")
    return study


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) and len(value) <= _MOST_CHARACTERS for value in values)


def _check_pairs(study: Study, runs: list[BundledRun]) -> None:
    pairs = [(run.values["arm"], run.config.training.seed) for run in runs]
    planned = {(arm.name, seed) for arm, seed in study.pairs}
    if len(set(pairs)) < len(pairs) or not planned.issuperset(pairs):
        raise _refused("its runs aren't those of its study")
    for run in runs:
        if run.config != study.config(study.arm(run.values["arm"]), run.config.training.seed):
            raise _refused(f"the run {run.id} has another config than its arm in the study")


def _run(folder: Path, dataset: Dataset, study: Study | None) -> BundledRun:
    name = folder.name
    values = read_strict(folder / "run.json")
    if values["id"] != name or not _RUN_ID.fullmatch(name):
        raise _refused(f"it names the run {values['id']!r:.80}")
    status, attempt = Status(values["status"]), values["attempt"]
    if not status.is_ended or type(attempt) is not int or not 1 <= attempt <= _MOST_ATTEMPTS:
        raise _refused(f"the run {name} hasn't ended, or has the attempt {attempt!r:.40}")
    if not _are_texts(values[key] for key in ("name", "created_at")):
        raise _refused(f"the run {name} has no name or no date")
    config = load_config(read_strict(folder / "config.json"))
    if config.model_dump(mode="json") != load_config(values["config"]).model_dump(mode="json"):
        raise _refused(f"the run {name} has two configs")
    if config.dataset != dataset.id or values["dataset"] != dataset.id:
        raise _refused(f"the run {name} is of another dataset")
    if study is not None and values["study"] != study.id:
        raise _refused(f"the run {name} is of another study")
    epochs = _check_events(folder / "events.jsonl")
    _check_result(folder / "result.json", dataset)
    _check_predictions(folder, epochs, dataset)
    model = folder / "model.keras"
    if model.exists():
        vet_keras(model)
    return BundledRun(values, config, folder, model.exists())


def _check_events(path: Path) -> int:
    """The number of finished epochs; each has its record, in order, with numbers that can be."""
    epochs = 0
    content = path.read_bytes() if path.exists() else b""
    lines = content[: content.rfind(b"\n") + 1].splitlines()  # half a line is of a killed worker
    for number, line in enumerate(lines):
        row = _loads(line, path)
        data = row["data"]
        body = json.dumps(data, separators=(",", ":"), allow_nan=False)
        if row["row"] != number or row["crc"] != zlib.crc32(body.encode()):
            raise _refused(f"{_shown(path)} is damaged in line {number + 1}")
        if data["kind"] == "epoch":
            _check_record(data["record"], epochs, path)
            epochs += 1
        elif data["kind"] == "started":
            _check_facts(data["facts"], path)
        elif data["kind"] == "dials":
            DialTurn(data["number"], data["step"], data["values"])
        else:
            raise _refused(f"{_shown(path)} has a row of the kind {data['kind']!r:.40}")
    if epochs > _MOST_EPOCHS:
        raise _refused(f"{_shown(path)} has {epochs:,} epochs")
    return epochs


def _check_facts(facts: dict[str, Any], path: Path) -> None:
    """What a worker said at its start, as far as it says it."""
    for name, kind in _FACTS.items():
        if name in facts and type(facts[name]) is not kind:
            raise _refused(f"{_shown(path)} says of {name} {facts[name]!r:.40}")
    if missing := [name for name in _FACTS_NEEDED if name not in facts]:
        raise _refused(f"{_shown(path)} doesn't say {missing[0]}")


def _check_record(record: dict[str, Any], epoch: int, path: Path) -> None:
    what = f"{_shown(path)}, epoch {epoch + 1}"
    if record["epoch"] != epoch:
        raise _refused(f"{what} is missing: the next one is {record['epoch']!r:.40}")
    if missing := [name for name in _REQUIRED if name not in record]:
        raise _refused(f"{what} lacks {missing[0]}")
    for name in (*get_args(EpochMetric),):
        value = record.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _refused(f"{what} has no number for {name}")
        if not math.isfinite(value) or (name in _SHARES and not 0 <= value <= 1):
            raise _refused(f"{what} has {name} {value!r:.40}")


def _check_result(path: Path, dataset: Dataset) -> None:
    if not path.exists():
        return
    result = read_strict(path)
    if not Status(result["status"]).is_ended:
        raise _refused(f"{_shown(path)} says that the run hasn't ended")
    report = result.get("report")
    if report is None:
        return
    classes = len(dataset.classes)
    counts = report["confusion"]
    is_square = len(counts) == classes and all(len(row) == classes for row in counts)
    if not is_square or len(report["per_class"]) != classes:
        raise _refused(f"{_shown(path)} is of {len(counts)} classes, the dataset has {classes}")
    if not 0 <= report["accuracy"] <= 1 or report["cross_entropy"] < 0:
        raise _refused(f"{_shown(path)} has numbers that can't be")


def _check_predictions(folder: Path, epochs: int, dataset: Dataset) -> None:
    for path in sorted((folder / "predictions").glob("*")):
        if not re.fullmatch(r"from-\d{5}\.predictions", path.name):
            raise _refused(f"{_shown(path)} is none of a run's files")
    said = read_predictions(folder / "predictions", epochs)
    if said is None:
        return
    places = said.positions
    if said.classes != len(dataset.classes) or len(places) > dataset.images or not len(places):
        raise _refused(f"what the run {folder.name} said is of other classes or images")
    if places.min() < 0 or places.max() >= dataset.images or said.labels.min() < 0:
        raise _refused(f"what the run {folder.name} said is of images that aren't there")
    if said.labels.max() >= said.classes:
        raise _refused(f"what the run {folder.name} said is of classes that aren't there")
    try:
        said.judged(said.epochs)
    except (ValueError, zlib.error, KeyError, IndexError) as error:
        raise _refused(f"what the run {folder.name} said can't be read ({error!s:.100})") from error


def read_strict(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """JSON that somebody else wrote: of a size, a depth, and with finite numbers alone.

    Raises:
        UploadError: it isn't.
    """
    if not path.exists():
        raise _refused(f"{_shown(path)} is missing")
    if path.stat().st_size > _MOST_JSON_BYTES:
        raise _refused(f"{_shown(path)} is too large")
    return _loads(path.read_bytes(), path)


def _loads(content: bytes, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    try:
        value = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refused(f"{_shown(path)} is no JSON ({error!s:.100})") from error
    for depth, one in _values(value):
        if depth > _MOST_DEPTH or (isinstance(one, float) and not math.isfinite(one)):
            raise _refused(f"{_shown(path)} is too deep, or has a number that isn't finite")
    return value


def _values(value: object) -> Iterator[tuple[int, object]]:
    waiting = [(0, value)]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        held = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting += [(depth + 1, each) for each in held if depth <= _MOST_DEPTH]


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _shown(path: Path) -> str:
    """A file of the bundle, from its folder of runs on."""
    parts = path.parts
    return "/".join(parts[parts.index("runs") :] if "runs" in parts else parts[-1:])


def _refused(reason: str) -> UploadError:
    return UploadError(f"This bundle is refused, and nothing was imported: {reason.rstrip('.')}.")
