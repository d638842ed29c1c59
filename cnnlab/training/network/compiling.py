"""Compiling a model: optimizer, loss and metrics, in the way that starts fastest."""

import keras
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.training.devices.acceleration import Acceleration
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network.optimizer import build_optimizer


def compile_model(
    model: keras.Model,
    config: RunConfig,
    acceleration: Acceleration = Acceleration(),  # noqa: B008 - frozen
    board: DialBoard | None = None,
) -> None:
    """Compile, and create every variable before the first trace, which then happens only once.

    Args:
        model: from `build_model`.
        config: of the run.
        acceleration: what makes it faster on a GPU.
        board: the dials that the model was built with, if it was.
    """
    model.compile(
        optimizer=build_optimizer(config),
        loss=build_loss(config) if board is None else board.loss(),
        metrics=[
            keras.metrics.CategoricalAccuracy(name="accuracy"),
            keras.metrics.CategoricalCrossentropy(name="cross_entropy"),
        ],
        steps_per_execution=acceleration.steps_per_execution,
        jit_compile=acceleration.xla,
    )
    model.optimizer.build(model.trainable_variables)
    outputs = tf.zeros((1, model.output_shape[-1]))
    for part in ("_compile_metrics", "_compile_loss"):
        if hasattr(getattr(model, part, None), "build"):
            getattr(model, part).build(outputs, outputs)


def build_loss(config: RunConfig) -> keras.losses.Loss:
    """What the weights are trained by, L1 and L2 left out.

    Focal loss (Lin et al., arXiv:1708.02002) sums y (1 - p)^gamma (-log p) over the classes, where
    y is the label after MixUp or CutMix and then smoothing. Its alpha are the class weights, if
    there are any, so Keras' own is 1.
    """
    smoothing = config.regularization.label_smoothing
    if config.training.loss == "focal":
        return keras.losses.CategoricalFocalCrossentropy(
            alpha=1.0, gamma=config.training.focal_gamma, label_smoothing=smoothing
        )
    return keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
