"""The model that a user takes of a run: which epoch's weights, and the model with them."""

import keras

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import TrainingError
from cnnlab.training.loop.checkpoint import State, load_weights
from cnnlab.training.network.model import build_model


def kept_state(
    config: RunConfig, last_state: State | None, best_state: State | None
) -> State | None:
    """The state whose weights the user's model takes; None where no epoch was finished.

    Args:
        config: of the run.
        last_state: captured after the last finished epoch.
        best_state: captured after the best epoch that is at hand.
    """
    early = config.regularization.early_stopping
    keeps_last = early is not None and not early.restore_best
    return last_state if keeps_last else best_state


def build_kept_model(
    config: RunConfig,
    image_shape: tuple[int, int, int],
    classes: int,
    *,
    last_state: State | None,
    best_state: State | None,
) -> keras.Model:
    """Build the user's model of a run that has ended from its training states.

    Args:
        config: of the run; dials that were turned have changed no shape.
        image_shape: height, width, channels.
        classes: how many.
        last_state: as for `kept_state`.
        best_state: likewise.

    Raises:
        TrainingError: no finished epoch's state is at hand.
    """
    state = kept_state(config, last_state, best_state)
    if state is None:
        raise TrainingError("No epoch was finished, so there is no model: train longer.")
    model = build_model(config, image_shape, classes)
    load_weights(model, state)
    return model
