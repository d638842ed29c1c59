"""The loss of a network at whatever weights it is given, with everything random off.

Batch norm's statistics belong to the weights (`batch_statistics`): those of a solution would say
nothing of a place beside it, so that they are measured anew at every place. Frozen batch norm keeps
its own.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from cnnlab.domain.metrics import cross_entropies
from cnnlab.training.judging.batch_statistics import BatchStatistics, measured_norms
from cnnlab.training.judging.directions import Axes, Weights
from cnnlab.training.judging.evaluate import Predictor, images_per_pass

_DEPTHWISE_AXES = (0, 1)


class LossSurface:
    """One compiled network whose weights come and go.

    Attributes:
        has_norms: whether it has batch norm whose statistics are measured at every place.
        axes: of each weight, see `directions`.
    """

    def __init__(
        self,
        model: keras.Model,
        parts: Mapping[str, tuple[np.ndarray, np.ndarray]],
        statistics_images: np.ndarray,
        after_batch: Callable[[], None],
    ) -> None:
        """Compile lazily, at the first loss.

        Args:
            model: functional, from images (N, H, W, C) in 0..255.
            parts: images (N, H, W, C) uint8 and labels (N,) int by name.
            statistics_images: (M, H, W, C) uint8, on which batch norm's statistics are measured.
            after_batch: called after each forward pass.
        """
        self._model, self._parts = model, parts
        self._predict = Predictor(model, after_batch)
        self._statistics = BatchStatistics(
            model,
            statistics_images,
            np.arange(len(statistics_images)),
            after_batch,
            images_per_pass(model.input_shape[1:]),
        )
        self.has_norms = bool(measured_norms(model))
        self.axes = [axes_of(layer, weight) for layer in model.layers for weight in layer.weights]

    def weights(self, by_path: Mapping[str, np.ndarray]) -> Weights:
        """The weights of a solution in the order of this network's."""
        return [by_path[weight.path] for weight in self._model.weights]

    def losses(self, weights: Weights, names: Sequence[str]) -> list[float | None]:
        """Mean cross-entropy in nats on some parts; None where what is said isn't finite."""
        for variable, values in zip(self._model.weights, weights, strict=True):
            variable.assign(values)
        self._statistics.measure()
        return [self._loss(*self._parts[name]) for name in names]

    def loss(self, weights: Weights) -> float | None:
        """As `losses`, on the first part."""
        return self.losses(weights, [next(iter(self._parts))])[0]

    def images(self, name: str) -> int:
        """How many images a part has."""
        return len(self._parts[name][1])

    def _loss(self, images: np.ndarray, labels: np.ndarray) -> float | None:
        said = self._predict(images, np.arange(len(images)))
        mean = float(np.mean(cross_entropies(said, labels)))
        return mean if math.isfinite(mean) else None


def axes_of(layer: keras.Layer, weight: keras.Variable) -> Axes:
    """Over which axes the length of a weight's filters is taken; None where it has none.

    Args:
        layer: of the network.
        weight: one of its weights.
    """
    if not weight.name.endswith("kernel"):
        return None
    is_depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    if is_depthwise or weight.name.startswith("depthwise"):
        return _DEPTHWISE_AXES
    return tuple(range(len(weight.shape) - 1))
