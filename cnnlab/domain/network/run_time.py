"""About how long a whole run takes on a CPU, before anything is measured: within a factor of two.

Where it has to be known better a pre-flight measures it.
"""

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import spans_of, trained_layers
from cnnlab.domain.network.cached import cached_features
from cnnlab.domain.network.plan import Plan
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.time_estimate import seconds_of

_FORWARD = 0.3
"""Share of a step's seconds that a look at an image takes, which changes no weight."""

_EPOCH_SECONDS = 0.15
"""What an epoch takes besides: measuring, writing down, a checkpoint."""

START_SECONDS = 5.0
"""CPU seconds of a worker before its run's first step and after its last: measured."""

_MOST_CORES, _OF_A_CORE = 8, 0.8
_CLEAN_SHARE, _LEAST_CLEAN, _MOST_CLEAN = 0.3, 100, 5000
"""Training images that are looked at after each epoch (`clean_train_subset`)."""


def run_seconds(config: RunConfig, classes: int, *, train_images: int, other_images: int) -> float:
    """About how many CPU seconds a run takes.

    Args:
        config: of the run.
        classes: number of classes, at least 2.
        train_images: how many train.
        other_images: how many validate.

    Raises:
        ConfigError: there is no such network.
    """
    plan, epochs = plan_network(config, config.image.shape, classes), config.training.epochs
    of_step = _step_seconds(plan)
    trained = trained_layers(plan, config, spans_of(config))
    features = cached_features(
        config, plan, trained, epochs, train_images=train_images, other_images=other_images
    )
    if features is not None:
        once = train_images * (features.copies + 1) + other_images
        return _FORWARD * of_step * once + epochs * _EPOCH_SECONDS
    clean = min(max(_LEAST_CLEAN, _CLEAN_SHARE * train_images), train_images, _MOST_CLEAN)
    of_epoch = of_step * (train_images + _FORWARD * (clean + other_images))
    return epochs * (of_epoch + _EPOCH_SECONDS)


def on_cores(cpu_seconds: float, cores: int) -> float:
    """About how many seconds that is where TensorFlow has so many cores to itself."""
    return cpu_seconds / max(1.0, _OF_A_CORE * min(cores, _MOST_CORES))


def _step_seconds(plan: Plan) -> float:
    """Of one image in a training step, forwards and back."""
    shapes = {layer.name: layer.shape for layer in plan.layers}
    return sum(
        seconds_of(layer, [shapes.get(name, plan.input_shape) for name in layer.inputs])
        for layer in plan.layers
        if layer.is_there
    )
