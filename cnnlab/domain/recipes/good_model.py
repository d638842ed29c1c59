"""The recipe of a good model: what the images ask for, each choice with its reason.

The strengths were chosen by `tests/benchmarks/recipes.py`.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cnnlab.domain.config.architecture import IMAGENET, Architecture
from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.config.run_config import Image, RunConfig
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.run_time import on_cores, run_seconds
from cnnlab.domain.recipes.recipe import Choice, Recipe, RecipeName, SetFacts
from cnnlab.domain.words import counted, duration, listed

PRETRAINED = "efficientnet_lite0"
"""The preset whose ImageNet weights a good model begins with, where they are there."""

MOST_SECONDS = 300.0
"""How long a good model may be expected to take before it is made to take less."""

LEAST_UPDATES = 300
"""Of the weights, unless that takes too long."""

_UPDATES = 400
_LEAST_EPOCHS, _MOST_EPOCHS, _FEW_EPOCHS = 30, 300, 3
_BATCH = 32
_SMALL_BATCHES = {64: 8, 256: 16}
"""Images of a step, below so many that train. With 8 instead of 16, 30 images take 100 epochs and
not 200: half the time, and .24 .28 .61 against .25 .23 .64 of validation images right (3 pairs)."""

_STEP_PX, _LEAST_PX = 8, 8
_SCRATCH_PX, _SMALL_PX = 48, 32
_PRETRAINED_PX, _SMALL_PRETRAINED_PX, _LEAST_PRETRAINED_PX = 160, 96, 64
_LESS = 0.8
_UNEVEN = 2.0
"""How many times as many images the largest class has as the smallest one, and no more, where all
count alike."""

_SMOOTHING = 0.1
_FLIP = "augmentation.flip"
_WARMUP_SHARE, _LEAST_PATIENCE = 0.05, 10

AUGMENTATION = {
    "augmentation.rotation_degrees": 8.0,
    "augmentation.zoom_fraction": 0.1,
    "augmentation.shift_fraction": 0.1,
    "augmentation.brightness_fraction": 0.1,
    "augmentation.contrast_fraction": 0.1,
}
"""Small ones, which leave nearly every picture what it is."""


@dataclass(frozen=True)
class _Pace:
    """What decides how long a run takes.

    Attributes:
        size: of the images, px.
        least_px: below which images would lose too much.
        epochs: how many.
        batch: images of a step.
    """

    size: int
    least_px: int
    epochs: int
    batch: int

    def steps(self, images: int) -> int:
        """Of an epoch."""
        return math.ceil(images / self.batch)

    def shorter(self, images: int) -> "_Pace":
        """One that takes less time; the same where there is none."""
        enough = min(self.epochs, max(_FEW_EPOCHS, _epochs_of(LEAST_UPDATES, images, self.batch)))
        if self.epochs > enough:
            return replace(self, epochs=max(enough, round(_LESS * self.epochs)))
        if self.size > self.least_px:
            return replace(self, size=max(self.least_px, self.size - _STEP_PX))
        return replace(self, epochs=max(1, round(_LESS * self.epochs)))


@functools.lru_cache(maxsize=16)  # the Train page asks at every click
def good_recipe(facts: SetFacts, most_seconds: float = MOST_SECONDS) -> Recipe:
    """Settings that make a good model of a dataset, in no more than minutes.

    Args:
        facts: about the dataset and the machine.
        most_seconds: how long a run may be expected to take.
    """
    has_photos = facts.has_imagenet and facts.side_px >= _LEAST_PRETRAINED_PX
    make = _pretrained if has_photos else _from_scratch
    wanted = pace = _wanted_pace(facts, has_photos=has_photos)
    while (seconds := _expected_seconds(make(facts, pace), facts)) > most_seconds:
        shorter = pace.shorter(facts.train_images)
        if shorter == pace:
            break
        pace = shorter
    choices = tuple(make(facts, pace))
    if pace != wanted:
        said = _shortened_words(wanted, pace, seconds)
        choices = (*choices, Choice({}, said))
    return Recipe(RecipeName.GOOD, choices)


def _wanted_pace(facts: SetFacts, *, has_photos: bool) -> _Pace:
    most, least = (_PRETRAINED_PX, _SMALL_PRETRAINED_PX) if has_photos else (_SCRATCH_PX, _SMALL_PX)
    size = max(_LEAST_PX, min(facts.side_px, most))
    few = [size for most, size in _SMALL_BATCHES.items() if facts.train_images < most]
    batch = few[0] if few else _BATCH
    epochs = max(_LEAST_EPOCHS, _epochs_of(_UPDATES, facts.train_images, batch))
    return _Pace(size, min(size, least), min(_MOST_EPOCHS, epochs), batch)


def _epochs_of(updates: int, images: int, batch: int) -> int:
    return math.ceil(updates / math.ceil(images / batch))


def _expected_seconds(choices: Iterator[Choice], facts: SetFacts) -> float:
    """About how long the run takes here; 0 on a GPU, where it is no matter."""
    if facts.has_gpu:
        return 0.0
    config = Recipe(RecipeName.GOOD, tuple(choices)).applied_to(RunConfig())
    seconds = run_seconds(
        config, facts.classes, train_images=facts.train_images, other_images=facts.other_images
    )
    return on_cores(seconds, facts.cores)


def _from_scratch(facts: SetFacts, pace: _Pace) -> Iterator[Choice]:
    yield _size_choice(facts, pace)
    if facts.is_grey:
        yield Choice({"image.color": "grayscale"}, "Grayscale: the pictures have no colours.")
    yield _augmentation_choice(facts)
    yield Choice(
        {"regularization.batch_norm": True, "regularization.label_smoothing": _SMOOTHING},
        f"Batch norm learns in fewer epochs; label smoothing {_SMOOTHING:g} keeps the network from "
        "being overconfident.",
    )
    yield from _training_choices(facts, pace)


def _pretrained(facts: SetFacts, pace: _Pace) -> Iterator[Choice]:
    yield _size_choice(facts, pace)
    yield _augmentation_choice(facts)
    yield Choice(
        {
            "architecture.preset": PRETRAINED,
            "architecture.pretrained": IMAGENET,
            "architecture.frozen_layers": _layers_but_the_last(pace.size),
            "regularization.label_smoothing": _SMOOTHING,
        },
        f"{PRETRAINED} as it was trained on a million photos, with a new last layer. On few images "
        "this mostly beats a random start, save where colour alone tells the classes apart.",
    )
    yield from _training_choices(facts, pace)


def _layers_but_the_last(size: int) -> int:
    architecture = Architecture(preset=PRETRAINED)
    config = RunConfig(image=Image(size=size), architecture=architecture)
    return plan_network(config, config.image.shape, classes=2).layers_with_weights() - 1


def _size_choice(facts: SetFacts, pace: _Pace) -> Choice:
    said = (
        f"Images of {pace.size} px: larger ones take longer than they gain here. Nine of ten "
        f"pictures have {facts.side_px} px or more."
        if facts.side_px > pace.size
        else f"Images of {pace.size} px, as the pictures come: nine of ten have that or more, and "
        "enlarging adds nothing."
    )
    return Choice({"image.size": pace.size}, said)


def _augmentation_choice(facts: SetFacts) -> Choice:
    strengths = {
        name: min(strength, float(facts.unsafe.get(name, strength)))
        for name, strength in AUGMENTATION.items()
    }
    held_back = [name for name, strength in strengths.items() if strength < AUGMENTATION[name]]
    changes: dict[str, Any] = {name: strength for name, strength in strengths.items() if strength}
    said = (
        "Pictures are moved, turned, enlarged and lit a little, new at every epoch: more of them "
        "to learn from. "
    )
    if _FLIP in facts.safe:
        changes[_FLIP] = "horizontal"
        said += "They are mirrored, too: a look at training images, and validation "
        said += "images where these are few, found that it changes no class."
    else:
        said += "None is flipped: that may turn one class into another."
    if not facts.safe and not facts.unsafe:
        said += (
            " No look at these images has confirmed yet that all this changes no class. The button "
            '"Does augmentation change what images show?" on the Train page begins one.'
        )
    if held_back:
        labels = listed([label_of(name).lower() for name in held_back])
        said += f" Less than usual of {labels}: more would change what the pictures show."
    return Choice(changes, said)


def _training_choices(facts: SetFacts, pace: _Pace) -> Iterator[Choice]:
    steps = pace.steps(facts.train_images)
    yield Choice(
        {
            "optimizer.schedule": {"name": "cosine", "warmup_epochs": _warmup(pace.epochs)},
        },
        "The learning rate rises at the start and falls to the end: the last epoch is then about "
        "the best.",
    )
    yield Choice(
        {"training.epochs": pace.epochs, "training.batch_size": pace.batch},
        f"{counted(pace.epochs, 'epoch')} of {counted(steps, 'step')} with {pace.batch} images: "
        f"{pace.epochs * steps:,} updates of the weights.",
    )
    patience = max(_LEAST_PATIENCE, pace.epochs // 2)
    if patience < pace.epochs:
        yield Choice(
            {"regularization.early_stopping": EarlyStopping(patience_epochs=patience).model_dump()},
            f"Stops where validation hasn't improved for {patience} epochs, and keeps the model of "
            "the best epoch.",
        )
    smallest = min(count for count in facts.train_counts if count)
    largest = max(facts.train_counts)
    if largest > _UNEVEN * smallest:
        # Drawn evenly a set of 150, 150 and four times 15 images came to a macro recall of .70,
        # weighted to .51 (three seeds); but a class without images can't be drawn.
        is_whole = all(facts.train_counts)
        yield Choice(
            {"training.sampling": "balanced"}
            if is_whole
            else {"training.class_weights": "balanced"},
            f"Rare classes count as much as common ones: the largest has {largest:,} training "
            f"images, the smallest {smallest:,}.",
        )


def _warmup(epochs: int) -> int:
    return max(1, round(_WARMUP_SHARE * epochs)) if epochs > _FEW_EPOCHS else 0


def _shortened_words(wanted: _Pace, pace: _Pace, seconds: float) -> str:
    """What was made smaller so that a run doesn't take long, and what it takes now."""
    less = []
    if pace.epochs < wanted.epochs:
        less.append(f"{counted(pace.epochs, 'epoch')} instead of {wanted.epochs}")
    if pace.size < wanted.size:
        less.append(f"{pace.size} px instead of {wanted.size}")
    return (
        f"Made shorter for this machine: {' and '.join(less)}, so that a run takes about "
        f"{duration(seconds)}."
    )
