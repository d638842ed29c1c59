"""Histories with known answers: parametric curves with the noise of so many images."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cnnlab.diagnosis.diagnosis import RunFacts
from cnnlab.domain.data.class_sets import ClassSets

CLASSES = 6
GUESSING = float(np.log(CLASSES))
NOISE_PER_IMAGE = 0.9  # sd of one image's cross-entropy, as a share of the mean


@dataclass
class Made:
    """A made run: its history, the changes of its config, its facts and the right answer."""

    answer: str
    history: list[dict[str, Any]]
    config: dict[str, Any]
    facts: RunFacts
    epoch: int | None = None
    also: set[str] = field(default_factory=set)
    """Kinds that are right as well."""


class Maker:
    """Draws the shape of one run; everything comes from the seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.epochs = int(self.random.integers(10, 61))
        self.time = np.arange(self.epochs, dtype=float)
        self.config: dict[str, Any] = {"training.epochs": self.epochs}
        self.validation_images = int(self.random.integers(600, 2000))
        self.clean_images = int(self.random.integers(800, 3000))
        self.wobble = np.exp(self.random.normal(0, self.between(0.0, 0.08), self.epochs))
        self.counts = tuple([self.validation_images // CLASSES] * CLASSES)

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def approach(self, floor: float, constants: float, start: float = GUESSING) -> np.ndarray:
        """Exponential approach to `floor`, so many time constants long; wobbling as weights do.

        The wobble is the network's own: train and validation share it.
        """
        fallen = floor + (start - floor) * np.exp(-self.time * constants / self.epochs)
        return fallen * self.wobble

    def history(
        self,
        clean: np.ndarray,
        validation: np.ndarray,
        clean_accuracy: np.ndarray | None = None,
        val_accuracy: np.ndarray | None = None,
        train: np.ndarray | None = None,
    ) -> list[dict[str, Any]]:
        clean_accuracy = accuracy_of(clean) if clean_accuracy is None else clean_accuracy
        val_accuracy = accuracy_of(validation) if val_accuracy is None else val_accuracy
        train = clean * 1.1 if train is None else train
        columns = {
            "loss": train,
            "cross_entropy": self._cross_entropy(train, self.clean_images),
            "accuracy": clean_accuracy,
            "clean_cross_entropy": self._cross_entropy(clean, self.clean_images),
            "clean_accuracy": self._counted(clean_accuracy, self.clean_images),
            "val_cross_entropy": self._cross_entropy(validation, self.validation_images),
            "val_accuracy": self._counted(val_accuracy, self.validation_images),
        }
        return [
            {"epoch": epoch, "penalty": 0.0, "learning_rate": 0.001}
            | {name: float(values[epoch]) for name, values in columns.items()}
            for epoch in range(self.epochs)
        ]

    def facts(self, **more: Any) -> RunFacts:
        known = {
            "validation_images": self.validation_images,
            "train_images": self.clean_images,
            "class_counts": self.counts,
        }
        return RunFacts(**(known | more))

    def _cross_entropy(self, mean: np.ndarray, images: int) -> np.ndarray:
        noise = self.random.normal(0, NOISE_PER_IMAGE / np.sqrt(images), len(mean))
        return np.maximum(mean * (1 + noise), 1e-4)

    def _counted(self, share: np.ndarray, images: int) -> np.ndarray:
        return self.random.binomial(images, np.clip(share, 0, 1)) / images


def accuracy_of(cross_entropy: np.ndarray) -> np.ndarray:
    """A plausible accuracy: 1 at 0, chance from the cross-entropy of guessing on."""
    lost = np.clip(cross_entropy / GUESSING, 0, 1) ** 1.2
    return 1 - (1 - 1 / CLASSES) * lost


def healthy(seed: int) -> Made:
    made = Maker(seed)
    floor = made.between(0.08, 0.22)
    constants = made.between(3.2, 4.8)
    clean = made.approach(floor, constants)
    validation = made.approach(floor * made.between(1.05, 1.35), constants)
    return Made("healthy", made.history(clean, validation), made.config, made.facts())


def healthy_late_start(seed: int) -> Made:
    """As small networks do: first at chance for a while, then a steep fall that levels off."""
    made = Maker(seed)
    made.validation_images = int(made.random.integers(400, 800))
    half, floor = made.between(0.45, 0.6), made.between(0.08, 0.22)
    steep = made.between(7, 10)
    fallen = 1 / (1 + np.exp(-(made.time / made.epochs - half) * steep * 2))
    clean = (GUESSING - (GUESSING - floor) * fallen) * made.wobble
    history = made.history(clean, clean * made.between(1.05, 1.6))
    return Made("healthy", history, made.config, made.facts())


def healthy_with_dropout(seed: int) -> Made:
    """What is seen in training is far worse than what is: that is no underfitting."""
    made = Maker(seed)
    floor, constants = made.between(0.08, 0.22), made.between(3.2, 4.8)
    clean = made.approach(floor, constants)
    made.config["regularization.dropout"] = 0.5
    history = made.history(clean, clean * 1.2, train=clean * 2 + 0.3)
    return Made("healthy", history, made.config, made.facts())


def overfits(seed: int) -> Made:
    made = Maker(seed)
    turn = made.between(0.2, 0.6) * made.epochs
    low, rise = made.between(0.35, 0.7), made.between(0.2, 1.5)
    steps = np.clip(made.time / turn, 0, 1)
    falling = low + (GUESSING - low) * (1 - steps) ** 2
    later = np.clip((made.time - turn) / (made.epochs - turn), 0, None)
    validation = (falling + low * rise * later) * made.wobble
    clean = made.approach(made.between(0.01, 0.05), made.between(4, 6))
    flat = accuracy_of(falling) - 0.02 * later
    history = made.history(clean, validation, val_accuracy=flat)
    return Made("overfits", history, made.config, made.facts(), epoch=round(turn) + 1)


def gap_only(seed: int) -> Made:
    made = Maker(seed)
    low = made.between(0.5, 0.9)
    validation = made.approach(low, made.between(5, 9))
    clean = made.approach(0.02, made.between(4, 6))
    return Made("overfits", made.history(clean, validation), made.config, made.facts())


def too_small_a_network(seed: int) -> Made:
    made = Maker(seed)
    clean = made.approach(made.between(0.7, 1.3), made.between(5, 10))
    return Made("underfits", made.history(clean, clean * 1.02), made.config, made.facts())


def too_few_epochs(seed: int) -> Made:
    made = Maker(seed)
    clean = made.approach(0.05, made.between(1.1, 1.6))
    return Made("underfits", made.history(clean, clean * 1.02), made.config, made.facts())


def explodes(seed: int) -> Made:
    made = Maker(seed)
    at = int(made.random.integers(0, made.epochs))
    clean = made.approach(0.4, 3)
    clean[at:] = GUESSING * made.between(1, 1.2)
    train = clean.copy()
    train[at] = 10 ** made.between(1.2, 6)
    made.config["optimizer.learning_rate"] = 0.05
    history = made.history(clean, clean, train=train)
    return Made("learning_rate_too_high", history, made.config, made.facts())


def not_finite(seed: int) -> Made:
    made = Maker(seed)
    at = int(made.random.integers(0, made.epochs))
    clean = made.approach(0.4, 3)
    message = f"The loss was no longer finite at epoch {at + 1}, step 3: lower the rate."
    facts = made.facts(status="failed", message=message)
    history = made.history(clean, clean * 1.05)[:at]
    return Made("learning_rate_too_high", history, made.config, facts)


def oscillates(seed: int) -> Made:
    made = Maker(seed)
    swing = made.random.normal(0, made.between(0.25, 0.6), made.epochs)
    clean = np.maximum(made.approach(made.between(0.5, 1.0), 4) + swing, 0.1)
    made.config["optimizer.learning_rate"] = 0.01
    history = made.history(clean, clean * 1.05)
    return Made("learning_rate_too_high", history, made.config, made.facts())


def stays_at_chance(seed: int) -> Made:
    made = Maker(seed)
    made.config["optimizer.learning_rate"] = made.between(0.01, 0.1)
    clean = np.full(made.epochs, GUESSING * made.between(1.0, 1.02))
    history = made.history(clean, clean)
    return Made("learning_rate_too_high", history, made.config, made.facts())


def too_low(seed: int) -> Made:
    made = Maker(seed)
    made.config["optimizer.learning_rate"] = 10 ** made.between(-6, -4)
    start = GUESSING * made.between(1.0, 1.4)
    clean = start * (1 - made.between(0.05, 0.3) * made.time / made.epochs)
    history = made.history(clean, clean * 1.01)
    return Made("learning_rate_too_low", history, made.config, made.facts())


def plateau(seed: int) -> Made:
    made = Maker(seed)
    constants = made.between(9, 20)
    clean = made.approach(made.between(0.08, 0.22), constants)
    history = made.history(clean, clean * 1.15)
    return Made("plateau", history, made.config, made.facts(), also={"healthy"})


def rate_spent(seed: int) -> Made:
    """A schedule that falls too soon: what was learned by then is all that is learned."""
    made = Maker(seed)
    schedules = (
        {"name": "reduce_on_plateau", "patience_epochs": 1},
        {"name": "exponential", "factor": 0.3},
        {"name": "step", "factor": 0.1, "every_epochs": 1},
    )
    made.config["optimizer.schedule"] = schedules[seed % len(schedules)]
    spent = int(made.between(0.3, 0.7) * made.epochs)
    clean = made.approach(made.between(0.1, 0.2), 4)
    clean[spent:] = clean[spent]
    history = made.history(clean, clean * 1.1)
    for record in history:
        record["learning_rate"] = 1e-3 if record["epoch"] < spent else 1e-6
    return Made("learning_rate_spent", history, made.config, made.facts(), spent + 1)


def leak(seed: int) -> Made:
    made = Maker(seed)
    clean = made.approach(made.between(0.3, 0.5), 4)
    validation = clean * made.between(0.3, 0.5)
    return Made("suspected_leak", made.history(clean, validation), made.config, made.facts())


def copies(seed: int) -> Made:
    made = healthy(seed)
    copied = -(-made.facts.validation_images // (3, 20, 100)[seed % 3])
    return replace(made, answer="copies", facts=replace(made.facts, copied_images=copied))


def tiny_validation(seed: int) -> Made:
    made = Maker(seed)
    made.validation_images = int(made.random.integers(8, 31))
    made.counts = tuple([max(made.validation_images // CLASSES, 1)] * CLASSES)
    clean = made.approach(made.between(0.08, 0.22), made.between(3.2, 4.8))
    history = made.history(clean, clean * 1.15)
    return Made("validation_too_small", history, made.config, made.facts())


def imbalance(seed: int) -> Made:
    made = Maker(seed)
    total, majority = made.validation_images, made.between(0.6, 0.9)
    rare = max(round(total * (1 - majority) / (CLASSES - 1)), 1)
    made.counts = (total - rare * (CLASSES - 1), *[rare] * (CLASSES - 1))
    share = made.counts[0] / total
    hidden = made.random.random() < 0.5
    top = share + (0.08 if hidden else 0.0) * (1 - share)
    clean = made.approach(made.between(0.5, 0.6), 4)
    accuracy = np.full(made.epochs, top)
    recalls = (0.99, *[0.1] * (CLASSES - 1))
    facts = made.facts(macro_f1=made.between(0.2, 0.4), per_class_recall=recalls)
    history = made.history(clean, clean, accuracy, accuracy)
    return Made("imbalance", history, made.config, facts, also={"underfits"})


def class_sets_differ(seed: int) -> Made:
    """Part of the validation images, or all, show classes that have no training image."""
    made = Maker(seed)
    lost = made.validation_images if seed % 2 else made.validation_images // 3
    clean = made.approach(made.between(0.05, 0.3), made.between(3, 6))
    left = 1 - lost / made.validation_images
    val_accuracy = left * accuracy_of(clean)
    validation = clean + (1 - left) * made.between(3, 5) * (1 + made.time / made.epochs)
    sets = ClassSets(("d",), ("a",), lost)
    history = made.history(clean, validation, val_accuracy=val_accuracy)
    made.config["optimizer.learning_rate"] = 0.003
    return Made("class_sets", history, made.config, made.facts(class_sets=sets))


def label_noise(seed: int) -> Made:
    made = Maker(seed)
    peak = made.between(0.2, 0.4) * made.epochs
    best, fall = made.between(0.7, 0.85), made.between(0.08, 0.2)
    steps = np.clip(made.time / peak, 0, 1)
    later = np.clip((made.time - peak) / (made.epochs - peak), 0, None)
    val_accuracy = 1 / CLASSES + (best - 1 / CLASSES) * (1 - (1 - steps) ** 2) - fall * later
    validation = 0.8 + (GUESSING - 0.8) * (1 - steps) ** 2 + 1.5 * later
    clean_accuracy = 1 / CLASSES + (0.7 - 1 / CLASSES) * (1 - (1 - steps) ** 2)
    clean_accuracy = clean_accuracy + 0.28 * np.sqrt(later)
    clean = (1 - clean_accuracy) * 2.1
    history = made.history(clean, validation, clean_accuracy, val_accuracy)
    return Made("label_noise", history, made.config, made.facts(), also={"overfits"})


def judging_lags(seed: int) -> Made:
    """Batch norm statistics that belong to no weights: right while it trains, wrong when judged."""
    made = Maker(seed)
    train = made.approach(made.between(0.05, 0.15), made.between(3.5, 5))
    clean = train + made.between(0.8, 1.2)
    made.config["regularization.batch_norm"] = seed % 2 == 0
    if seed % 2:
        made.config["optimizer.ema_momentum"] = 0.999
    history = made.history(clean, clean * 1.05, train=train)
    for record, seen in zip(history, accuracy_of(train), strict=True):
        record["accuracy"] = float(seen)
    return Made("judging_lags", history, made.config, made.facts())


FAMILIES = {
    maker.__name__: maker
    for maker in (
        healthy, healthy_late_start, healthy_with_dropout, overfits, gap_only,
        too_small_a_network, too_few_epochs, explodes, not_finite, oscillates, stays_at_chance,
        too_low, class_sets_differ, plateau, rate_spent, leak, copies, tiny_validation, imbalance,
        label_noise, judging_lags,
    )
}  # fmt: skip
