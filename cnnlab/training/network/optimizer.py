"""The config's optimizer as a Keras optimizer."""

from typing import Any

import keras

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.training.network import fused

_CLASSES: dict[str, type[keras.optimizers.Optimizer]] = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": fused.Adam,
    "adamw": fused.AdamW,
    "nadam": keras.optimizers.Nadam,
    "lion": keras.optimizers.Lion,
    "adamax": keras.optimizers.Adamax,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "adafactor": keras.optimizers.Adafactor,
    "ftrl": keras.optimizers.Ftrl,
    "lamb": keras.optimizers.Lamb,
    "muon": keras.optimizers.Muon,
    "schedule_free_adamw": keras.optimizers.ScheduleFreeAdamW,
}


def build_optimizer(config: RunConfig) -> keras.optimizers.Optimizer:
    """Build the Keras optimizer with clipping, averaging, accumulation and weight decay.

    Its learning rate is a variable that training sets before each step; weight decay is Keras'
    decoupled one (Loshchilov and Hutter, arXiv:1711.05101) whatever the update rule, and applies
    to every trainable weight, as in Keras.
    """
    wanted = config.optimizer
    accumulated = wanted.gradient_accumulation_steps
    arguments: dict[str, Any] = {
        "learning_rate": wanted.learning_rate,
        "global_clipnorm": wanted.clip_norm,
        "clipvalue": wanted.clip_value,
        "gradient_accumulation_steps": accumulated if accumulated > 1 else None,
    }
    if wanted.ema_momentum is not None:
        arguments |= {"use_ema": True, "ema_momentum": wanted.ema_momentum}
    arguments |= _own_arguments(config)
    return _CLASSES[wanted.name](**arguments)


def _own_arguments(config: RunConfig) -> dict[str, Any]:
    """What one optimizer takes differently from the others."""
    wanted, decay = config.optimizer, config.regularization.weight_decay
    own: dict[str, Any] = {}
    match wanted.name:
        case "sgd":
            own = {"momentum": wanted.momentum, "nesterov": wanted.nesterov}
        case "rmsprop":
            own = {"momentum": wanted.momentum}
        case "adamw":
            # Keras' AdamW refuses None: it exists for the decay.
            return {"weight_decay": decay}
        case "muon":
            # Muon is for hidden matrices; the class scores are left to its inner Adam, as its
            # authors advise, and both halves decay alike.
            own = {"exclude_layers": ["probabilities"], "adam_weight_decay": decay or None}
    return own | {"weight_decay": decay or None}


def innermost(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """The optimizer itself, without the loss scaling that Keras wraps around it in float16."""
    return getattr(optimizer, "inner_optimizer", optimizer)
