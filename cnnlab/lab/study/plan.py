"""What a study would cost and find, before its launch; and a pilot that finds it out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import load_config, load_stored
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.people.person import Action
from cnnlab.domain.study import HIGHEST_SEED, MOST_SEEDS, Arm, Kind, Study
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.before_launch.time_needed import time_of_run
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.study.designs import compare_arms, study_seconds
from cnnlab.lab.study.studies import list_studies, runs_by_arm
from cnnlab.lab.study.verdicts import measured
from cnnlab.study.chance.smallest_effect import (
    SmallestEffect,
    Source,
    Spread,
    effect_words,
    pooled_spread,
    smallest_effect,
    source_words,
    typical_effect,
)
from cnnlab.study.verdicts import METRICS

MOST_SECONDS = 600.0
"""For so long a study of the usual number of seeds may take, or it begins with fewer."""
USUAL_SEEDS, FEWER_SEEDS, PILOT_SEEDS = 5, 3, 4

_PILOT_AWAY = 1000
"""How far a pilot's seeds are off: the study's own are to be fresh ones."""
_STUDIES_READ = 8
_ALIKE = (
    "image", "architecture", "split.images_per_class", "split.label_noise_fraction",
    "split.validation", "training.batch_size", "optimizer",
)  # fmt: skip
_EPOCHS_ALIKE = 2.0

WATCHED = (
    "Which differences it would find isn't worked out for a watched study: they are larger than of "
    "one that is looked at once, as its test finds about half as much."
)
NEW_IMAGES = (
    "Which differences it would find isn't worked out for claims about new images: they also rest "
    "on how much the validation images differ, so more seeds alone may never find them."
)


@dataclass(frozen=True)
class PlanRow:
    """A study with so many seeds.

    Attributes:
        seeds: of each arm.
        runs: in all.
        seconds: about how long it takes here; None where that isn't known.
        effect: that it would find in 80 % of cases; None where that isn't known, or nothing is
            claimed from so few seeds, and of a study that is watched or about new images.
        words: the effect in words.
    """

    seeds: int
    runs: int
    seconds: float | None
    effect: SmallestEffect | None
    words: str


@dataclass(frozen=True)
class StudyPlan:
    """What is known of a study before its launch.

    Attributes:
        study: that is planned.
        seconds: of a study with one seed; None where that isn't known.
        is_measured: whether a pre-flight measured it; else it is right within a factor of two.
        spread: of the paired differences; None where no earlier run told.
        source: what is known of it.
        images: that validate.
    """

    study: Study
    seconds: float | None
    is_measured: bool
    spread: Spread | None
    source: Source
    images: int

    @property
    def words(self) -> str:
        """What the smallest effect rests on."""
        if self.study.watch:
            return WATCHED
        if not self.tells_effect:
            return NEW_IMAGES
        pairs = 0 if self.spread is None else self.spread.pairs
        return source_words(self.source, pairs, self.images, METRICS[self.study.primary])

    @property
    def tells_effect(self) -> bool:
        """Whether the t test over seeds, which the smallest effect rests on, is what judges it."""
        return not self.study.watch and self.study.scope == "these_images"

    @property
    def is_known(self) -> bool:
        """Whether runs with such settings told how much they vary."""
        return self.source is Source.SIMILAR

    @property
    def usual_seeds(self) -> int:
        """Five where the time allows, else three."""
        whole = None if self.seconds is None else USUAL_SEEDS * self.seconds
        return USUAL_SEEDS if whole is None or whole <= MOST_SECONDS else FEWER_SEEDS

    def at(self, seeds: int) -> PlanRow:
        """The study with so many seeds."""
        arms = (
            len(self.study.arms) // 2 + 1 if self.study.kind is Kind.WORTH else len(self.study.arms)
        )
        effect = self._effect(seeds, arms) if self.tells_effect else None
        return PlanRow(
            seeds,
            seeds * len(self.study.arms),
            None if self.seconds is None else seeds * self.seconds,
            effect,
            effect_words(effect, METRICS[self.study.primary]),
        )

    def _effect(self, seeds: int, arms: int) -> SmallestEffect | None:
        if self.spread is not None:
            return smallest_effect(self.spread, seeds, arms)
        is_accuracy = self.study.primary == "val_accuracy"
        return typical_effect(self.images, seeds, arms) if is_accuracy else None


@asks(Action.VIEW)
def plan_study(study: Study) -> StudyPlan:
    """What a study would cost and find; nothing is started, and no verdict is looked at.

    Raises:
        ConfigError: an arm isn't possible.
        NotFoundError: there is no such dataset.
        DatasetError: the dataset can't be split as asked.
    """
    base = study.config(Arm("base", {}), study.seeds[0])
    index = open_index(study.dataset)
    images = int(np.count_nonzero(splits_of(index, base.split) == VALIDATION))
    of_run = time_of_run(base)
    one_seed = replace(study, seeds=study.seeds[:1])
    spread, source = _earlier(study, images)
    return StudyPlan(
        study,
        None if of_run is None else study_seconds(one_seed, of_run.seconds),
        of_run is not None and of_run.is_measured,
        spread,
        source,
        images,
    )


def pilot_of(study: Study) -> Study:
    """A small study that tells how much runs of a planned one vary: two arms, seeds of its own.

    Raises:
        ConfigError: the study has one arm only, or its seeds leave no room.
    """
    base = load_config(study.base)
    first = min(base.training.seed + _PILOT_AWAY, HIGHEST_SEED - MOST_SEEDS)
    training = base.training.model_copy(update={"seed": first})
    return compare_arms(
        base.model_copy(update={"training": training}),
        study.arms[:2],
        seeds=PILOT_SEEDS,
        name=f"Pilot: {study.arms[1].name} against {study.reference.name}",
        primary=study.primary,
        judged_at=study.judged_at,
        margin=study.margin,
        splits=study.splits,
        folds=study.folds,
    )


def _earlier(study: Study, images: int) -> tuple[Spread | None, Source]:
    """The spread of earlier studies of the dataset: of similar ones, else of any."""
    earlier = [one for one in list_studies() if _is_comparable(one, study)][:_STUDIES_READ]
    resolution = 1 / images if study.primary == "val_accuracy" and images else 0.0
    similar = [one for one in earlier if _is_similar(one, study)]
    for chosen, source in ((similar, Source.SIMILAR), (earlier, Source.OTHER)):
        arms = [differences for one in chosen for differences in _differences(one)]
        if spread := pooled_spread(arms, resolution=resolution):
            return spread, source
    return None, Source.TYPICAL


def _is_comparable(one: Study, study: Study) -> bool:
    alike = ("dataset", "primary", "judged_at", "is_split_anew")
    return one.kind is not Kind.WORTH and all(
        getattr(one, name) == getattr(study, name) for name in alike
    )


def _is_similar(one: Study, study: Study) -> bool:
    earlier = load_stored(one.base)
    if earlier is None:
        return False
    before, now = earlier.model_dump(), load_config(study.base).model_dump()
    epochs = sorted((before["training"]["epochs"], now["training"]["epochs"]))
    is_alike = all(value_at(before, name) == value_at(now, name) for name in _ALIKE)
    return is_alike and epochs[1] <= _EPOCHS_ALIKE * epochs[0]


def _differences(study: Study) -> list[list[float]]:
    """Arm minus reference by seed, of each other arm."""
    runs = runs_by_arm(study)
    values: dict[str, Any] = {
        arm.name: measured(study, runs[arm.name], study.primary) for arm in study.arms
    }
    reference = values[study.reference.name]
    return [
        [of_arm[seed] - reference[seed] for seed in sorted(of_arm.keys() & reference.keys())]
        for name, of_arm in values.items()
        if name != study.reference.name
    ]
