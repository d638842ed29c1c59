"""Next runs against what a diagnosis has found: one change each, best first, nothing twice."""

from collections.abc import Iterator, Sequence

from cnnlab.diagnosis.symptoms import Remedy, RunFacts
from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.presets import PRESETS
from cnnlab.domain.config.run_config import RunConfig

LEAST_FILTERS = 8
"""A first block with fewer filters hardly sees edges of all directions."""

LARGEST_VALIDATION = 0.5
"""Above this share too few images are left to learn from."""

SHARE_TOLERANCE = 0.03
"""A share that is hardly larger changes no verdict."""

PATIENCE_EPOCHS = 5
"""Of early stopping; it can't end a run that is no longer."""

HIGHEST_RATE = 10.0  # the field's upper bound

_STRONG = {
    "dropout": (0.5, 0.2),
    "spatial_dropout": (0.25, 0.1),
    "l2": (1e-2, 1e-3),
    "l1": (1e-4, 1e-5),
    "weight_decay": (0.1, 1e-2),
    "label_smoothing": (0.2, 0.1),
    "gaussian_noise": (0.2, 0.05),
    "stochastic_depth": (0.4, 0.2),
}
"""Regularizer: from which strength on it holds back, and what to try then."""


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


def against_underfitting(config: RunConfig, still_improves: bool) -> Iterator[Remedy]:
    """Less of what holds back, more epochs where these pay, a larger network.

    Args:
        config: of the run.
        still_improves: whether clean train was still improving at the end.
    """
    values = config.regularization.model_dump()
    for name, (strong, milder) in _STRONG.items():
        if values[name] >= strong:
            label = name.replace("_", " ").replace("l2", "L2").replace("l1", "L1")
            yield Remedy({f"regularization.{name}": milder}, f"Try less {label}: {milder:g}.")
    if still_improves:
        yield from to_go_on(config)
    yield from _larger(config)
    yield from to_go_on(config)
    yield Remedy({}, "Try a network with more filters or layers.")


def to_go_on(config: RunConfig) -> Iterator[Remedy]:
    """Twice the epochs."""
    epochs = 2 * config.training.epochs
    yield Remedy({"training.epochs": epochs}, f"Try {epochs} epochs.")


def against_plateau(config: RunConfig, since_epoch: int) -> Iterator[Remedy]:
    """Early stopping, a falling learning rate, fewer epochs.

    Args:
        config: of the run.
        since_epoch: 1-based epoch from which nothing improved.
    """
    yield from _early_stopping(config)
    if config.optimizer.schedule is None:
        yield Remedy(
            {"optimizer.schedule": {"name": "cosine"}},
            "Try a falling learning rate: the schedule cosine.",
        )
    yield from _fewer_epochs(config, since_epoch)


def against_spent_rate(config: RunConfig, since_epoch: int) -> Iterator[Remedy]:
    """A fall that is spread over the whole run, an early end, fewer epochs.

    Args:
        config: of the run.
        since_epoch: 1-based epoch from which the rate was next to nothing.
    """
    schedule = config.optimizer.schedule
    if schedule is not None and schedule.name != "cosine":
        yield Remedy(
            {"optimizer.schedule": {"name": "cosine"}},
            "Try the schedule cosine: it spreads the fall over the whole run.",
        )
    yield from _early_stopping(config)
    yield from _fewer_epochs(config, since_epoch)


def _fewer_epochs(config: RunConfig, since_epoch: int) -> Iterator[Remedy]:
    epochs = max(round(1.2 * since_epoch), 5)
    if epochs < config.training.epochs:
        yield Remedy({"training.epochs": epochs}, f"Try {epochs} epochs: that would have done.")


def against_label_noise(config: RunConfig) -> Iterator[Remedy]:
    """Label smoothing, an early end; the rest is for eyes."""
    if config.regularization.label_smoothing == 0:
        yield Remedy(
            {"regularization.label_smoothing": 0.1},
            "Look at the images with the highest loss, or try label smoothing 0.1.",
        )
    yield from _early_stopping(config)
    yield Remedy({}, "Look at the images with the highest loss and correct wrong labels.")


