"""What keeps the network from learning the training images by heart."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from cnnlab.fields import ConfigModel, knob

Monitor = Literal["val_cross_entropy", "val_accuracy"]


class EarlyStopping(ConfigModel):
    """Ends a run when validation no longer improves."""

    monitor: Monitor = knob(
        "val_cross_entropy", "Watches", "The validation metric that has to improve."
    )
    patience_epochs: int = knob(
        5,
        "Patience",
        "How many epochs without improvement are waited for. Usual: 3 to 20.",
        ge=1,
        le=1000,
        unit="epochs",
        increment=1,
    )
    min_delta: float = knob(
        0.0, "Least improvement", "A smaller change doesn't count as one. Usual: 0.", ge=0, le=1
    )
    restore_best: bool = knob(
        True, "Keep the best epoch", "Take the model of the best epoch instead of the last one."
    )


def _early_stopping_from(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """`true` means early stopping with its defaults, `false` means none."""
    if isinstance(value, bool):
        return EarlyStopping() if value else None
    return value


class Regularization(ConfigModel):
    """Strength of every regularizer; 0, false or null is off."""

    dropout: float = knob(
        0.0,
        "Dropout",
        "Zeroes this share of the values before the dense layers, anew at every step. "
        "Usual: 0.2 to 0.5; more slows learning down.",
        ge=0,
        le=0.9,
        usual=0.3,
        increment=0.05,
        share=True,
    )
    spatial_dropout: float = knob(
        0.0,
        "Spatial dropout",
        "Zeroes whole channels after each convolution block. Usual: 0.05 to 0.2.",
        ge=0,
        le=0.9,
        usual=0.1,
        increment=0.05,
        share=True,
    )
    l1: float = knob(
        0.0,
        "L1",
        "Adds this times the sum of the weights' absolute values to the loss; pushes weights "
        "to exactly zero. Usual: 1e-6 to 1e-4.",
        ge=0,
        le=1,
        usual=1e-5,
    )
    l2: float = knob(
        0.0,
        "L2",
        "Adds this times the sum of the squared weights to the loss; keeps weights small. "
        "Usual: 1e-5 to 1e-2.",
        ge=0,
        le=1,
        usual=1e-3,
    )
    batch_norm: bool = knob(
        False,
        "Batch norm",
        "Normalizes each layer's values over the batch: faster, steadier training. "
        "Needs batches of 16 or more.",
    )
    label_smoothing: float = knob(
        0.0,
        "Label smoothing",
        "Moves this share of the target from the true class to all classes; keeps the network "
        "from being overconfident. Usual: 0.05 to 0.1.",
        ge=0,
        le=0.9,
        usual=0.1,
        increment=0.01,
        share=True,
    )
    weight_decay: float = knob(
        0.0,
        "Weight decay",
        "Shrinks every weight by this share of the learning rate at each step, apart from the "
        "loss (AdamW). Usual: 1e-4 to 1e-1.",
        ge=0,
        le=1,
        usual=1e-2,
    )
    gaussian_noise: float = knob(
        0.0,
        "Input noise",
        "Adds noise of this standard deviation to the scaled image (0 to 1) while training. "
        "Usual: 0.02 to 0.1.",
        ge=0,
        le=1,
        usual=0.05,
        increment=0.01,
    )
    stochastic_depth: float = knob(
        0.0,
        "Stochastic depth",
        "Skips each block that has a shortcut with up to this probability while training "
        "(arXiv:1603.09382); networks without such blocks (tiny_cnn, small_cnn, vgg_small) stay "
        "as they are. Usual: 0.1 to 0.3.",
        ge=0,
        le=0.9,
        usual=0.2,
        increment=0.05,
        share=True,
    )
    early_stopping: Annotated[EarlyStopping | None, BeforeValidator(_early_stopping_from)] = knob(
        None,
        "Early stopping",
        "Ends the run when validation no longer improves; saves time, and the best epoch is "
        "kept either way.",
    )

    def active(self) -> dict[str, Any]:
        """The regularizers that are switched on, with their values."""
        return {name: value for name, value in self.model_dump().items() if value}
