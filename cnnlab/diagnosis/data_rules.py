"""Rules on what the validation images can tell, and whether they are fair."""

import math

import numpy as np

from cnnlab.diagnosis.curves import Curves, binomial_sd, wilson_interval
from cnnlab.diagnosis.data_remedies import (
    against_class_sets,
    against_copies,
    against_imbalance,
    against_leak,
    against_small_validation,
)
from cnnlab.diagnosis.symptoms import Case, RunFacts, Severity, Symptom
from cnnlab.domain.words import counted, percent, points

VERY_WIDE = 2.0
"""Times the effect looked for, from which the interval makes any ranking of runs a lottery."""

SKEWED = 1.5
"""Times the fair share from which a class is so large that accuracy begins to hide the others."""

MACRO_BELOW = 0.10
"""Points by which macro F1 must lie below accuracy (beyond noise) to be called far below."""

NOT_ABOVE_MAJORITY = 1.0
"""Standard deviations by which accuracy must exceed the majority share to mean anything."""

LEAK_NOISE = 3.0
"""Standard deviations of both accuracies by which validation must lie above clean train: the two
are different images, and one may be the easier by chance (3 sd: about 1 in 700)."""

LEAK_POINTS = 0.03
"""A lead under three points is nothing to suspect anybody of."""

GRAVE_COPIES = 0.10
"""Share of copied validation images from which their accuracy says little about new images."""

FOLLOW_FROM_LOST_IMAGES = frozenset(
    ("learning_rate_too_low", "overfits", "label_noise", "imbalance", "plateau")
)
"""What validation images of classes that nobody can have learned make look like these."""


def class_sets(facts: RunFacts, *, hides_rate: bool) -> Symptom | None:
    """Classes that training or validation lacks: this needs no curves.

    Args:
        facts: of the run.
        hides_rate: whether a learning rate that looks too high may follow from it.
    """
    sets = facts.class_sets
    if not sets:
        return None
    words = sets.words
    evidence: dict[str, float] = {
        "untrained_classes": len(sets.untrained),
        "unjudged_classes": len(sets.unjudged),
        "lost_images": sets.lost_images,
    }
    hides: frozenset[str] = frozenset()
    severity: Severity = "warning" if sets.untrained else "note"
    if sets.lost_images:
        best = 1 - sets.lost_images / max(facts.validation_images, sets.lost_images)
        words += f" Validation accuracy can't exceed {percent(best)}."
        evidence["highest_accuracy"] = best
        severity = "problem"
        hides = FOLLOW_FROM_LOST_IMAGES | ({"learning_rate_too_high"} if hides_rate else set())
    remedies = against_class_sets(facts)
    return Symptom("class_sets", severity, words, evidence, remedies, hides)


def validation_too_small(
    best_accuracy: float | None, config_shares: tuple[float, float], facts: RunFacts
) -> Symptom | None:
    """The 95 % interval of the best accuracy is wider than the effect looked for.

    Args:
        best_accuracy: highest validation accuracy of any epoch, 0..1, or None.
        config_shares: validation and test share of the config.
        facts: number of images, and the effect.
    """
    if best_accuracy is None or facts.validation_images < 1:
        return None
    low, high = wilson_interval(best_accuracy, facts.validation_images)
    width = high - low
    if width <= facts.least_effect:
        return None
    needed = images_needed(best_accuracy, facts.least_effect)
    words = (
        f"Runs that differ by less than {points(width)} can't be told apart. So wide is the 95 % "
        f"interval of the best accuracy, {percent(best_accuracy)}, on "
        f"{counted(facts.validation_images, 'image')}. About {needed:,} images would tell "
        f"{points(facts.least_effect)} apart."
    )
    evidence = {
        "validation_images": facts.validation_images,
        "accuracy": best_accuracy,
        "low": low,
        "high": high,
        "images_needed": needed,
    }
    severity: Severity = "warning" if width > VERY_WIDE * facts.least_effect else "note"
    remedies = against_small_validation(
        config_shares,
        facts.validation_images,
        needed,
        told_apart=lambda images: _interval_width(best_accuracy, images),
        is_ours=not facts.owns_validation,
    )
    return Symptom("validation_too_small", severity, words, evidence, remedies)


def images_needed(accuracy: float, width: float) -> int:
    """Images over which the Wilson interval of `accuracy` is at most about `width` wide."""
    needed = 10
    while needed < 10**7:
        if _interval_width(accuracy, needed) <= width:
            break
        needed = math.ceil(needed * 1.02)
    return needed


def _interval_width(accuracy: float, images: int) -> float:
    low, high = wilson_interval(accuracy, images)
    return high - low


