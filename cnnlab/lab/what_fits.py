"""What a network would take over of the weights that its config names, before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.errors import ConfigError, NotFoundError
from cnnlab.domain.network.plan import PROBABILITIES
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.weight_shapes import weight_shapes
from cnnlab.lab.workplace import workplace
from cnnlab.storage.pretrained.imagenet import IMAGENET_FILES
from cnnlab.storage.pretrained.store import PretrainedStore, is_pretrained_id

_COLOURS = 3


@dataclass(frozen=True)
class WhatFits:
    """What becomes of the layers of a network, each list in the network's order.

    Attributes:
        taken: layers all of whose weights are taken over.
        new: those that begin with at least one weight that is drawn.
    """

    taken: tuple[str, ...]
    new: tuple[str, ...]


def what_fits(config: RunConfig, classes: int) -> WhatFits | None:
    """Compare a network with the weights that `architecture.pretrained` names.

    Args:
        config: of the run.
        classes: of its dataset.

    Returns:
        None where nothing is named, or where it isn't in the home yet, so that nobody knows.

    Raises:
        ConfigError: the network is impossible.
    """
    asked = config.architecture.pretrained
    theirs = None if asked is None else _shapes_of(asked, config)
    if theirs is None:
        return None
    ours = weight_shapes(plan_network(config, config.image.shape, classes))
    fitting = {name: _fits(ours[name], theirs.get(name)) for name in ours}
    layers = dict.fromkeys(name.partition("/")[0] for name in ours)
    new = {name.partition("/")[0] for name, fits in fitting.items() if not fits}
    return WhatFits(
        tuple(layer for layer in layers if layer not in new),
        tuple(layer for layer in layers if layer in new),
    )


def _fits(ours: Sequence[int], theirs: Sequence[int] | None) -> bool:
    """A kernel that takes red, green and blue is added up for images in grey."""
    if theirs is None:
        return False
    is_summed = len(ours) == len(theirs) == 4 and (ours[2], theirs[2]) == (1, _COLOURS)
    return list(ours) == list(theirs) or (
        is_summed and (*ours[:2], ours[3]) == (*theirs[:2], theirs[3])
    )


def _shapes_of(asked: str, config: RunConfig) -> Mapping[str, Sequence[int]] | None:
    """By `layer/weight`, without the last layer, which is made new."""
    store = PretrainedStore(workplace().home)
    try:
        if is_pretrained_id(asked):
            shapes: Mapping[str, Sequence[int]] = store.find(asked).layers
        elif asked == IMAGENET:
            preset = config.architecture.preset
            entry = store.of_imagenet(preset) if preset in IMAGENET_FILES else None
            shapes = {} if entry is None else entry.layers
        else:
            shapes = _of_run(asked)
    except (NotFoundError, ConfigError):  # said beside the start button
        return None
    last = f"{PROBABILITIES}/"
    return {name: shape for name, shape in shapes.items() if not name.startswith(last)} or None


def _of_run(run: str) -> Mapping[str, Sequence[int]]:
    theirs = load_stored(workplace().runs.load(run).config)
    if theirs is None:
        return {}
    return weight_shapes(plan_network(theirs, theirs.image.shape, classes=2))
