"""Optimizer, loss and learning rate of a run as Python."""

from cnnlab.domain.config.optimizer import (
    Cosine,
    CosineRestarts,
    Exponential,
    InverseTime,
    OneCycle,
    Polynomial,
    ReduceOnPlateau,
    Step,
)
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.exports.code.lines import call, number

_CLASSES = {
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "lion": "Lion",
    "adamax": "Adamax",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "adafactor": "Adafactor",
    "ftrl": "Ftrl",
    "lamb": "Lamb",
    "muon": "Muon",
    "schedule_free_adamw": "ScheduleFreeAdamW",
}


def optimizer_arguments(config: RunConfig, rate: str | None = None) -> dict[str, str]:
    """What the optimizer is given, as source by name; `rate` is that of the learning rate."""
    wanted, decay = config.optimizer, config.regularization.weight_decay
    told = {"learning_rate": rate or number(wanted.learning_rate)}
    if wanted.name in ("sgd", "rmsprop"):
        told["momentum"] = number(wanted.momentum)
    if wanted.name == "sgd" and wanted.nesterov:
        told["nesterov"] = "True"
    if decay or wanted.name == "adamw":
        told["weight_decay"] = number(decay)
    elif wanted.name in ("muon", "schedule_free_adamw"):  # else they decay by themselves
        told["weight_decay"] = "None"
    if wanted.name == "muon":  # made for hidden matrices: the class scores are left to its Adam
        told["exclude_layers"] = '["probabilities"]'
        told["adam_weight_decay"] = number(decay) if decay else "None"
    clipping = {"global_clipnorm": wanted.clip_norm, "clipvalue": wanted.clip_value}
    told |= {name: number(most) for name, most in clipping.items() if most is not None}
    if wanted.gradient_accumulation_steps > 1:
        told["gradient_accumulation_steps"] = str(wanted.gradient_accumulation_steps)
    return told


_FUSED = ("Adam", "AdamW")
"""Those that training computes by TensorFlow's own kernel (`cnnlab.training.network.fused`)."""

_FUSED_STEP = '''"""Keras' {name}, computed by one kernel of TensorFlow, as in the run.

The formula is Keras' own. Its several operations round otherwise, and a difference in the last bit
of a weight can grow to a hundredth of a nat within an epoch.
"""

import keras
import tensorflow as tf


class {name}(keras.optimizers.{name}):
    """Keras' {name}, without AMSGrad."""

    def update_step(self, gradient, variable, learning_rate):
        """Move one weight and its two moments."""
        index, step = self._get_variable_index(variable), tf.cast(self.iterations + 1, tf.float32)
        beta_1, beta_2 = tf.constant(self.beta_1), tf.constant(self.beta_2)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, tf.float32),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )
'''


def fused_optimizer(config: RunConfig) -> tuple[str, str] | None:
    """The class that training computes otherwise than Keras does, and the text of its module.

    Returns:
        None where the optimizer is Keras' own. The module has the class' name in small letters.
    """
    name = _CLASSES[config.optimizer.name]
    return (name, _FUSED_STEP.format(name=name)) if name in _FUSED else None


def compile_lines(config: RunConfig, rate: str | None = None, depth: int = 1) -> list[str]:
    """Lines that compile `model`; `fused_optimizer`, where there is one, is known.

    Args:
        config: of the run.
        rate: source of the learning rate; None is the optimizer's.
        depth: of the indentation.
    """
    name = _CLASSES[config.optimizer.name]
    told = [f"{name}={value}" for name, value in optimizer_arguments(config, rate).items()]
    lines = [
        *call(
            f"optimizer = {'' if name in _FUSED else 'keras.optimizers.'}{name}(", told, depth=depth
        ),
        *_loss_lines(config, depth),
    ]
    if config.training.precision == "mixed_float16":  # the run was without it
        return [
            *lines,
            *call("model.compile(", ["optimizer", "loss", _METRICS, _UNSCALED], depth=depth),
        ]
    return [*lines, *call("model.compile(", ["optimizer", "loss", _METRICS], depth=depth)]


def _loss_lines(config: RunConfig, depth: int) -> list[str]:
    smoothing, training = config.regularization.label_smoothing, config.training
    told = [f"label_smoothing={number(smoothing)}"] if smoothing else []
    if training.loss == "cross_entropy":
        return call("loss = keras.losses.CategoricalCrossentropy(", told, depth=depth)
    told = ["alpha=1.0", f"gamma={number(training.focal_gamma)}", *told]
    return call("loss = keras.losses.CategoricalFocalCrossentropy(", told, depth=depth)


