"""What a run began with: its initial weights and the order of its images, found again."""

import importlib.metadata
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Picture

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.pixels import FORMATS
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ExportError, StorageError
from cnnlab.exports.code.recipe import Recipe
from cnnlab.exports.model_format import KerasModel
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.worker.pretrained import start_weights
from cnnlab.worker.process.homes import dataset_folder, home_of_work

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData

_MOST_POSITIONS = 4_000_000
"""In `order.npz` (8 or 16 MB); of longer runs the order of the first epochs is written."""

_ORDINARY = {"L", "RGB"}
_JPEG = b"\xff\xd8"
_PACKAGES = ("tensorflow", "keras", "numpy", "pillow", "opencv-python-headless")
_MOST_TURNS = 5


@dataclass(frozen=True)
class Begun:
    """What a run began with.

    Attributes:
        recipe: what its program is written of.
        model: with the initial weights.
        order: (epochs, T) uint16 or uint32, positions within the training images, of as many
            epochs as are written.
        sample: (M,) int, rows of the images on which batch norm's statistics are measured.
        data: of the run.
    """

    recipe: Recipe
    model: KerasModel
    order: np.ndarray
    sample: np.ndarray
    data: "TrainingData"


def find_begun(attempt: Attempt, run: str, data: "TrainingData") -> Begun:
    """Draw the initial weights and the order of a run again, and see that they are the run's.

    Args:
        attempt: of the run.
        run: its id.
        data: its images.

    Raises:
        ExportError: another version of Keras or TensorFlow drew them.
        StorageError: the attempt doesn't say how it began.
    """
    from cnnlab.training.input.data import batch_order_checksum  # noqa: PLC0415 - loaded by now
    from cnnlab.training.judging.batch_statistics import statistics_subset  # noqa: PLC0415
    from cnnlab.training.loop.batch_size import with_batch_size  # noqa: PLC0415
    from cnnlab.training.seeds import checksum  # noqa: PLC0415

    facts = attempt.started()
    if facts is None:
        raise StorageError(f"{attempt.events} doesn't say how the run began: train a clone of it.")
    config = with_batch_size(load_config(attempt.read_config()), facts["batch_size"])
    model = initial_model(attempt, config, data)
    ours = checksum(model.weights), batch_order_checksum(config, data)
    if ours != (facts["init_checksum"], facts["batch_order_checksum"]):
        raise ExportError(
            "The initial weights or the order of this run can't be drawn again, for another "
            "version of Keras or TensorFlow drew them: train a clone of the run and export that."
        )
    sample = statistics_subset(model, data)
    recipe = Recipe(
        config=config,
        run=run,
        name=_run_file(attempt).get("name") or run,
        class_names=tuple(data.class_names),
        is_plain=_has_ordinary_pictures(config, data),
        value_range=data.value_range,
        frozen=tuple(layer.name for layer in model.layers if layer.weights and not layer.trainable),
        statistics_passes=-(-len(sample) // _images_per_pass(data, facts["batch_size"])),
        said=tuple(_said(attempt, config)),
        versions=_versions(),
    )
    return Begun(recipe, model, _order(config, data), sample, data)


def initial_model(attempt: Attempt, config: RunConfig, data: "TrainingData") -> KerasModel:
    """Build a run's network with weights as they are drawn, or taken over, before its first step.

    Whether they are those that the run had is for the caller to check: another version of Keras or
    TensorFlow draws others.

    Args:
        attempt: of the run.
        config: of the run.
        data: its images.

    Raises:
        CnnlabError: the weights that it started with are gone.
    """
    from cnnlab.training.network.model import build_model  # noqa: PLC0415 - loaded by now
    from cnnlab.training.network.pretrained import load_pretrained  # noqa: PLC0415

    model = build_model(config, data.image_shape, data.classes)
    if start := start_weights(attempt.folder.parent, config, data.class_names):
        load_pretrained(model, start)
    return model


def _images_per_pass(data: "TrainingData", batch_size: int) -> int:
    """As a run measures batch norm's statistics."""
    from cnnlab.training.judging.evaluate import images_per_pass  # noqa: PLC0415 - loaded by now

    return max(images_per_pass(data.image_shape), batch_size)


def _order(config: RunConfig, data: "TrainingData") -> np.ndarray:
    from cnnlab.training.input.order import first_orders  # noqa: PLC0415 - it is loaded by now

    images = len(data.train)
    epochs = max(1, min(config.training.epochs, _MOST_POSITIONS // images))
    dtype = np.uint16 if images <= np.iinfo(np.uint16).max + 1 else np.uint32
    return first_orders(config, data.train_labels, epochs).astype(dtype)


def _has_ordinary_pictures(config: RunConfig, data: "TrainingData") -> bool:
    """Whether all have 8 bits a channel, in grey or in red, green and blue, and nothing more."""
    index = ImageIndex(dataset_folder(home_of_work(), config.dataset))
    rows = np.concatenate([data.train, data.validation])
    return index.modes(rows) <= _ORDINARY and not any(
        _has_transparent_colour(index.read_bytes(int(row))) for row in rows
    )


def _has_transparent_colour(content: bytes) -> bool:
    """Whether one colour of a picture is transparent, as its mode doesn't tell; heads say it."""
    if content.startswith(_JPEG):
        return False
    return "transparency" in Picture.open(io.BytesIO(content), formats=FORMATS).info


def _run_file(attempt: Attempt) -> dict:
    """What the run is called and where it comes from; nothing where that can't be read."""
    try:
        return load_run_file(attempt.folder.parent)
    except StorageError:
        return {}


def _said(attempt: Attempt, config: RunConfig) -> Iterator[str]:
    """What happened to a run that its config doesn't say, a clause each."""
    origin = _run_file(attempt).get("origin")
    if origin:
        yield (
            f"that it went on from epoch {origin['epoch'] + 1} of the run {origin['run']} (this "
            "trains from the start)"
        )
    turns = attempt.turns()
    for turn in turns[:_MOST_TURNS]:
        values = ", ".join(f"{name}={value:g}" for name, value in turn.values.items())
        yield f"a dial that was turned while it trained ({values} from step {turn.step + 1} on)"
    if len(turns) > _MOST_TURNS:
        yield f"{len(turns) - _MOST_TURNS} more turns of its dials"
    result, epochs = attempt.read_result(), len(attempt.history())
    if result and result["status"] == "stopped" and epochs < config.training.epochs:
        yield f"that somebody stopped it after {epochs} of {config.training.epochs} epochs"


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:  # such as TensorFlow's of another name
            continue
    return found
