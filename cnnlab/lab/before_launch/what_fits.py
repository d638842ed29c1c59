"""What a network would take over of the weights that its config names, before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.errors import ConfigError, NotFoundError
from cnnlab.domain.network.plan import PROBABILITIES
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.weight_shapes import weight_shapes
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.workplace import workplace
from cnnlab.storage.pretrained.classes import same_classes
from cnnlab.storage.pretrained.store import PretrainedStore, is_pretrained_id

_COLOURS = 3


@dataclass(frozen=True)
class WhatFits:
    """What becomes of the layers of a network, each list in the network's order.

    Attributes:
        taken: layers all of whose weights are taken over.
        new: those that begin with at least one weight that is drawn.
        last_words: whether the last layer is taken over, and why, in a sentence.
    """

    taken: tuple[str, ...]
    new: tuple[str, ...]
    last_words: str


@dataclass(frozen=True)
class _Theirs:
    """What is there.

    Attributes:
        shapes: by `layer/weight`.
        classes: names by label; none where they aren't known.
    """

    shapes: Mapping[str, Sequence[int]]
    classes: Sequence[str] = ()


@asks(Action.VIEW)
def what_fits(config: RunConfig, class_names: Sequence[str]) -> WhatFits | None:
    """Compare a network with the weights that `architecture.pretrained` names.

    Args:
        config: of the run.
        class_names: of its dataset, by label.

    Returns:
        None where nothing is named, or where it isn't in the home yet, so that nobody knows.

    Raises:
        ConfigError: the network is impossible.
    """
    asked = config.architecture.pretrained
    theirs = None if asked is None else _theirs(asked, config)
    if theirs is None or not theirs.shapes:
        return None
    ours = weight_shapes(plan_network(config, config.image.shape, len(class_names)))
    fitting = {name: _fits(ours[name], theirs.shapes.get(name)) for name in ours}
    if not same_classes(theirs.classes, class_names):
        fitting |= dict.fromkeys(filter(_is_last, ours), False)
    layers = dict.fromkeys(name.partition("/")[0] for name in ours)
    new = {name.partition("/")[0] for name, fits in fitting.items() if not fits}
    return WhatFits(
        tuple(layer for layer in layers if layer not in new),
        tuple(layer for layer in layers if layer in new),
        _last_words(theirs, class_names, PROBABILITIES in new),
    )


def _is_last(name: str) -> bool:
    return name.startswith(f"{PROBABILITIES}/")


def _last_words(theirs: _Theirs, class_names: Sequence[str], is_new: bool) -> str:
    if not is_new:
        return "The last layer is taken, too: the weights were trained for the same classes."
    if not any(map(_is_last, theirs.shapes)):
        why = "these weights have none"
    elif not theirs.classes:
        why = "which classes the weights were trained for isn't known"
    elif same_classes(theirs.classes, class_names):
        why = "it has another shape here"
    else:
        why = "the weights were trained for other classes"
    return f"The last layer is new: {why}."


def _fits(ours: Sequence[int], theirs: Sequence[int] | None) -> bool:
    """A kernel that takes red, green and blue is added up for images in grey."""
    if theirs is None:
        return False
    is_summed = len(ours) == len(theirs) == 4 and (ours[2], theirs[2]) == (1, _COLOURS)
    return list(ours) == list(theirs) or (
        is_summed and (*ours[:2], ours[3]) == (*theirs[:2], theirs[3])
    )


def _theirs(asked: str, config: RunConfig) -> _Theirs | None:
    store, preset = PretrainedStore(workplace().home), config.architecture.preset
    try:
        if not is_pretrained_id(asked) and asked != IMAGENET:
            return _of_run(asked)
        entry = store.of_imagenet(preset) if asked == IMAGENET else store.find(asked)
    except (NotFoundError, ConfigError):  # said beside the start button
        return None
    return _Theirs(entry.layers, entry.classes) if entry else None


def _of_run(run: str) -> _Theirs | None:
    row = workplace().runs.load(run)
    config = load_stored(row.config)
    if config is None:
        return None
    classes = list(workplace().datasets.load(row.dataset).classes)
    return _Theirs(weight_shapes(plan_network(config, config.image.shape, len(classes))), classes)
