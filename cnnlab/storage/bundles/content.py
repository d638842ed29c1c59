"""What an unpacked bundle says, read as something that anybody may have written."""

import csv
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.datasets import limits
from cnnlab.domain.config.run_config import RunConfig, SplitFractions, load_config
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError, UploadError
from cnnlab.domain.run import Status
from cnnlab.domain.study import Study, check_study
from cnnlab.storage.attempts.predictions import read_predictions
from cnnlab.storage.bundles.images import ListedImage, listed_images
from cnnlab.storage.bundles.looks import BundledLooks, read_looks
from cnnlab.storage.bundles.records import check_events, check_result
from cnnlab.storage.bundles.strict import check_moment, read_strict, refused, shown
from cnnlab.storage.bundles.typed import misfit
from cnnlab.storage.bundles.vetting import vet_keras

_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_STUDY_ID = re.compile(r"s\d{8}-\d{6}-[0-9a-f]{4}")
_DATASET_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_ATTEMPTS = 10_000
_MOST_CHARACTERS = 5000


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
        images: of the dataset, as it lists them.
        looks: at numbers of test images, which count wherever the images go.
    """

    about: dict[str, Any]
    dataset: Dataset
    study: Study | None
    runs: list[BundledRun]
    has_images: bool
    images: list[ListedImage]
    looks: list[BundledLooks]


def read_content(folder: Path, *, is_ours: bool = False) -> BundleContent:
    """Read an unpacked bundle.

    Args:
        folder: it.
        is_ours: whether it is a file of the program itself: what its runs have written is then
            taken as it is, which is half of the time.

    Raises:
        UploadError: something in it can't be; the message names the file.
    """
    try:
        return _content(folder, is_ours=is_ours)
    except UploadError:
        raise
    except CnnlabError as error:
        raise refused(str(error)) from error
    except (
        TypeError, ValueError, AttributeError, LookupError, ArithmeticError, OSError, csv.Error,
    ) as error:  # fmt: skip
        raise refused(f"what it says of itself is damaged ({error!r:.200})") from error


def _content(folder: Path, *, is_ours: bool) -> BundleContent:
    about = read_strict(folder / "bundle.json")
    if about["kind"] not in ("run", "study"):
        raise refused(f"it is of the kind {about['kind']!r:.40}")
    _check_about(about)
    dataset = _dataset(folder / "data" / "dataset.json", about)
    images = listed_images(folder / "data" / "images.csv", dataset)
    study = None
    if about["kind"] == "study":
        study = _study(folder / "study.json", about, dataset)
    wanted = [str(run["id"]) for run in about["runs"]]
    found = sorted(path.name for path in (folder / "runs").iterdir())
    if sorted(wanted) != found or not wanted:
        raise refused("its runs aren't those that bundle.json lists")
    runs = [_run(folder / "runs" / run, dataset, study) for run in wanted]
    if not is_ours:
        for run in runs:
            _check_written(run, dataset)
    looks = read_looks(folder / "data" / "looks.json", images)
    if study is not None:
        _check_pairs(study, runs)
    elif len(runs) != 1 or about["id"] != runs[0].id:
        raise refused(f"it names the run {about['id']!r:.80}")
    has_images = (folder / "data" / "images").is_dir()
    return BundleContent(about, dataset, study, runs, has_images, images, looks)


def _check_about(about: dict[str, Any]) -> None:
    """What is said of the data, which others rely on."""
    given, ends = about["dataset"], about["dataset"]["value_range"]
    if not _are_texts([about["id"], given["id"], *(run["id"] for run in about["runs"])]):
        raise refused("bundle.json has an id that is none")
    if not _SHA256.fullmatch(given["content_hash"]):
        raise refused(f"bundle.json has the content_hash {given['content_hash']!r:.80}")
    if ends is not None and not (misfit(ends, list[float], "") is None and _is_range(*ends)):
        raise refused(f"bundle.json has the value_range {ends!r:.80}")
    SplitFractions(**about["split"])


def _is_range(low: float, high: float) -> bool:
    return low < high


def _dataset(path: Path, about: dict[str, Any]) -> Dataset:
    dataset, given = Dataset.from_json(read_strict(path)), about["dataset"]
    if dataset.id != given["id"] or not _DATASET_ID.fullmatch(dataset.id):
        raise refused(f"it names the dataset {given['id']!r:.80}")
    if not 2 <= len(dataset.classes) <= limits.MAX_CLASSES:
        raise refused(f"its dataset has {len(dataset.classes):,} classes")
    counts = [*dataset.classes.values(), *(dataset.splits or {}).values(), dataset.version]
    texts = [
        *dataset.classes, dataset.name, dataset.created_at, *dataset.changes, *dataset.other_tables,
        *(text for one in dataset.skipped for text in (one.file, one.reason)),
        *(text for one in dataset.warnings for text in (one.kind, one.message)),
    ]  # fmt: skip
    if not all(type(count) is int and count >= 0 for count in counts) or not _are_texts(texts):
        raise refused(f"{shown(path)} has a count or a text that is none")
    check_moment(dataset.created_at, "created_at of the dataset")
    return dataset


def _study(path: Path, about: dict[str, Any], dataset: Dataset) -> Study:
    study = Study.from_json(read_strict(path))
    texts = [study.id, study.name, study.dataset, study.created_at, study.lesson, study.expected]
    texts += [text for look in study.looks for text in (look.state, look.at)]
    if not _are_texts(texts) or not all(0 <= look.alpha <= 1 for look in study.looks):
        raise refused("study.json has a text or a level that is none")
    check_moment(study.created_at, "created_at of the study")
    for look in study.looks:
        check_moment(look.at, "the date of a look at the study")
    check_study(study)
    if study.id != about["id"] or not _STUDY_ID.fullmatch(study.id):
        raise refused(f"it names the study {study.id!r:.80}")
    if study.dataset != dataset.id:
        raise refused("its study is of another dataset")
    return study


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) and len(value) <= _MOST_CHARACTERS for value in values)


def _check_pairs(study: Study, runs: list[BundledRun]) -> None:
    pairs = [(run.values["arm"], run.config.training.seed) for run in runs]
    planned = {(arm.name, seed) for arm, seed in study.pairs}
    if len(set(pairs)) < len(pairs) or not planned.issuperset(pairs):
        raise refused("its runs aren't those of its study")
    for run in runs:
        if run.config != study.config(study.arm(run.values["arm"]), run.config.training.seed):
            raise refused(f"the run {run.id} has another config than its arm in the study")


def _run(folder: Path, dataset: Dataset, study: Study | None) -> BundledRun:
    name = folder.name
    values = read_strict(folder / "run.json")
    _check_values(values, name)
    config = load_config(read_strict(folder / "config.json"))
    if config.model_dump(mode="json") != load_config(values["config"]).model_dump(mode="json"):
        raise refused(f"the run {name} has two configs")
    if config.dataset != dataset.id or values["dataset"] != dataset.id:
        raise refused(f"the run {name} is of another dataset")
    if study is not None and values["study"] != study.id:
        raise refused(f"the run {name} is of another study")
    model = folder / "model.keras"
    return BundledRun(values, config, folder, model.exists())


def _check_written(run: BundledRun, dataset: Dataset) -> None:
    """What a run's worker has written: its history, how it ended, what it said, its model."""
    epochs = check_events(run.folder / "events.jsonl")
    check_result(run.folder / "result.json", dataset, epochs)
    _check_predictions(run.folder, epochs, dataset)
    if run.has_model:
        vet_keras(run.folder / "model.keras")


