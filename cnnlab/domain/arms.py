"""Ready-made arms, and those of the studies that turn one thing step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.augmentations.table import BLENDS, MEMBERS
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig, change_config, field_words, load_config
from cnnlab.domain.errors import ConfigError, FieldProblem
from cnnlab.domain.study import Arm
from cnnlab.domain.words import with_unit
from cnnlab.fields import bounds, extra, legal_number, walk

BASELINE, ALL = "baseline", "all"
USUAL_ARMS = ("baseline", "augmentation", "dropout", "l2", "all")


@dataclass(frozen=True)
class ReadyArm:
    """An arm that is offered by name.

    Attributes:
        label: what it is called on screen.
        help: what it does, in a sentence.
        changes: values by dotted config field.
    """

    label: str
    help: str
    changes: dict[str, Any]


_PART = "augmentation."

AUGMENTATION: dict[str, Any] = {
    _PART + member.name: member.in_ready_arm
    for member in MEMBERS
    if member.in_ready_arm is not None
}
"""Without a flip: mirrored digits and letters are other ones."""

READY_ARMS: dict[str, ReadyArm] = {
    "baseline": ReadyArm("baseline", "The base as it is.", {}),
    "augmentation": ReadyArm(
        "augmentation", "Images turned, zoomed and shifted a little, anew each time.", AUGMENTATION
    ),
    "dropout": ReadyArm(
        "dropout",
        "Half of the values before each dense layer are zeroed at each step.",
        {"regularization.dropout": 0.5},
    ),
    "l2": ReadyArm(
        "L2",
        "The loss grows with the squared weights, which keeps them small.",
        {"regularization.l2": 1e-3},
    ),
    "l1": ReadyArm(
        "L1",
        "The loss grows with the weights' size, which pushes many to zero.",
        {"regularization.l1": 1e-5},
    ),
    "batch_norm": ReadyArm(
        "batch norm",
        "Each layer's values are normalized over the batch.",
        {"regularization.batch_norm": True},
    ),
    "label_smoothing": ReadyArm(
        "label smoothing",
        "A tenth of the target is moved from the true class to all classes.",
        {"regularization.label_smoothing": 0.1},
    ),
    "weight_decay": ReadyArm(
        "weight decay",
        "Each weight shrinks a little at each step, apart from the loss.",
        {"regularization.weight_decay": 1e-2},
    ),
    "class_weights": ReadyArm(
        "class weights",
        "Rare classes count as much as common ones in the loss.",
        {"training.class_weights": "balanced"},
    ),
    "balanced_sampling": ReadyArm(
        "balanced sampling",
        "Every class is drawn equally often, rare ones several times an epoch.",
        {"training.sampling": "balanced"},
    ),
    "focal": ReadyArm(
        "focal loss",
        "Images count less the surer the network is of them already.",
        {"training.loss": "focal", "training.focal_gamma": 2.0},
    ),
    "early_stopping": ReadyArm(
        "early stopping",
        "Training ends once validation no longer improves: where its last epochs are low by "
        "chance, so that it is judged a few tenths of a point too low.",
        {"regularization.early_stopping": True},
    ),
    **{
        member.own_arm.name: ReadyArm(
            member.label, member.own_arm.help, {_PART + member.name: member.own_arm.strength}
        )
        for member in MEMBERS
        if member.own_arm
    },
    "all": ReadyArm(
        "all together", "What the other arms change, at once; early stopping left out.", {}
    ),
}
_WITH = " with "
_USUAL_ALL = ("augmentation", "dropout", "l2")


def ready_arms(names: Sequence[str]) -> tuple[Arm, ...]:
    """Ready-made arms in the order given, the baseline first.

    `all` holds what the other chosen arms change (of those that blend images and of those that
    balance classes the first, early stopping left out), or augmentation, dropout and L2 where there
    is no other.

    Raises:
        ConfigError: a name isn't known.
    """
    unknown = [name for name in names if name not in READY_ARMS]
    if unknown:
        known = ", ".join(READY_ARMS)
        raise ConfigError(f"There is no ready-made arm {unknown[0]!r}: choose among {known}.")
    chosen = [BASELINE, *(name for name in dict.fromkeys(names) if name != BASELINE)]
    return tuple(
        Arm(READY_ARMS[name].label, _together(chosen) if name == ALL else READY_ARMS[name].changes)
        for name in chosen
    )


def _together(chosen: Sequence[str]) -> dict[str, Any]:
    left_out = {BASELINE, ALL, "early_stopping"}
    parts = [name for name in chosen if name not in left_out] or list(_USUAL_ALL)
    for alike in (_blends, _balances):  # of which a config has one
        found = [name for name in parts if alike(READY_ARMS[name])]
        parts = [name for name in parts if name not in found[1:]]
    return {field: value for name in parts for field, value in READY_ARMS[name].changes.items()}


def _blends(arm: ReadyArm) -> bool:
    return any(field.removeprefix(_PART) in BLENDS for field in arm.changes)


def _balances(arm: ReadyArm) -> bool:
    return "balanced" in arm.changes.values()


def own_arm(name: str, base: Mapping[str, Any], changes: Sequence[str]) -> Arm:
    """An arm from changes such as `regularization.dropout=0.5`.

    Args:
        name: what to call it; empty takes the changes themselves.
        base: the study's base, as JSON values.
        changes: each a dotted field, `=` and a value.

    Raises:
        ConfigError: there is none, or one isn't possible.
    """
    if not changes:
        raise ConfigError(f"The arm {name or 'without a name'!r} changes nothing: name a field.")
    changed = load_config(change_config(base, changes)).model_dump(mode="json")
    fields = [change.partition("=")[0].strip() for change in changes]
    values = {field: value_at(changed, field) for field in fields}
    return Arm(name.strip() or ", ".join(changes), values)


def named(changes: Mapping[str, Any]) -> str:
    """What changes are called, by the labels of their fields: `Dropout 0.5 + L2 0.001`."""
    infos = dict(walk(RunConfig))
    return " + ".join(
        f"{extra(infos[name], 'label')} off"
        if value is None or value is False
        else field_words(name, infos[name], value)
        for name, value in changes.items()
    )


USUAL_VALUES: dict[str, Any] = {
    field: value for ready in READY_ARMS.values() for field, value in ready.changes.items()
}
"""By dotted field what ready-made arms set it to."""

DOSES: dict[str, tuple[float, ...]] = {
    "regularization.dropout": (0.0, 0.2, 0.4, 0.6, 0.8),
    "regularization.l2": (0.0, 1e-4, 1e-3, 1e-2, 1e-1),
    "regularization.l1": (0.0, 1e-6, 1e-5, 1e-4, 1e-3),
    "regularization.weight_decay": (0.0, 1e-3, 1e-2, 1e-1, 1.0),
    "regularization.label_smoothing": (0.0, 0.05, 0.1, 0.2, 0.4),
    "regularization.spatial_dropout": (0.0, 0.1, 0.2, 0.4, 0.6),
    "regularization.gaussian_noise": (0.0, 0.03, 0.1, 0.2, 0.4),
    **{_PART + member.name: member.doses for member in MEMBERS if member.doses},
    "split.label_noise_fraction": (0.0, 0.1, 0.2, 0.4, 0.6),
    "architecture.filters": (4, 8, 16, 32, 64),
}
"""What a dose-response study turns, from the reference on to what is surely too much."""


def dose_arms(field: str, strengths: Sequence[float]) -> tuple[Arm, ...]:
    """One arm for each strength of one field; the lowest is the reference.

    Raises:
        ConfigError: the field isn't a number, or a strength is out of its range.
    """
    info = dict(walk(RunConfig)).get(field)
    if info is None:
        raise ConfigError(f"There is no field {field!r}: choose among {', '.join(DOSES)}.")
    low, high = bounds(info)
    if low is None or high is None:
        raise ConfigError(f"{field} isn't a strength: choose among {', '.join(DOSES)}.")
    wrong = [value for value in strengths if not low <= value <= high]
    if wrong:
        words = f"must be {legal_number(info)}. Received: {wrong[0]:g}"
        raise ConfigError(problems=[FieldProblem(field, words)])
    label, unit = extra(info, "label"), extra(info, "unit")
    ordered = sorted(set(strengths))
    return tuple(
        Arm(f"{label} {with_unit(f'{value:g}', unit)}", {field: value}) for value in ordered
    )


def worth_arms(
    sizes: Sequence[int], epochs: Mapping[int, int], changes: Mapping[str, Any]
) -> tuple[Arm, ...]:
    """Arms that ask how many images a change is worth: each size without it and with it.

    Args:
        sizes: training images per class.
        epochs: by size, so that all arms train for about as many steps.
        changes: values by dotted config field.

    Returns:
        The largest size first, without the changes: the reference.
    """
    arms, label = [], ready_label(changes)
    for size in sorted(set(sizes), reverse=True):
        fixed = {"split.images_per_class": size, "training.epochs": epochs[size]}
        arms.append(Arm(f"{size} a class", fixed))
        arms.append(Arm(f"{size} a class{_WITH}{label}", fixed | dict(changes)))
    return tuple(arms)


def change_words(plain: Arm, changed: Arm) -> str:
    """What the second of two arms of the same size changes: a ready-made arm's label, if it is one.

    Args:
        plain: the arm without the change.
        changed: the arm with it.
    """
    return ready_label(
        {name: value for name, value in changed.changes.items() if name not in plain.changes}
    )


def ready_label(changes: Mapping[str, Any]) -> str:
    """What changes are called: a ready-made arm's label, if they are one, else `the change`."""
    labels = (ready.label for ready in READY_ARMS.values() if ready.changes == dict(changes))
    return next(labels, "the change")


def size_words(name: str) -> str:
    """What an arm from `worth_arms` says of its size, without the change."""
    return name.partition(_WITH)[0]


def same_size(arms: Sequence[Arm]) -> dict[str, str]:
    """Of arms from `worth_arms` those with the change, each with the one without it."""
    names = {arm.name for arm in arms}
    plain = {arm.name: size_words(arm.name) for arm in arms}
    return {name: other for name, other in plain.items() if name != other and other in names}


def ready_name(arm: Arm) -> str:
    """The name by which a ready-made arm is asked for; of any other arm its own."""
    for name, ready in READY_ARMS.items():
        if ready.label == arm.name and (name == ALL or ready.changes == arm.changes):
            return name
    return arm.name
