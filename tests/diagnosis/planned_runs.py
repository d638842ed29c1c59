"""The runs whose curves are recorded: what each is, and what a diagnosis must and may say of it."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FOLDER_SETS = {
    "sign_digits": "sign_digits_96.zip",
    "clothing_mini": "clothing10_mini.zip",
    "clothing": "clothing10_96.zip",
}
"""Sets that don't come with the project, by name: their files in the folder that is given."""


@dataclass(frozen=True)
class PlannedRun:
    """One run.

    Attributes:
        group: what it is an example of.
        dataset: name of its set.
        config: dotted config fields.
        expected: kinds that must be said.
        also: kinds that are right as well.
        turns: dials turned: 0-based epoch and new values.
        is_early: trained by a version that judged batch norm by running averages; can't be again.
    """

    group: str
    dataset: str
    config: dict[str, Any]
    expected: tuple[str, ...]
    also: tuple[str, ...] = ()
    turns: tuple[tuple[int, dict[str, float]], ...] = ()
    is_early: bool = False
    name: str = field(default="")

    def in_json(self) -> dict[str, Any]:
        """What was trained, as the recording keeps it."""
        planned = {"dataset": self.dataset, "config": self.config, "turns": self.turns}
        return json.loads(json.dumps(planned))


def planned_runs() -> Iterator[PlannedRun]:
    """All runs, those with batch norm last; half of each group served to choose limits."""
    numbers: dict[str, int] = {}
    for run in itertools.chain(
        _healthy(), _overfits(), _underfits(), _rates(), _labels(), _sets(), _flat(),
        _done_by_hand(), _batch_norm(), _averaged(), _early(),
    ):  # fmt: skip
        numbers[run.group] = numbers.get(run.group, 0) + 1
        yield PlannedRun(**vars(run) | {"name": f"{run.group}_{numbers[run.group]:02}"})


def _config(epochs: int, preset: str = "tiny_cnn", **more: Any) -> dict[str, Any]:
    fields = {name.replace("__", "."): value for name, value in more.items()}
    return {"image.size": 32, "training.epochs": epochs, "architecture.preset": preset} | fields


def _healthy() -> Iterator[PlannedRun]:
    """Enough images, a usual rate, epochs enough to learn them: nothing is to be told."""

    def healthy(dataset: str, epochs: int, preset: str = "tiny_cnn", **more: Any) -> PlannedRun:
        # Three epochs of stripes end in the middle of the fall.
        kind = "underfits" if (dataset, epochs) == ("gratings", 3) else "healthy"
        config = _config(epochs, preset, **more)
        return PlannedRun("healthy", dataset, config, (kind,), ("validation_too_small",))

    for dataset, epochs, seed in itertools.product(("hues", "gratings"), (3, 4, 6, 10), (0, 1)):
        yield healthy(dataset, epochs, training__seed=seed, training__batch_size=16)
    for epochs, seed in itertools.product((6, 10, 15, 20), (0, 1)):
        yield healthy("shapes", epochs, training__seed=seed, split__seed=seed)
    for preset, epochs in itertools.product(("small_cnn", "vgg_small"), (4, 8, 12)):
        yield healthy("gratings", epochs, preset)
        yield healthy("shapes", epochs + 3, preset)
    augmented = (
        {"augmentation.flip": "horizontal"},
        {"augmentation.shift_fraction": 0.1},
        {"augmentation.brightness_fraction": 0.2, "augmentation.contrast_fraction": 0.2},
        {"augmentation.zoom_fraction": 0.1, "regularization.dropout": 0.2},
        {"augmentation.erasing_fraction": 0.2},
        {"augmentation.mixup_alpha": 0.2},
    )
    for changes, epochs in itertools.product(augmented, (12, 24)):
        yield healthy("shapes", epochs, **changes)
    regularized = (
        {"regularization.dropout": 0.3},
        {"regularization.l2": 0.001},
        {"regularization.label_smoothing": 0.1},
        {"regularization.weight_decay": 0.01, "optimizer.name": "adamw"},
        {"regularization.gaussian_noise": 0.05},
        {"regularization.early_stopping": {"patience_epochs": 5}},
        {"optimizer.schedule": {"name": "cosine"}},
        {"optimizer.schedule": {"name": "one_cycle"}},
        {"optimizer.name": "rmsprop"},
        {"optimizer.name": "sgd", "optimizer.learning_rate": 0.03, "optimizer.momentum": 0.9},
        {"optimizer.name": "adam", "optimizer.learning_rate": 0.002},
        {"optimizer.ema_momentum": 0.95},
        {"architecture.activation": "gelu"},
        {"image.color": "grayscale"},
        {"optimizer.clip_norm": 1.0},
    )
    for number, changes in enumerate(regularized):
        yield healthy("gratings", 12 + number % 4, **changes)
        yield healthy("shapes", 10 + number % 5, **changes)
    mild = {"augmentation.shift_fraction": 0.06, "regularization.dropout": 0.2}
    for epochs in (20, 40):
        yield healthy("hues", epochs)
        yield healthy("sign_digits", epochs, **mild)