def _check_values(values: dict[str, Any], name: str) -> None:
    """What a run is called, when it was, how it ended; a list of runs is made of it."""
    if values["id"] != name or not _RUN_ID.fullmatch(name):
        raise refused(f"it names the run {values['id']!r:.80}")
    status, attempt = Status(values["status"]), values["attempt"]
    if not status.is_ended or type(attempt) is not int or not 1 <= attempt <= _MOST_ATTEMPTS:
        raise refused(f"the run {name} hasn't ended, or has the attempt {attempt!r:.40}")
    if not _are_texts(values[key] for key in ("name", "created_at")):
        raise refused(f"the run {name} has no name or no date")
    check_moment(values["created_at"], f"created_at of the run {name}")
    for moment in ("started_at", "ended_at"):
        if values.get(moment) is not None:
            check_moment(values[moment], f"{moment} of the run {name}")


def _check_predictions(folder: Path, epochs: int, dataset: Dataset) -> None:
    for path in sorted((folder / "predictions").glob("*")):
        if not re.fullmatch(r"from-\d{5}\.predictions", path.name):
            raise refused(f"{shown(path)} is none of a run's files")
    said = read_predictions(folder / "predictions", epochs)
    if said is None:
        return
    places = said.positions
    if said.classes != len(dataset.classes) or len(places) > dataset.images or not len(places):
        raise refused(f"what the run {folder.name} said is of other classes or images")
    if places.min() < 0 or places.max() >= dataset.images or said.labels.min() < 0:
        raise refused(f"what the run {folder.name} said is of images that aren't there")
    if said.labels.max() >= said.classes:
        raise refused(f"what the run {folder.name} said is of classes that aren't there")
    try:
        said.judged(said.epochs)
    except (ValueError, zlib.error, KeyError, IndexError) as error:
        raise refused(f"what the run {folder.name} said can't be read ({error!s:.100})") from error
