"""A study: one config, arms that each change something in it, and the same seeds for all arms."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, get_args

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.planner import check_network
from cnnlab.domain.records.training import ComparedMetric, ImageMetric, JudgedMetric, ModelMetric

MOST_ARMS, MOST_SEEDS, MOST_RUNS = 24, 50, 400
MOST_NAME_CHARACTERS = 80
JudgedAt = Literal["last", "mean_last", "cross_fitted", "best"]
"""Where in its training a run is judged; see `Study.judged_at`."""
Scope = Literal["these_images", "new_images"]
"""What a verdict is about: these validation images, or new images of this kind."""
About = Literal["these_images", "these_splits", "new_images"]
"""A scope, told apart where these images are split anew for each seed."""
Splits = Literal["shared", "each_seed", "folds"]
"""Whether all seeds train and judge by one split; see `Study.splits`."""
MARGINS: dict[JudgedMetric, tuple[float, float, float]] = {
    "val_accuracy": (0.001, 0.02, 0.5),
    "val_cross_entropy": (0.001, 0.1, 2.0),
    "gap": (0.001, 0.02, 0.5),
    "robustness": (0.001, 0.02, 0.5),
    "calibration": (0.001, 0.01, 0.2),
}
"""By metric the least margin, the usual one and the largest: nats of cross-entropy, else shares."""
IMAGE_METRICS = get_args(ImageMetric)
MODEL_METRICS = get_args(ModelMetric)
USUAL_METRICS: tuple[ComparedMetric, ...] = (*IMAGE_METRICS, "gap")
"""What arms of every study are compared by; one that is judged by another one by that too."""
SHARED = {
    "dataset", "training.seed", "split.seed", "split.validation", "split.test",
    "split.validation_draw", "split.folds",
}  # fmt: skip
"""Fields that no arm may change: what is compared must be judged by the same images."""

HIGHEST_SEED = 2**31 - 1
FEWEST_FOLDS, USUAL_FOLDS, MOST_FOLDS = 2, 5, 20
_FEWEST_EPOCHS, _MOST_EPOCHS, _EPOCHS_SHARE = 3, 10, 10
_EARLIER_JUDGED_AT: JudgedAt = "best"
"""Where the first versions judged, which noted none."""
_UNNOTED_ALPHA = 0.05
"""What earlier versions gave to the first look; to each further one, 3/4, 3/16 ... of a quarter."""


class Kind(StrEnum):
    """What a study asks."""

    COMPARE = "compare"
    DOSE = "dose"
    WORTH = "worth"


@dataclass(frozen=True)
class Arm:
    """One variant in a study.

    Attributes:
        name: shown, and unique in its study.
        changes: values by dotted config field; everything else is as in the study's base.
    """

    name: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class RecordedLook:
    """A state of a study whose verdicts somebody has seen.

    Attributes:
        state: tells the runs that counted from those of another state; empty for a look that an
            earlier version didn't note.
        alpha: chance of any false claim that it allowed, 0..1.
        at: when it was first seen, ISO 8601, UTC.
        is_planned: whether it was the first one with all runs of the study, which has the most of
            the level.
    """

    state: str
    alpha: float
    at: str = ""
    is_planned: bool = False


@dataclass(frozen=True)
class Study:
    """A comparison, as it was launched; only seeds and looks are ever added.

    Attributes:
        id: sortable and unique, like that of a run.
        name: what the user calls it.
        dataset: id of the dataset that all runs use.
        base: the whole config that the arms change, as JSON values.
        arms: the first one is the reference that the others are compared with.
        seeds: each arm is trained once with each; they pair the runs.
        primary: the metric that the verdicts are about, chosen before the launch.
        judged_at: `last` takes a run's metrics at its last epoch, `mean_last` their mean over the
            last `judged_epochs`, `cross_fitted` chooses the epoch on one half of the validation
            images and judges on the other, both ways, and `best` takes the best epoch, which
            favours arms whose accuracy jumps from epoch to epoch.
        kind: what is asked.
        created_at: ISO 8601, UTC.
        stages: how often seeds were queued: 1, and 1 more for each time that some were added, which
            users do after a look at the results.
        margin: differences up to this size don't matter, in the primary metric's own units: a
            fraction of accuracy, or nats (see `MARGINS`).
        scope: what the verdicts are about.
        anchored: whether its arms are judged together, by the images that change with the seed
            too; studies of earlier versions judged each alone.
        watch: whether its verdicts may be looked at after every seed, however often, by a test that
            finds about half as much; no look spends anything.
        looks: at its verdicts, in order.
        splits: `shared` has one split for all runs; `each_seed` draws who trains and who validates
            anew for each seed, the same for all its arms; with `folds` each seed takes the next
            fold of a division into equal parts, and the next division once all folds had their
            turn. The test part is the same in every run.
        folds: how many parts; counts with `folds` alone.
        lesson: which one it was launched for; empty for none.
        expected: what whoever launched it expected of the lesson, by its name there.
    """

    id: str
    name: str
    dataset: str
    base: dict[str, Any]
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    primary: JudgedMetric = "val_accuracy"
    judged_at: JudgedAt = "mean_last"
    kind: Kind = Kind.COMPARE
    created_at: str = ""
    stages: int = 1
    margin: float = MARGINS["val_accuracy"][1]
    scope: Scope = "these_images"
    anchored: bool = True
    watch: bool = False
    looks: tuple[RecordedLook, ...] = ()
    splits: Splits = "shared"
    folds: int = USUAL_FOLDS
    lesson: str = ""
    expected: str = ""

    @property
    def reference(self) -> Arm:
        """The arm that the others are compared with."""
        return self.arms[0]

    @property
    def about(self) -> About:
        """What its verdicts are about, as it is told in words."""
        return "these_splits" if self.is_split_anew else self.scope

    @property
    def is_split_anew(self) -> bool:
        """Whether its seeds differ in who validates."""
        return self.splits != "shared"

    @property
    def pairs(self) -> list[tuple[Arm, int]]:
        """Every run that belongs to it, seed by seed, so that an early look is balanced."""
        return [(arm, seed) for seed in self.seeds for arm in self.arms]

    @property
    def metrics(self) -> tuple[ComparedMetric, ...]:
        """What its arms are compared by."""
        is_usual = self.primary in USUAL_METRICS
        return USUAL_METRICS if is_usual else (*USUAL_METRICS, self.primary)

    @property
    def judged_epochs(self) -> int:
        """Epochs that `mean_last` is over (`judged_epochs_of`).

        The same for all arms, from the one that is to train least; a run that was stopped early is
        judged by all of its epochs where it has fewer.
        """
        planned = min(
            int(arm.changes.get("training.epochs", value_at(self.base, "training.epochs")))
            for arm in self.arms
        )
        return judged_epochs_of(planned)

    def arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            KeyError: there is none.
        """
        return {arm.name: arm for arm in self.arms}[name]

    def config(self, arm: Arm, seed: int) -> RunConfig:
        """What an arm trains with a seed.

        Raises:
            ConfigError: the arm's changes aren't possible.
        """
        changes = arm.changes | {"training.seed": seed} | self._split_changes(seed)
        changed = with_changes(self.base, changes)
        with _said_of(arm):
            return load_config(changed)

    def _split_changes(self, seed: int) -> dict[str, int | None]:
        """What a seed changes in the split.

        Settings may have been chosen by the base's own draw, usually 0, that of the split seed:
        each seed draws a later one. Of folds the base's draw says with which division they begin,
        so that every image still validates in turn.
        """
        if not self.is_split_anew:
            return {}
        draw = int(value_at(self.base, "split.validation_draw"))
        if self.splits == "each_seed":
            return {"split.folds": None, "split.validation_draw": draw + seed + 1}
        turn = self.seeds.index(seed) if seed in self.seeds else 0
        return {"split.folds": self.folds, "split.validation_draw": self.folds * draw + turn}

    def to_json(self) -> dict[str, Any]:
        """The study as JSON values."""
        return asdict(self) | {"kind": self.kind.value, "seeds": list(self.seeds)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Study":
        """The study from what `to_json` gave, in this version or an earlier one.

        Raises:
            KeyError, TypeError, ValueError: something is missing or odd.
        """
        arms = tuple(Arm(arm["name"], dict(arm["changes"])) for arm in values["arms"])
        seeds = tuple(map(int, values["seeds"]))
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        read = {"arms": arms, "seeds": seeds, "kind": Kind(values["kind"])}
        earlier = {
            "judged_at": values.get("judged_at", _EARLIER_JUDGED_AT),
            "anchored": values.get("anchored", False),
        }
        return cls(**known | read | earlier | {"looks": _looks(values), **_margin(values)})


def judged_epochs_of(planned: int) -> int:
    """Over how many of its last epochs a run is judged: a tenth of them, at least 3, at most 10.

    But never more than a third of them: before, a run is warming up.

    Args:
        planned: epochs of the run.
    """
    tenth, third = -(-planned // _EPOCHS_SHARE), max(1, planned // 3)
    return min(third, _MOST_EPOCHS, max(_FEWEST_EPOCHS, tenth))


@contextmanager
def _said_of(arm: Arm) -> Iterator[None]:
    """Say which arm it is whose config isn't possible."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"The arm {arm.name!r} isn't possible: {error}") from error


def _looks(values: Mapping[str, Any]) -> tuple[RecordedLook, ...]:
    """The looks; where an earlier version noted none, one before each time seeds were added."""
    if "looks" in values:
        return tuple(RecordedLook(**look) for look in values["looks"])
    return tuple(
        RecordedLook("", _UNNOTED_ALPHA * (0.75 * 0.25**look if look else 1), is_planned=not look)
        for look in range(int(values.get("stages", 1)) - 1)
    )


def _margin(values: Mapping[str, Any]) -> dict[str, float]:
    """The margin; that of earlier versions is the usual one."""
    primary: JudgedMetric = values.get("primary", "val_accuracy")
    return {"margin": float(values.get("margin", MARGINS[primary][1]))}


def check_study(study: Study, classes: int = 2) -> Study:
    """Return a study that can be launched as it is.

    Args:
        study: to be checked.
        classes: of its dataset; where that isn't known yet, the fewest there can be.

    Raises:
        ConfigError: there are too few or too many arms or seeds, two arms are alike or have the
            same name, an arm isn't possible, or it can't be judged as asked.
    """
    _check_sizes(study)
    _check_judging(study)
    seen: dict[str, str] = {}
    for arm in study.arms:
        too_long = len(arm.name) > MOST_NAME_CHARACTERS
        if not arm.name.strip() or too_long or not arm.name.isprintable():
            raise ConfigError(
                f"An arm needs a name of 1 to {MOST_NAME_CHARACTERS} printable characters. "
                f"Received: {arm.name!r:.100}"
            )
        if shared := sorted(SHARED & arm.changes.keys()):
            raise ConfigError(f"The arm {arm.name!r} may not change {shared[0]}: arms share it.")
        config = study.config(arm, 0)
        with _said_of(arm):
            check_network(config, classes)
        content = config.model_dump_json()
        if content in seen:
            raise ConfigError(
                f"The arms {seen[content]!r} and {arm.name!r} are the same: change one of them, or "
                "switch off in the base what an arm is meant to add."
            )
        seen[content] = arm.name
    return study


def _check_judging(study: Study) -> None:
    if study.judged_at not in get_args(JudgedAt):
        raise ConfigError(
            f"A study is judged at one of {', '.join(get_args(JudgedAt))}. Received: "
            f"{study.judged_at!r:.100}"
        )
    if study.scope not in get_args(Scope):
        raise ConfigError(
            f"The scope of a study is one of {', '.join(get_args(Scope))}. Received: "
            f"{study.scope!r:.100}"
        )
    _check_splits(study)
    _check_watch(study)
    _check_primary(study)
    least, usual, most = MARGINS[study.primary]
    if not least <= study.margin <= most:
        share = "a fraction of accuracy" if study.primary == "val_accuracy" else "a fraction"
        unit = "nats" if study.primary == "val_cross_entropy" else share
        raise ConfigError(
            f"The margin must be {least:g} to {most:g} ({unit}; usual: {usual:g}). Received: "
            f"{study.margin:g}"
        )


def _check_primary(study: Study) -> None:
    if study.primary in IMAGE_METRICS:
        return
    if study.kind is not Kind.COMPARE or study.scope == "new_images":
        raise ConfigError(
            f"By {study.primary} arms can only be compared on these validation images: ask what "
            "helps, with claims about these images, or judge by val_accuracy or val_cross_entropy."
        )


def _check_watch(study: Study) -> None:
    if study.watch and (study.kind is not Kind.COMPARE or study.scope != "these_images"):
        raise ConfigError(
            "Only verdicts that compare arms on these validation images can be watched: leave out "
            "watch, or let the claims be about these images and ask what helps."
        )


def _check_splits(study: Study) -> None:
    if study.splits not in get_args(Splits):
        raise ConfigError(
            f"The splits of a study are one of {', '.join(get_args(Splits))}. Received: "
            f"{study.splits!r:.100}"
        )
    if study.is_split_anew and study.scope == "new_images":
        raise ConfigError(
            "Verdicts about new images need the same validation images in every run: with splits "
            "drawn anew let the claims be about this dataset's images (scope: these_images)."
        )
    if study.splits == "folds" and not FEWEST_FOLDS <= study.folds <= MOST_FOLDS:
        raise ConfigError(
            f"A study has {FEWEST_FOLDS} to {MOST_FOLDS} folds. Received: {study.folds}"
        )


def _check_sizes(study: Study) -> None:
    names = [arm.name for arm in study.arms]
    if len(names) == 1:
        raise ConfigError(f"Choose at least one arm to compare with {names[0]!r}.")
    if not 2 <= len(names) <= MOST_ARMS:
        raise ConfigError(f"A study needs 2 to {MOST_ARMS} arms. Received: {len(names)}")
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"Two arms are called {double!r}: give each a name of its own.")
    if not 1 <= len(study.seeds) <= MOST_SEEDS:
        raise ConfigError(f"A study needs 1 to {MOST_SEEDS} seeds. Received: {len(study.seeds)}")
    if max(study.seeds) > HIGHEST_SEED:
        raise ConfigError(f"Seeds go up to {HIGHEST_SEED}. Received: {max(study.seeds)}")
    if len(study.pairs) > MOST_RUNS:
        raise ConfigError(
            f"{len(names)} arms with {len(study.seeds)} seeds are {len(study.pairs)} runs; a study "
            f"has at most {MOST_RUNS}: take fewer arms or seeds."
        )


def add_seeds(study: Study, count: int) -> Study:
    """The study with so many seeds more, those that follow its highest one.

    Raises:
        ConfigError: it would have too many.
    """
    first = max(study.seeds) + 1
    seeds = study.seeds + tuple(range(first, first + count))
    more = replace(study, seeds=seeds, stages=study.stages + 1)
    _check_sizes(more)
    return more


def new_study_id(now: datetime, random_hex: str) -> str:
    """A sortable id such as `s20261124-061500-a3f9`.

    Args:
        now: the moment of creation, UTC.
        random_hex: at least four hex digits that tell studies of the same second apart.
    """
    return f"s{now:%Y%m%d-%H%M%S}-{random_hex[:4]}"


def differences(base: Mapping[str, Any], changes: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """The fields that an arm changes, each with its value in the base and in the arm."""
    pairs = ((name, value_at(base, name), value) for name, value in changes.items())
    return [(name, before, after) for name, before, after in pairs if before != after]