def against_high_rate(config: RunConfig) -> Iterator[Remedy]:
    """A tenth of the rate, or the usual one where that is lower still; clipping below that."""
    rate, usual = config.optimizer.learning_rate, USUAL_LEARNING_RATES[config.optimizer.name]
    if rate < usual / 10 and config.optimizer.clip_norm is None:
        yield Remedy({"optimizer.clip_norm": 1.0}, "The rate is low already: try a clip norm of 1.")
    lower = _tidy(min(rate / 10, usual) if rate > usual else rate / 10)
    yield Remedy({"optimizer.learning_rate": lower}, f"Try a learning rate of {lower:g}.")


def against_low_rate(config: RunConfig) -> Iterator[Remedy]:
    """The usual rate where this one is far below it, else three times as much."""
    rate, usual = config.optimizer.learning_rate, USUAL_LEARNING_RATES[config.optimizer.name]
    higher = min(usual if rate <= usual / 3 else _tidy(3 * rate), HIGHEST_RATE)
    if higher > rate:
        yield Remedy({"optimizer.learning_rate": higher}, f"Try a learning rate of {higher:g}.")


def against_small_validation(
    shares: tuple[float, float], validation_images: int, needed: int, *, is_ours: bool
) -> Iterator[Remedy]:
    """A larger share, where the split is ours to choose and images are left to learn from.

    Args:
        shares: validation and test share of the config.
        validation_images: how many there are.
        needed: validation images that would do.
        is_ours: whether the shares decide, and not the upload.
    """
    validation, test = shares
    total = validation_images / validation
    wanted = min(max(needed / total, validation), LARGEST_VALIDATION)
    share = min(round(20 * wanted + 0.499) / 20, 1 - test - 0.3)
    if is_ours and share > validation + SHARE_TOLERANCE:
        yield Remedy(
            {"split.validation": round(share, 2)}, f"Try a validation share of {share:.2f}."
        )
    yield Remedy(
        {},
        "Add validation images, or compare several seeds before you believe a difference."
        if is_ours
        else "The upload brought its validation images: add more to them, or compare several seeds "
        "before you believe a difference.",
    )


def against_class_sets(*, has_untrained: bool) -> Iterator[Remedy]:
    """Nothing that a config can change.

    Args:
        has_untrained: whether classes can't be learned, not only not be judged.
    """
    drop = "exclude these classes or " if has_untrained else ""
    yield Remedy(
        {},
        f"Give each class images in both splits: the report on the Data page can {drop}draw new "
        "splits.",
    )


def against_imbalance(config: RunConfig, train_counts: Sequence[int]) -> Iterator[Remedy]:
    """Balanced class weights; beyond these only more images of the rare classes.

    Args:
        config: of the run.
        train_counts: training images of every class, or empty where unknown.
    """
    differ = not train_counts or len(set(filter(None, train_counts))) > 1
    if config.training.class_weights == "none" and differ:
        yield Remedy({"training.class_weights": "balanced"}, "Try balanced class weights.")
    yield Remedy(
        {},
        "Class weights are balanced already: add images of the rare classes."
        if differ
        else "The training images are balanced already: look at the recall of each class.",
    )


def against_leak(config: RunConfig | None, facts: RunFacts) -> Iterator[Remedy]:
    """Another split where chance may have made it; copies must go from the dataset.

    Args:
        config: of the run, or None where copies are known to be there.
        facts: of the run: a seed draws no split that the upload brought.
    """
    if config is not None and not facts.owns_validation:
        seed = config.split.seed + 1
        yield Remedy(
            {"split.seed": seed},
            f"Try split seed {seed}; if validation leads again, look for copies on the data page.",
        )
    yield Remedy(
        {},
        "Look at the report on the data page: copies in train and validation can be put into one "
        "split there."
        if config is not None
        else "Keep all copies of an image in one split: the data page does that.",
    )


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
    """Filters of the first block, or None where the layers are the user's own."""
    architecture = config.architecture
    if architecture.layers is not None:
        return None
    return architecture.filters or PRESETS[architecture.preset].filters


def _tidy(rate: float) -> float:
    """The rate with one significant digit."""
    return float(f"{rate:.0e}")
