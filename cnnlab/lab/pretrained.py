"""Weights that networks start with: which there are, adding a file of them, what a config names."""

import contextlib
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import (
    BadInputError,
    ConfigError,
    FieldProblem,
    NotFoundError,
    RunStateError,
    WeightsError,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Status
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted, listed
from cnnlab.exports.packages import optional_packages, pip_line
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.pretrained.imagenet import (
    IMAGENET_FILES,
    ImagenetFile,
    cached_file,
    installed_file,
)
from cnnlab.storage.pretrained.reading import read_apart
from cnnlab.storage.pretrained.store import (
    PretrainedEntry,
    PretrainedStore,
    Source,
    imagenet_source,
    is_pretrained_id,
)
from cnnlab.storage.pretrained.weights import read_npz

FIELD = "architecture.pretrained"


class Availability(StrEnum):
    """Where ImageNet weights of a preset are."""

    THERE = "there"
    """Kept in the home, or on this machine: a run can begin with them."""

    INSTALL = "install"
    """In a package that isn't installed."""

    DOWNLOAD = "download"
    """Downloaded when the first run wants them, where there is a network."""


@dataclass(frozen=True)
class ImagenetOffer:
    """ImageNet weights of a preset.

    Attributes:
        preset: the network.
        words: where they come from.
        licence: of the weights.
        availability: where they are.
        advice: what to do to have them, in a sentence; empty where they are there.
        pip_line: the command that installs their package; empty where none is needed.
        file: what their file is called, which `add_pretrained` takes, too.
        checksum: of the file, with its algorithm: `md5 d3e8...`.
    """

    preset: str
    words: str
    licence: str
    availability: Availability
    advice: str
    pip_line: str
    file: str
    checksum: str


@dataclass(frozen=True)
class PretrainedList:
    """What a network may start with, beside the weights of runs.

    Attributes:
        imagenet: by preset.
        kept: weights in the home, newest first.
    """

    imagenet: tuple[ImagenetOffer, ...]
    kept: tuple[PretrainedEntry, ...]


@asks(Action.VIEW)
def list_pretrained() -> PretrainedList:
    """All weights but those of runs.

    Raises:
        StorageError: the home can't be read.
    """
    store = _store()
    offers = (_offer(store, file) for file in IMAGENET_FILES.values())
    return PretrainedList(tuple(offers), tuple(store.list()))


@asks(Action.EDIT)
def add_pretrained(path: Path) -> PretrainedEntry:
    """Keep the weights of a file; its kind is told by its content.

    Args:
        path: a `.npz` with arrays called `layer/weight` (such as the export `weights`), a `.keras`
            or `.weights.h5` file of Keras 3, or the very file of an `ImagenetOffer`.

    Raises:
        BadInputError: there is no such file.
        WeightsError: it holds no weights or may do harm; nothing was stored.
        StorageError: the disk is full.
    """
    path = existing_file(path)
    store = _store()
    with tempfile.TemporaryDirectory(prefix="cnnlab-weights-") as place:
        made = Path(place, "weights.npz")
        try:
            told = read_apart(path, made)
            weights = read_npz(made)
        except WeightsError as error:
            raise WeightsError(
                f"{path.name:.200} can't be added as pretrained weights: {error}. Nothing was "
                "stored."
            ) from error
        own = Source(path.name[:200], f"the file {path.name:.200}", classes=told.classes)
        return store.keep(weights, imagenet_source(told.source) if told.source else own)


def existing_file(path: Path) -> Path:
    """The path of a file that somebody on this machine names, with their home in place of `~`.

    Raises:
        BadInputError: there is no such file, or none can be called so.
    """
    with contextlib.suppress(OSError, RuntimeError):  # a name too long, a `~` of nobody
        found = path.expanduser()
        if found.is_file():
            return found
    raise BadInputError(f"There is no file {str(path)!r:.200}: name a file of weights.")


@asks(Action.EDIT)
def delete_pretrained(id: str) -> None:
    """Delete kept weights; runs that have begun with them keep their own.

    Raises:
        NotFoundError: there are none with this id.
        RunStateError: a run that waits will want them.
        StorageError: the home can't be written.
    """
    waiting = workplace().runs.list(Status.QUEUED, Status.INTERRUPTED)
    wanting = [run for run in waiting if run.config["architecture"].get("pretrained") == id]
    if wanting:
        raise RunStateError(
            f"{id} can't be deleted yet: {counted(len(wanting), 'run')} in the queue will start "
            "with it. Delete it when they have begun, or stop them."
        )
    _store().delete(id)


@asks(Action.VIEW)
def check_pretrained(config: RunConfig) -> None:
    """See that the weights are there that a config names, by what a path never names.

    Anybody may bring a config, so nothing of it is looked for among the files of this machine, and
    nothing is stored.

    Args:
        config: that is about to be launched or tried out.

    Raises:
        ConfigError: they aren't there, or can't be had; with the field.
        StorageError: those that are kept are damaged.
    """
    asked = config.architecture.pretrained
    if asked is None:
        return
    try:
        _require(asked, config)
    except BadInputError as error:
        words = f"can't be {asked!r:.200}. {error}"
        raise ConfigError(problems=[FieldProblem(FIELD, words)]) from error


def check_study_pretrained(study: Study) -> None:
    """As `check_pretrained`, for what every arm of a study names.

    Raises:
        ConfigError: an arm's weights aren't there, or it isn't possible.
        StorageError: those that are kept are damaged.
    """
    for arm in study.arms:
        check_pretrained(study.config(arm, 0))


def names_weights(asked: str) -> bool:
    """Whether a text names weights as a config may: `imagenet`, their id, or a run that is here."""
    return asked == IMAGENET or is_pretrained_id(asked) or _is_run(asked)


def _require(asked: str, config: RunConfig) -> None:
    if asked == IMAGENET:
        _require_imagenet(config.architecture.preset)
    elif is_pretrained_id(asked):
        store = _store()
        store.check(store.find(asked))
    elif _is_run(asked):
        _require_trained(asked)
    else:
        raise NotFoundError(
            "No weights are called so: take imagenet, or the id of a run or of weights that "
            "`pretrained list` names; a file gets its id by `pretrained add FILE`."
        )


def _require_imagenet(preset: str) -> None:
    file = IMAGENET_FILES.get(preset)
    if file is None:
        raise WeightsError(
            f"Weights that were trained on ImageNet are there for the networks "
            f"{listed(list(IMAGENET_FILES))}. Received: {preset}"
        )
    offer = _offer(_store(), file)
    if offer.availability is Availability.INSTALL:
        raise WeightsError(offer.advice)


def _require_trained(run: str) -> None:
    stores = workplace()
    row = stores.runs.load(run)
    if not row.status.is_ended:
        raise WeightsError(
            f"The run {row.name!r:.120} is {row.status}: wait until it has ended, or stop it."
        )
    if not row.last:
        raise WeightsError(f"The run {row.name!r:.120} has no finished epoch, so no weights.")
    numbers = range(row.attempt, 0, -1)
    if not any(Attempt(stores.home.attempt(run, number)).forkable_epochs() for number in numbers):
        raise WeightsError(
            f"The run {row.name!r:.120} has no training states (an evidence bundle brings none): "
            "add its model's file instead."
        )


def _is_run(asked: str) -> bool:
    try:
        workplace().runs.load(asked)
    except NotFoundError:
        return False
    return True


def _offer(store: PretrainedStore, file: ImagenetFile) -> ImagenetOffer:
    line = pip_line(optional_packages(file.extra)) if file.extra else ""
    availability, advice = Availability.THERE, ""
    problem = ""
    try:
        is_there = store.of_imagenet(file.preset) or (
            installed_file(file) if file.package else cached_file(file)
        )
    except WeightsError as error:
        is_there, problem = None, f"{error}. "
    if not is_there and file.extra:
        availability = Availability.INSTALL
        advice = f"{problem}They come with a package: run `{line}`, then try again."
    elif not is_there:
        availability = Availability.DOWNLOAD
        advice = (
            f"The first run that wants them downloads {file.file} from {file.address}; without a "
            f"network, bring that file here and run `python -m cnnlab pretrained add {file.file}`."
        )
    return ImagenetOffer(
        preset=file.preset,
        words=file.words,
        licence=file.licence,
        availability=availability,
        advice=advice,
        pip_line=line,
        file=file.file,
        checksum=f"{file.algorithm} {file.checksum}",
    )


def _store() -> PretrainedStore:
    return PretrainedStore(workplace().home)