def _overfits() -> Iterator[PlannedRun]:
    """Few images, or hard ones, and nothing against it."""

    def overfits(dataset: str, epochs: int, preset: str = "tiny_cnn", **more: Any) -> PlannedRun:
        config = _config(epochs, preset, **more)
        return PlannedRun(
            "overfits", dataset, config, ("overfits",), ("validation_too_small", "plateau")
        )

    for epochs in (15, 30):
        yield overfits("clothing_mini", epochs, "small_cnn")
        yield overfits("faint_gratings", epochs)
        yield overfits("noisy_shapes", epochs, "small_cnn", split__images_per_class=40)
        yield overfits("sign_digits", epochs, split__images_per_class=15)
        yield overfits("six_signs", epochs + 10, "small_cnn")


def _underfits() -> Iterator[PlannedRun]:
    """Too few epochs, too small a network, or held back."""

    def underfits(dataset: str, config: dict[str, Any]) -> PlannedRun:
        also = ("validation_too_small", *(["imbalance"] if dataset == "clothing" else []))
        return PlannedRun("underfits", dataset, config, ("underfits",), also)

    for epochs in (1, 2, 3):
        yield underfits("clothing", _config(epochs))
        yield underfits("sign_digits", _config(epochs))
        yield underfits("faint_gratings", _config(epochs))
    small = {"architecture__filters": 4, "architecture__dense_units": 2}
    for epochs in (12, 20):
        yield underfits("clothing", _config(epochs, **small))
        yield underfits("sign_digits", _config(epochs, **small))
        yield underfits("sign_digits", _config(epochs, regularization__dropout=0.85))
        yield underfits("shapes", _config(epochs, regularization__l2=0.3))
        yield underfits("clothing_mini", _config(epochs, regularization__l1=0.01))
        far = {"rotation_degrees": 180, "zoom_fraction": 0.5, "noise_stddev": 60}
        augmented = {f"augmentation.{name}": value for name, value in far.items()}
        yield underfits("sign_digits", _config(epochs, **augmented))


def _rates() -> Iterator[PlannedRun]:
    """Learning rates far too high and far too low."""
    high = {"adam": (0.03, 0.1, 1.0), "sgd": (3.0, 10.0), "rmsprop": (0.05,)}
    for (name, rates), dataset in itertools.product(high.items(), ("shapes", "sign_digits")):
        for number, rate in enumerate(rates):
            config = _config(6 + 3 * number, optimizer__name=name, optimizer__learning_rate=rate)
            # The shapes are learned at 30 times the usual rate all the same.
            works = (dataset, name, rate) == ("shapes", "adam", 0.03)
            kind = "healthy" if works else "learning_rate_too_high"
            yield PlannedRun("rate_high", dataset, config, (kind,))
    low = {"adam": (1e-6, 1e-5), "sgd": (1e-5, 1e-4), "rmsprop": (2e-6,)}
    for (name, rates), dataset in itertools.product(low.items(), ("shapes", "sign_digits")):
        for number, rate in enumerate(rates):
            config = _config(8 + 4 * number, optimizer__name=name, optimizer__learning_rate=rate)
            yield PlannedRun("rate_low", dataset, config, ("learning_rate_too_low",))