def imbalance(case: Case) -> Symptom | None:
    """Accuracy is no better than always saying the largest class, or hides the rare ones."""
    facts, classes = case.facts, sum(count > 0 for count in case.facts.class_counts)
    fair = 1.0 / classes if classes else 0.5
    if facts.largest_share < SKEWED * fair:
        return None
    best = case.curves.best
    accuracy, majority = float(case.curves.val_accuracy.values[best]), facts.largest_share
    at_majority = accuracy <= majority + NOT_ABOVE_MAJORITY * binomial_sd(
        accuracy, max(facts.validation_images, 1)
    )
    if not (at_majority or _macro_far_below(case)):
        return None
    evidence = {"val_accuracy": accuracy, "majority_share": majority}
    words = (
        f"Accuracy hides the rare classes: on the validation images it is {percent(accuracy)} at "
        f"best (epoch {case.curves.numbers[best]}), and always saying their largest class gives "
        f"{percent(majority)}."
    )
    if facts.macro_f1 is not None:
        evidence["macro_f1"] = facts.macro_f1
        words += f" Macro F1, where every class counts alike, is {percent(facts.macro_f1)}."
    trained = [count for count in facts.train_counts if count]
    if trained and max(trained) > min(trained):
        evidence["fewest_trained"] = min(trained)
        words += (
            f" The training images of a class are {min(trained):,} at fewest and {max(trained):,} "
            "at most."
        )
    return Symptom(
        "imbalance", "warning", words, evidence, against_imbalance(case.config, facts.train_counts)
    )


def _macro_far_below(case: Case) -> bool:
    facts = case.facts
    if facts.macro_f1 is None:
        return False
    best = float(case.curves.val_accuracy.values.max())
    return best - facts.macro_f1 > max(MACRO_BELOW, 2 * _macro_sd(facts))


def _macro_sd(facts: RunFacts) -> float:
    """Sampling noise of macro F1, taken as that of the mean recall over the classes."""
    recalls = facts.per_class_recall or ()
    counted = [
        (recall, count) for recall, count in zip(recalls, facts.class_counts, strict=False) if count
    ]
    if not counted:
        return 0.0
    return math.hypot(*(binomial_sd(*pair) for pair in counted)) / len(counted)


def copies(facts: RunFacts) -> Symptom | None:
    """Validation images that were trained on: this needs no curves.

    A kind of its own: a picture or two don't make a lead of validation over clean train, which may
    have another cause. Many do, and then that is said.
    """
    copied, images = facts.copied_images, facts.validation_images
    if not copied or images < 1:
        return None
    share = min(copied / images, 1.0)
    severity: Severity = "note"
    if share > LEAK_POINTS:
        severity = "problem" if share > GRAVE_COPIES else "warning"
    is_are = "is" if copied == 1 else "are"
    learned = "its answer is" if copied == 1 else "their answers are"
    words = (
        f"{copied:,} of {counted(images, 'validation image')} {is_are} among the training images "
        f"too: {learned} learned, and validation accuracy may be up to {points(share)} too high."
    )
    if severity == "problem":
        words += " It is not honest."
    evidence = {"copied_images": copied, "validation_images": images}
    return Symptom(
        "copies",
        severity,
        words,
        evidence,
        against_copies(facts),
        hides=frozenset({"suspected_leak"} if severity == "problem" else ()),
    )


def suspected_leak(case: Case) -> Symptom | None:
    """Validation is clearly and steadily above clean train.

    What label noise takes from clean train, which is judged by the wrong labels too, is no lead.
    """
    curves = case.curves
    wrong = 1 - case.right_labels
    lead = -curves.gap - wrong * curves.val_accuracy.end
    steady = bool(np.all(_last_third(curves) < -wrong))
    if lead <= max(LEAK_POINTS, LEAK_NOISE * case.gap_sd) or not steady:
        return None
    words = (
        f"Validation accuracy is {percent(curves.val_accuracy.end)}, {points(-curves.gap)} above "
        f"clean train ({curves.at_the_end}; noise about {points(case.gap_sd)}), and that is not "
        "how unseen images behave: they may be copies of training images, or much easier ones."
    )
    evidence = {
        "val_accuracy": curves.val_accuracy.end,
        "clean_accuracy": curves.clean_accuracy.end,
        "lead": -curves.gap,
        "noise": case.gap_sd,
    }
    remedies = against_leak(case.config, case.facts)
    return Symptom("suspected_leak", "warning", words, evidence, remedies)


def _last_third(curves: Curves) -> np.ndarray:
    return curves.gaps[-max(curves.epochs // 3, 1) :]
