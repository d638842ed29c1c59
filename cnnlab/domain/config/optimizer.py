"""How the weights are updated, and the learning rate over the run."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from cnnlab.fields import ConfigModel, knob

OptimizerName = Literal[
    "sgd",
    "rmsprop",
    "adam",
    "adamw",
    "nadam",
    "lion",
    "adamax",
    "adagrad",
    "adadelta",
    "adafactor",
    "ftrl",
    "lamb",
    "muon",
    "schedule_free_adamw",
]

MOMENTUM_OPTIMIZERS: tuple[OptimizerName, ...] = ("sgd", "rmsprop")
"""Those that `momentum` is for; others have moments of their own or none."""

_WARMUP_HELP = (
    "The learning rate rises from 0 over these epochs first; steadies the start. Usual: 0 to 5."
)


def _warmup() -> Any:  # noqa: ANN401 - like pydantic's Field
    return knob(0.0, "Warm-up", _WARMUP_HELP, ge=0, le=1000, unit="epochs", increment=1)


class Cosine(ConfigModel):
    """Falls along half a cosine to `final_fraction` (Keras CosineDecay)."""

    name: Literal["cosine"] = "cosine"
    warmup_epochs: float = _warmup()
    final_fraction: float = knob(
        0.0, "Final fraction", "Share of the learning rate that is left at the end.", ge=0, le=1
    )


class CosineRestarts(ConfigModel):
    """Cosine periods, each `period_factor` times longer (Keras CosineDecayRestarts)."""

    name: Literal["cosine_restarts"] = "cosine_restarts"
    warmup_epochs: float = _warmup()
    first_period_epochs: float = knob(
        10.0, "First period", "Epochs until the first restart.", ge=1, le=10000, unit="epochs"
    )
    period_factor: float = knob(
        2.0, "Period factor", "Each period is this many times longer.", ge=1, le=10
    )
    restart_factor: float = knob(
        1.0, "Restart factor", "Each restart begins at this share of the one before.", gt=0, le=1
    )


class Exponential(ConfigModel):
    """Is multiplied by `factor` every `every_epochs`, smoothly (Keras ExponentialDecay)."""

    name: Literal["exponential"] = "exponential"
    warmup_epochs: float = _warmup()
    factor: float = knob(
        0.9, "Factor", "The learning rate is multiplied by this. Usual: 0.8 to 0.99.", gt=0, le=1
    )
    every_epochs: float = knob(1.0, "Every", "Period of the factor.", gt=0, le=10000, unit="epochs")


class Step(ConfigModel):
    """Is multiplied by `factor` at once every `every_epochs` (Keras PiecewiseConstantDecay)."""

    name: Literal["step"] = "step"
    warmup_epochs: float = _warmup()
    factor: float = knob(
        0.5, "Factor", "The learning rate is multiplied by this. Usual: 0.1 to 0.5.", gt=0, le=1
    )
    every_epochs: float = knob(
        10.0, "Every", "Epochs between two steps.", gt=0, le=10000, unit="epochs"
    )


class Polynomial(ConfigModel):
    """Falls to `final_fraction` with the given power (Keras PolynomialDecay)."""

    name: Literal["polynomial"] = "polynomial"
    warmup_epochs: float = _warmup()
    power: float = knob(1.0, "Power", "1 is a straight line.", gt=0, le=10)
    final_fraction: float = knob(
        0.0, "Final fraction", "Share of the learning rate that is left at the end.", ge=0, le=1
    )


class InverseTime(ConfigModel):
    """Is divided by 1 + `decay` per epoch (Keras InverseTimeDecay)."""

    name: Literal["inverse_time"] = "inverse_time"
    warmup_epochs: float = _warmup()
    decay: float = knob(0.5, "Decay", "Added to the divisor at each epoch.", gt=0, le=100)


class OneCycle(ConfigModel):
    """Rises to the learning rate and falls below its start (Smith, arXiv:1708.07120)."""

    name: Literal["one_cycle"] = "one_cycle"
    warmup_epochs: float = knob(
        0.0, "Warm-up", "Part of the rise; 0 takes 30 % of the run.", ge=0, le=1000, unit="epochs"
    )
    start_fraction: float = knob(
        0.04, "Start fraction", "Share of the learning rate at the first step.", gt=0, le=1
    )
    final_fraction: float = knob(
        0.0001, "Final fraction", "Share of the learning rate at the last step.", ge=0, le=1
    )


class ReduceOnPlateau(ConfigModel):
    """Is multiplied by `factor` when validation stalls (Keras ReduceLROnPlateau)."""

    name: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    warmup_epochs: float = _warmup()
    factor: float = knob(0.5, "Factor", "The learning rate is multiplied by this.", gt=0, lt=1)
    patience_epochs: int = knob(
        3, "Patience", "Epochs without improvement before that.", ge=1, le=1000, unit="epochs"
    )
    min_delta: float = knob(
        0.0001, "Least improvement", "A smaller fall of the cross-entropy is none.", ge=0, le=1
    )
    least_fraction: float = knob(
        0.001,
        "Least fraction",
        "Share of the learning rate below which it doesn't fall. Usual: 0.001 to 0.01.",
        ge=0,
        le=1,
    )


def _schedule_from(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A bare name means that schedule with its defaults; `none` means a constant rate."""
    if isinstance(value, str):
        return None if value == "none" else {"name": value}
    return value


