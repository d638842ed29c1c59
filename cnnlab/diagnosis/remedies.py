"""Next runs against what a diagnosis has found: one change each, best first, nothing twice."""

import math
from collections.abc import Iterator

from cnnlab.diagnosis.symptoms import Remedy, RunFacts
from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.presets import preset_dials
from cnnlab.domain.config.run_config import RunConfig

LEAST_FILTERS = 8
"""A first block with fewer filters hardly sees edges of all directions."""

PATIENCE_EPOCHS = 5
"""Of early stopping; it can't end a run that is no longer."""

LEAST_BATCH = 16
"""Smaller batches give batch norm statistics that differ much from step to step."""

HIGHEST_RATE = 10.0  # the field's upper bound

EPOCHS_STEP = 5
"""Fewer epochs are offered in steps of so many."""

FEW_EPOCHS = 10
"""Shorter runs are offered at least so many epochs: twice nothing is nothing."""


def against_overfitting(config: RunConfig) -> Iterator[Remedy]:
    """Dropout, augmentation, L2, a smaller network, more of what is on, an earlier end."""
    regularization, augmentation = config.regularization, config.augmentation
    if regularization.dropout == 0:
        yield Remedy({"regularization.dropout": 0.3}, "Try dropout 0.3.")
    if not augmentation.is_on:
        yield Remedy(
            {"augmentation.shift_fraction": 0.1},
            "Try augmentation: shift each image by up to 10 %.",
        )
    if regularization.l2 == 0 and regularization.weight_decay == 0:
        yield Remedy({"regularization.l2": 0.001}, "Try L2 0.001.")
    yield from _smaller(config)
    if regularization.dropout < 0.5:
        yield Remedy({"regularization.dropout": 0.5}, "Try more dropout: 0.5.")
    if "rotation_degrees" not in augmentation.active():
        yield Remedy(
            {"augmentation.rotation_degrees": 15}, "Try to turn each image by up to 15° as well."
        )
    yield from _early_stopping(config)
    yield Remedy({}, "Every usual regularizer is on: more training images would help most.")


def against_underfitting(config: RunConfig, more_epochs_first: bool) -> Iterator[Remedy]:
    """More epochs where these pay, a larger network.

    Args:
        config: of the run.
        more_epochs_first: whether clean train was still improving at the end, or had hardly begun.
    """
    if more_epochs_first:
        yield from to_go_on(config)
    yield from _larger(config)
    yield from to_go_on(config)
    yield Remedy({}, "Try a network with more filters or layers.")


def to_go_on(config: RunConfig) -> Iterator[Remedy]:
    """Twice the epochs, and at least `FEW_EPOCHS`."""
    epochs = max(2 * config.training.epochs, FEW_EPOCHS)
    yield Remedy({"training.epochs": epochs}, f"Try {epochs} epochs.")


def against_plateau(config: RunConfig, since_epoch: int, best_epoch: int) -> Iterator[Remedy]:
    """Early stopping, a falling learning rate, fewer epochs.

    Args:
        config: of the run.
        since_epoch: 1-based epoch from which nothing improved.
        best_epoch: 1-based, whose model is kept.
    """
    yield from _early_stopping(config)
    if config.optimizer.schedule is None:
        yield Remedy(
            {"optimizer.schedule": {"name": "cosine"}},
            "Try a falling learning rate: the schedule cosine.",
        )
    yield from _fewer_epochs(config, since_epoch, best_epoch)


def against_spent_rate(config: RunConfig, since_epoch: int, best_epoch: int) -> Iterator[Remedy]:
    """A fall that is spread over the whole run, an early end, fewer epochs.

    Args:
        config: of the run.
        since_epoch: 1-based epoch from which the rate was next to nothing.
        best_epoch: 1-based, whose model is kept.
    """
    schedule = config.optimizer.schedule
    if schedule is not None and schedule.name != "cosine":
        yield Remedy(
            {"optimizer.schedule": {"name": "cosine"}},
            "Try the schedule cosine: it spreads the fall over the whole run.",
        )
    yield from _early_stopping(config)
    yield from _fewer_epochs(config, since_epoch, best_epoch)