def _labels() -> Iterator[PlannedRun]:
    """Wrong labels on purpose: memorized, and not memorized."""
    for dataset, noise in itertools.product(("shapes", "sign_digits"), (0.2, 0.4)):
        config = _config(30, "small_cnn", split__label_noise_fraction=noise)
        yield PlannedRun("label_noise", dataset, config, ("label_noise",), ("overfits",))
    for dataset, noise in (("hues", 0.2), ("hues", 0.1), ("gratings", 0.2), ("hues", 0.3)):
        config = _config(8, split__label_noise_fraction=noise, regularization__dropout=0.3)
        kind = "healthy" if dataset == "hues" else "underfits"  # the stripes stay at chance
        yield PlannedRun("label_noise_unlearned", dataset, config, (kind,))


def _sets() -> Iterator[PlannedRun]:
    """Validation that isn't fair, or hides rare classes."""
    for epochs in (6, 15):
        for preset in ("tiny_cnn", "small_cnn"):
            also = ("underfits", "overfits", "validation_too_small", "plateau", "healthy")
            for dataset, group in (("copied_half", "leak"), ("copied_little", "copied_little")):
                longer = epochs + (6 if group == "copied_little" else 0)
                config = _config(longer, preset)
                yield PlannedRun(group, dataset, config, ("copies",), also)
            config = _config(epochs + 6, preset)
            easier = ("underfits", "validation_too_small")
            yield PlannedRun("easier", "easier_validation", config, ("suspected_leak",), easier)
    for epochs in (6, 12):
        for dataset in ("skewed_gratings", "skewed_shapes"):
            config = _config(epochs, architecture__filters=4)
            also = ("underfits", "overfits", "validation_too_small")
            yield PlannedRun("imbalance", dataset, config, ("imbalance",), also)


def _flat() -> Iterator[PlannedRun]:
    """Far more epochs than needed."""
    for dataset, epochs in itertools.product(("hues", "gratings"), (40, 60)):
        config = _config(epochs, regularization__dropout=0.2)
        yield PlannedRun("plateau", dataset, config, (), ("plateau", "healthy"))


def _done_by_hand() -> Iterator[PlannedRun]:
    """A dial that was turned to far too much while the run trained."""
    for dataset, factor in itertools.product(("shapes", "sign_digits"), (10, 100)):
        turn = (4, {"optimizer.learning_rate": 0.001 * factor})
        # After ten times the rate, a jump: all is learned again in the epochs that are left.
        kind = "healthy" if factor == 10 else "learning_rate_too_high"
        yield PlannedRun(
            "turned_rate", dataset, _config(10, "small_cnn"), (kind,), turns=(turn,),
        )  # fmt: skip
    for dataset in ("gratings", "sign_digits"):
        turn = (3, {"regularization.dropout": 0.9})
        yield PlannedRun(
            "turned_dropout", dataset, _config(8), ("underfits",), ("healthy",), turns=(turn,)
        )


def _batch_norm() -> Iterator[PlannedRun]:
    """Networks with batch norm: nothing is to be told of them either."""
    for dataset, epochs in itertools.product(("shapes", "gratings", "hues"), (3, 5, 8, 12, 20)):
        preset = "resnet_small" if epochs in (5, 12) else "tiny_cnn"
        config = _config(epochs, preset, regularization__batch_norm=preset == "tiny_cnn")
        config["architecture.filters"] = 16
        # Three epochs of stripes: 91 % of the training images and 79 % of the others.
        kind = "overfits" if (dataset, epochs) == ("gratings", 3) else "healthy"
        yield PlannedRun("healthy_batch_norm", dataset, config, (kind,), ("validation_too_small",))


def _averaged() -> Iterator[PlannedRun]:
    """Weights averaged over more steps than the run has."""
    for dataset, momentum, epochs in (
        ("gratings", 0.999, 6), ("gratings", 0.998, 10), ("shapes", 0.999, 8), ("hues", 0.999, 6),
    ):  # fmt: skip
        config = _config(epochs, optimizer__ema_momentum=momentum)
        yield PlannedRun("averaged", dataset, config, ("judging_lags",), ("validation_too_small",))


def _early() -> Iterator[PlannedRun]:
    """Batch norm as it was judged once: by running averages that lag behind the weights."""
    for dataset, epochs in itertools.product(("shapes", "gratings"), (3, 5)):
        config = _config(epochs, "resnet_small", architecture__filters=16)
        yield PlannedRun(
            "early_batch_norm", dataset, config, ("judging_lags",), ("validation_too_small",),
            is_early=True,
        )  # fmt: skip