Schedule = Annotated[
    Cosine
    | CosineRestarts
    | Exponential
    | Step
    | Polynomial
    | InverseTime
    | OneCycle
    | ReduceOnPlateau,
    Field(discriminator="name"),
]

USUAL_LEARNING_RATES: dict[str, float] = {
    "sgd": 0.01,
    "rmsprop": 0.001,
    "adam": 0.001,
    "adamw": 0.001,
    "nadam": 0.001,
    "lion": 0.0001,
    "adamax": 0.001,
    "adagrad": 0.01,
    "adadelta": 1.0,
    "adafactor": 0.001,
    "ftrl": 0.05,
    "lamb": 0.001,
    "muon": 0.001,
    "schedule_free_adamw": 0.0025,
}
"""A learning rate that each optimizer usually works with, offered when it is chosen."""


class Optimizer(ConfigModel):
    """The update rule of the weights."""

    name: OptimizerName = knob(
        "adam",
        "Optimizer",
        "adam is the safe default; sgd with momentum can generalize better with a well-chosen "
        "learning rate; adamw where weight decay is used.",
    )
    learning_rate: float = knob(
        0.001,
        "Learning rate",
        "Size of each step. Usual: 0.001 for adam, 0.01 for sgd. Lower it when the loss jumps, "
        "raise it when it barely moves.",
        gt=0,
        le=10,
    )
    momentum: float = knob(
        0.9,
        "Momentum",
        "Share of the last step that is kept; only for sgd and rmsprop. Usual: 0.9.",
        ge=0,
        lt=1,
        increment=0.05,
    )
    nesterov: bool = knob(False, "Nesterov", "Looks ahead along the momentum; only for sgd.")
    schedule: Annotated[Schedule | None, BeforeValidator(_schedule_from)] = knob(
        None,
        "Schedule",
        "How the learning rate changes over the run; cosine with a short warm-up is a good "
        "choice for longer runs.",
    )
    clip_norm: float | None = knob(
        None,
        "Clip norm",
        "Shortens the whole gradient to this length; helps when the loss explodes. Usual: 1.",
        gt=0,
        le=1000,
    )
    clip_value: float | None = knob(
        None,
        "Clip value",
        "Cuts each value of the gradient to at most this size, which also turns its direction; "
        "clip norm keeps the direction. Only one of the two can be on. Usual: 0.5 to 1.",
        gt=0,
        le=1000,
    )
    ema_momentum: float | None = knob(
        None,
        "Weight averaging",
        "Keeps a moving average of the weights with this momentum and takes it for validation "
        "and for the model. Usual: 0.99 to 0.999.",
        gt=0,
        lt=1,
    )
    gradient_accumulation_steps: int = knob(
        1,
        "Gradient accumulation",
        "Adds the gradients of this many batches before each update. Usual: 1.",
        ge=1,
        le=256,
        increment=1,
    )

    @model_validator(mode="after")
    def _clips_one_way(self) -> "Optimizer":
        if self.clip_norm is not None and self.clip_value is not None:
            raise ValueError(
                "optimizer.clip_norm and optimizer.clip_value can't both be on: leave one of "
                "them empty"
            )
        return self
