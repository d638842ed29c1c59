"""What was done on purpose and holds a network back: named before its size is blamed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnlab.augmentations.table import MEMBERS
from cnnlab.diagnosis.remedies import against_high_rate, against_low_rate
from cnnlab.diagnosis.symptoms import RATE, Case, Remedy, Turn
from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.words import percent, with_unit
from cnnlab.fields import extra

STRONG: dict[str, tuple[float, float]] = {
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

STRONG_TIMES = 2.0
"""Times the usual strength from which an augmentation without a set 'Strong' is called strong."""

FAR_ABOVE_USUAL = 3.0
"""Times the optimizer's usual rate from which the rate itself is the suspect."""

FAR_BELOW_USUAL = 5.0
"""The same on the low side, as a divisor; a third of the usual rate is common (3e-4 in adam)."""

MUCH_NOISE = 0.1
"""Share of wrong labels from which they are worth naming."""


@dataclass(frozen=True)
class Deed:
    """One thing that was done, and how to take it back.

    Attributes:
        words: what it is, to stand in a list.
        remedies: next runs without it, or with less of it.
    """

    words: str
    remedies: tuple[Remedy, ...]


def deeds(case: Case) -> list[Deed]:
    """All that was done on purpose and holds back: what came last, a turned dial, first."""
    return [
        *_turned(case.facts.turns),
        *_rate(case.config),
        *_regularizers(case.config),
        *_augmentations(case.config),
        *_wrong_labels(case.config),
    ]


def turn_words(turn: Turn) -> str:
    """A turned dial in words: from what to what, and when."""
    return (
        f"{label_of(turn.name)} was turned from {turn.before:g} to {turn.after:g} in epoch "
        f"{turn.epoch}"
    )


def without_turn(turn: Turn) -> Remedy:
    """No field: the config still has the value that the dial stood at."""
    return Remedy({}, f"Train it again and leave {label_of(turn.name)} at {turn.before:g}.")


def _turned(turns: tuple[Turn, ...]) -> Iterator[Deed]:
    for turn in turns:
        if turn.name == RATE:
            is_strong = (
                turn.after >= FAR_ABOVE_USUAL * turn.before
                or turn.after <= turn.before / FAR_BELOW_USUAL
            )
        else:
            is_strong = turn.after > turn.before and turn.after >= _strong_from(turn.name)
        if is_strong:
            yield Deed(turn_words(turn), (without_turn(turn),))


def _strong_from(name: str) -> float:
    """From which strength on a dial holds back."""
    part, _, field = name.partition(".")
    table = {name: strong for name, (strong, _) in STRONG.items()}
    if part == "augmentation":
        table = {name: strong for name, strong, _ in _augmentation_strengths()}
    return table.get(field, float("inf"))


def _rate(config: RunConfig) -> Iterator[Deed]:
    rate, name = config.optimizer.learning_rate, config.optimizer.name
    usual = USUAL_LEARNING_RATES[name]
    words = f"a learning rate of {rate:g}, where {name} usually works with {usual:g}"
    if rate >= FAR_ABOVE_USUAL * usual:
        yield Deed(words, tuple(against_high_rate(config)))
    elif rate <= usual / FAR_BELOW_USUAL:
        yield Deed(words, tuple(against_low_rate(config)))


def _wrong_labels(config: RunConfig) -> Iterator[Deed]:
    noise = config.split.label_noise_fraction
    if noise >= MUCH_NOISE:
        remedy = Remedy({"split.label_noise_fraction": 0.0}, "Try it without label noise.")
        yield Deed(f"label noise in {percent(noise, decimals=0)} of the images", (remedy,))


def _regularizers(config: RunConfig) -> Iterator[Deed]:
    values = config.regularization.model_dump()
    for name, (strong, milder) in STRONG.items():
        if values[name] >= strong:
            field = f"regularization.{name}"
            label = label_of(field)
            lower = Remedy({field: milder}, f"Try less {_inside(label)}: {milder:g}.")
            yield Deed(f"{_inside(label)} {values[name]:g}", (lower,))


def _augmentations(config: RunConfig) -> Iterator[Deed]:
    values = config.augmentation.model_dump()
    strong = {
        name: (usual, values[name] / least)
        for name, least, usual in _augmentation_strengths()
        if values[name] >= least
    }
    for name in sorted(strong, key=lambda name: -strong[name][1]):
        field, usual = f"augmentation.{name}", strong[name][0]
        label = _inside(label_of(field))
        unit = extra(type(config.augmentation).model_fields[name], "unit")
        lower = Remedy(
            {field: usual}, f"Try weaker augmentation: {label} {with_unit(f'{usual:g}', unit)}."
        )
        yield Deed(f"{label} {with_unit(f'{values[name]:g}', unit)}", (lower,))


def _augmentation_strengths() -> Iterator[tuple[str, float, float]]:
    """Name, strong and usual strength of every augmentation that is the stronger the higher."""
    for member in MEMBERS:
        if member.is_dial and isinstance(member.usual, int | float):
            usual = float(member.usual)
            yield member.name, member.sets[2] if member.sets else STRONG_TIMES * usual, usual


def _inside(label: str) -> str:
    """A field's label inside of a sentence: `dropout`, but `L2`."""
    return label.lower() if label[1:].islower() else label