def _fewer_epochs(config: RunConfig, since_epoch: int, best_epoch: int) -> Iterator[Remedy]:
    """An end soon after nothing happened any more, but not before the epoch that was kept."""
    epochs = EPOCHS_STEP * math.ceil(max(1.2 * since_epoch, best_epoch) / EPOCHS_STEP)
    if epochs < config.training.epochs:
        yield Remedy({"training.epochs": epochs}, f"Try {epochs} epochs: that would have done.")


def against_label_noise(config: RunConfig) -> Iterator[Remedy]:
    """Without the noise that was made; label smoothing, an early end; the rest is for eyes."""
    if config.split.label_noise_fraction:
        yield Remedy({"split.label_noise_fraction": 0.0}, "Try it without label noise.")
    if config.regularization.label_smoothing == 0:
        yield Remedy({"regularization.label_smoothing": 0.1}, "Try label smoothing 0.1.")
    yield from _early_stopping(config)
    yield Remedy(
        {}, "Look at the images under 'Where it errs most', and correct labels on the Data page."
    )


def against_high_rate(config: RunConfig) -> Iterator[Remedy]:
    """A tenth of the rate, or the usual one where that is lower still; clipping below that.

    Args:
        config: of the run.
    """
    rate, usual = config.optimizer.learning_rate, USUAL_LEARNING_RATES[config.optimizer.name]
    if rate < usual / 10 and config.optimizer.clip_norm is config.optimizer.clip_value is None:
        yield Remedy({"optimizer.clip_norm": 1.0}, "The rate is low already: try a clip norm of 1.")
    lower = _tidy(min(rate / 10, usual) if rate > usual else rate / 10)
    yield Remedy({"optimizer.learning_rate": lower}, f"Try a learning rate of {lower:g}.")


def against_low_rate(config: RunConfig) -> Iterator[Remedy]:
    """The usual rate where this one is far below it, else three times as much."""
    rate, usual = config.optimizer.learning_rate, USUAL_LEARNING_RATES[config.optimizer.name]
    higher = min(usual if rate <= usual / 3 else _tidy(3 * rate), HIGHEST_RATE)
    if higher > rate:
        yield Remedy({"optimizer.learning_rate": higher}, f"Try a learning rate of {higher:g}.")


def against_lag(config: RunConfig, facts: RunFacts) -> Iterator[Remedy]:
    """Nothing of the network: what is judged is to keep up with what is trained.

    Args:
        config: of the run.
        facts: of the run.
    """
    momentum = config.optimizer.ema_momentum
    if momentum is not None:
        steps = facts.steps_per_epoch or 1
        shorter = min(0.9, 1 - 1 / max(steps / 2, 2))
        if shorter < momentum:
            yield Remedy(
                {"optimizer.ema_momentum": round(shorter, 3)},
                f"Try a shorter average of the weights: momentum {shorter:.3g}.",
            )
    elif not facts.measures_statistics:
        yield Remedy(
            {}, "Train it again: this version measures them for the weights before it judges."
        )
    if config.training.images_per_step < LEAST_BATCH:
        yield Remedy(
            {"training.batch_size": 32},
            "Try a batch size of 32: the statistics of so few images say little.",
        )
    yield from to_go_on(config)


def _early_stopping(config: RunConfig) -> Iterator[Remedy]:
    is_longer = config.training.epochs > PATIENCE_EPOCHS
    if config.regularization.early_stopping is None and is_longer:
        yield Remedy(
            {"regularization.early_stopping": {"patience_epochs": PATIENCE_EPOCHS}},
            f"Try early stopping with a patience of {PATIENCE_EPOCHS} epochs.",
        )


def _smaller(config: RunConfig) -> Iterator[Remedy]:
    filters = _filters(config)
    if filters is not None and filters // 2 >= LEAST_FILTERS:
        yield Remedy(
            {"architecture.filters": filters // 2},
            f"Try a smaller network: {filters // 2} filters in the first block.",
        )


def _larger(config: RunConfig) -> Iterator[Remedy]:
    filters = _filters(config)
    if filters is not None:
        yield Remedy(
            {"architecture.filters": 2 * filters},
            f"Try a larger network: {2 * filters} filters in the first block.",
        )


def _filters(config: RunConfig) -> int | None:
    """Filters of the first block, or None where nothing scales them."""
    architecture = config.architecture
    if architecture.layers is not None:
        return None
    return architecture.filters or preset_dials(architecture.preset).get("filters")


def _tidy(rate: float) -> float:
    """The rate with one significant digit."""
    return float(f"{rate:.0e}")