_METRICS = 'metrics=["accuracy", "categorical_crossentropy"]'
_UNSCALED = "auto_scale_loss=False"


def learning_rate_section(config: RunConfig) -> list[str]:
    """The function `learning_rate`; nothing where the rate stays as it is."""
    schedule, rate = config.optimizer.schedule, number(config.optimizer.learning_rate)
    if schedule is None:
        return []
    in_phases = config.architecture.phases is not None
    rate, epochs = ("rate", "epochs") if in_phases else (rate, "EPOCHS")
    is_plateau, is_cycle = isinstance(schedule, ReduceOnPlateau), isinstance(schedule, OneCycle)
    head = [
        f"def learning_rate(step, steps{', rate, epochs' if in_phases else ''}"
        f"{', losses' if is_plateau else ''}):",
        '    """Of one update; `step` counts them from the start, an epoch has `steps`."""',
        *(["    # `losses`: the validation cross-entropies so far."] if is_plateau else []),
        *(["    epoch = step / steps"] if schedule.warmup_epochs or is_cycle else []),
    ]
    warmup = schedule.warmup_epochs
    if isinstance(schedule, OneCycle):
        return [*head, *_one_cycle(schedule, rate, epochs)]
    if warmup:
        head += [
            f"    if epoch < {number(warmup)}:  # warm-up",
            f"        return {rate} * (step + 1) / ({number(warmup)} * steps + 1)",
        ]
    since = f"epoch - {number(warmup)}" if warmup else "step / steps"
    length = f"max({epochs} - {number(warmup)}, 1e-9)" if warmup else epochs
    return [*head, *_decay(schedule, rate, since, length)]


def _decay(schedule: object, rate: str, since: str, length: str) -> list[str]:
    apart = since if "/" in since else f"({since})"
    quotient = f"{apart} / {length}"
    match schedule:
        case Cosine(final_fraction=final):
            return [
                f"    progress = min({quotient}, 1)",
                f"    return {rate} * ({_between(final, '0.5 * (1 + np.cos(np.pi * progress))')})",
            ]
        case CosineRestarts():
            return [
                f"    since, period, height = {since}, {number(schedule.first_period_epochs)}, 1",
                "    while since >= period:",
                "        since -= period",
                f"        period *= {number(schedule.period_factor)}",
                f"        height *= {number(schedule.restart_factor)}",
                f"    return {rate} * height * 0.5 * (1 + np.cos(np.pi * since / period))",
            ]
        case Exponential(factor=factor, every_epochs=every):
            return [f"    return {rate} * {number(factor)} ** ({apart} / {number(every)})"]
        case Step(factor=factor, every_epochs=every):
            return [f"    return {rate} * {number(factor)} ** (({since}) // {number(every)})"]
        case Polynomial(power=power, final_fraction=final):
            return [
                f"    progress = min({quotient}, 1)",
                f"    return {rate} * ({_between(final, f'(1 - progress) ** {number(power)}')})",
            ]
        case InverseTime(decay=decay):
            return [f"    return {rate} / (1 + {number(decay)} * ({since}))"]
        case ReduceOnPlateau():
            return _plateau(schedule, rate)
    raise TypeError(f"Not a schedule that is known here. Received: {schedule!r}")


def _between(final: float, share: str) -> str:
    return f"{number(final)} + {number(1 - final)} * {share}" if final else share


def _one_cycle(schedule: OneCycle, rate: str, epochs: str) -> list[str]:
    warmup = schedule.warmup_epochs
    rising = f"min({number(warmup)}, {epochs})" if warmup else f"0.3 * {epochs}"
    start = f"{number(schedule.start_fraction - 1)} * 0.5 * (1 + np.cos(np.pi * epoch / rise))"
    return [
        f"    rise = {rising}",
        "    if epoch < rise:",
        f"        return {rate} * (1 + {start})",
        f"    progress = min((epoch - rise) / max({epochs} - rise, 1e-9), 1)",
        "    fallen = 0.5 * (1 + np.cos(np.pi * progress))",
        f"    return {rate} * ({_between(schedule.final_fraction, 'fallen')})",
    ]


def _plateau(schedule: ReduceOnPlateau, rate: str) -> list[str]:
    return [
        "    best, waited, share = np.inf, 0, 1.0",
        "    for loss in losses:",
        f"        improved = loss < best - {number(schedule.min_delta)}",
        "        best, waited = (loss, 0) if improved else (best, waited + 1)",
        f"        if waited >= {schedule.patience_epochs}:",
        f"            share, waited = share * {number(schedule.factor)}, 0",
        f"    return {rate} * max(share, {number(schedule.least_fraction)})",
    ]
