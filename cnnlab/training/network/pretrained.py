"""Weights from elsewhere in place of those that were drawn: what fits by name and shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import keras
import numpy as np

from cnnlab.domain.errors import ConfigError
from cnnlab.domain.records.training import PretrainedFacts, SeenImages
from cnnlab.domain.words import counted, listed

_MOST_NAMED = 3


class StartWeights(Protocol):
    """Weights that a run starts with.

    Attributes:
        words: where they come from.
        sha256: of their file.
        licence: of the weights; empty where that isn't known.
        seen: images that judge the run and that trained them, as far as that is known.
        arrays: by `layer/weight` in our layers' names, float32.
    """

    @property
    def words(self) -> str: ...  # noqa: D102

    @property
    def sha256(self) -> str: ...  # noqa: D102

    @property
    def licence(self) -> str: ...  # noqa: D102

    @property
    def seen(self) -> SeenImages | None: ...  # noqa: D102

    @property
    def arrays(self) -> Mapping[str, np.ndarray]: ...  # noqa: D102


@dataclass(frozen=True)
class Transfer:
    """What became of the weights of a network, each by `layer/weight` in the network's order.

    Attributes:
        taken: those that were taken over.
        new: those that stay as they were drawn.
    """

    taken: tuple[str, ...]
    new: tuple[str, ...]

    def facts(self, start: StartWeights) -> PretrainedFacts:
        """What a run says of its start."""
        return {
            "source": start.words,
            "sha256": start.sha256,
            "licence": start.licence,
            "taken": len(self.taken),
            "new": list(self.new),
            "seen": start.seen,
        }


def load_pretrained(model: keras.Model, start: StartWeights) -> Transfer:
    """Give a model all weights that fit it by name and shape; the others stay as they were drawn.

    Args:
        model: from `build_model`.
        start: what there is; with the last layer only if it was trained for the same classes.

    Raises:
        ConfigError: nothing fits.
    """
    fitting = {
        weight.path: weight
        for weight in model.weights
        if weight.path in start.arrays and start.arrays[weight.path].shape == tuple(weight.shape)
    }
    if not fitting:
        raise ConfigError(_nothing_fits(model, start))
    for name, weight in fitting.items():
        weight.assign(start.arrays[name])
    names = [weight.path for weight in model.weights]
    taken = tuple(name for name in names if name in fitting)
    return Transfer(taken, tuple(name for name in names if name not in fitting))


def _nothing_fits(model: keras.Model, start: StartWeights) -> str:
    """Which network there would have to be, in a sentence."""
    ours = {weight.path for weight in model.weights}
    shared = [name for name in start.arrays if name in ours]
    if shared:
        hint = (
            f"{listed(shared[:_MOST_NAMED])} have other shapes here: take the filters, units and "
            "image.color of the network that they were trained in"
        )
    else:
        layers = dict.fromkeys(name.partition("/")[0] for name in start.arrays)
        first = listed([f"{name!r:.60}" for name in list(layers)[:_MOST_NAMED]])
        hint = (
            f"they are of {counted(len(layers), 'layer')} that begin with {first}: take the preset "
            "or the layer list that has these"
        )
    return (
        f"architecture.pretrained has no weights for this network; {hint}, or set it to null. "
        f"Received: {start.words}"
    )
