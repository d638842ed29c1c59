"""Rules on how well the network fits: too closely, too loosely, no longer better."""

from collections.abc import Iterator

import numpy as np

from cnnlab.diagnosis.curves import SHORT
from cnnlab.diagnosis.deliberate import deeds
from cnnlab.diagnosis.remedies import (
    against_overfitting,
    against_plateau,
    against_underfitting,
    to_go_on,
)
from cnnlab.diagnosis.symptoms import Case, Remedy, Severity, Symptom
from cnnlab.diagnosis.trends import (
    FLAT_SHARE,
    PLATEAU_EPOCHS,
    improves,
    is_flat,
    still_moves,
    trend_words,
)
from cnnlab.domain.words import counted, listed, percent, points

NEARLY_ALL = 0.99
"""Validation accuracy from which more epochs are not worth their time, whatever else improves."""

TURN_NOISE = 4.0
"""Standard deviations that a rise above the lowest level must exceed. The lowest of many noisy
levels is low by chance, up to about two of them; two more make the rise a real one."""

TURN_SHARE = 0.05
"""A rise of less than this share of the lowest level is nothing that anyone would act on."""

STAYS_ABOVE = 0.8
"""Share of the later epochs that must lie above the lowest level for a turn to have stayed."""

TRAIN_FALL = 0.1
"""Share by which the clean train cross-entropy must still have fallen since the turn; without that
the network gets worse everywhere, which is not overfitting."""

FALLS_APART = 1.3
"""Validation must end this many times as high as clean train in cross-entropy."""

LARGE_GAP = 0.10
"""Ten points between clean train and validation are worth a run of their own to close."""

GAP_NOISE = 2.0
"""Standard deviations of sampling noise that a gap must exceed to be one at all."""

GRAVE_GAP = 0.20
"""A gap from which overfitting is what limits the model."""

LOW_ACCURACY = 0.75
"""A network that can't do better on the very images that it learns from has not learned them."""

MODEST_ACCURACY = 0.90
"""Below this, a network that still improves isn't done yet."""


def overfits(case: Case) -> Symptom | None:
    """Validation has turned while clean train goes on falling, or the gap is large."""
    lowest = _turn(case)
    if lowest is None:
        return _large_gap(case)
    curves = case.curves
    validation, clean = curves.val_cross_entropy, curves.clean_cross_entropy
    epoch, low = curves.numbers[lowest], float(validation.smooth[lowest])
    words = (
        f"From epoch {epoch} on validation cross-entropy has risen, from {low:.3f} "
        f"({curves.when(lowest)}) to {validation.end:.3f} ({curves.at_the_end}), while clean train "
        f"has fallen from {clean.smooth[lowest]:.3f} to {clean.end:.3f}. The gap at the end is "
        f"{points(curves.gap)}.{_noise_words(case)}"
    )
    evidence = {
        "epoch": epoch,
        "lowest_val_cross_entropy": low,
        "val_cross_entropy": validation.end,
        "clean_cross_entropy": clean.end,
        "noise": validation.noise,
        "gap": curves.gap,
    }
    return Symptom(
        "overfits", _overfit_severity(case), words, evidence, against_overfitting(case.config)
    )


def _turn(case: Case) -> int | None:
    """Index of the epoch at which validation turned for good, or None."""
    validation, clean = case.curves.val_cross_entropy, case.curves.clean_cross_entropy
    lowest = int(np.argmin(validation.smooth))
    low = validation.smooth[lowest]
    later = validation.values[lowest + 1 :]
    if len(later) < validation.window:
        return None
    rises = validation.end - low > max(TURN_NOISE * validation.level_noise, TURN_SHARE * low)
    stays = float(np.mean(later > low)) >= STAYS_ABOVE
    fall = clean.smooth[lowest] - clean.end
    learns_on = fall > max(TRAIN_FALL * clean.smooth[lowest], 2 * clean.level_noise)
    apart = validation.end > FALLS_APART * clean.end
    return lowest if rises and stays and learns_on and apart else None


def _large_gap(case: Case) -> Symptom | None:
    curves = case.curves
    if not _gap_exceeds(LARGE_GAP, case):
        return None
    small = np.flatnonzero(curves.gaps <= LARGE_GAP)
    begins = int(small[-1]) + 1 if len(small) else 0
    if curves.epochs - begins < curves.clean_accuracy.window:
        return None  # only just: the next epochs will tell
    epoch = curves.numbers[begins]
    is_better = improves(curves.val_cross_entropy)
    state = trend_words("Validation", curves.val_cross_entropy)
    words = (
        f"From epoch {epoch} on clean train has been more than {points(LARGE_GAP)} above "
        f"validation{curves.smoothed_words}, at the end {points(curves.gap)} ({curves.at_the_end}; "
        f"noise about {points(case.gap_sd)}).{state}{_noise_words(case)}"
    )
    evidence = {"epoch": epoch, "gap": curves.gap, "noise": case.gap_sd}
    severity: Severity = "note" if is_better else _overfit_severity(case)
    return Symptom("overfits", severity, words, evidence, against_overfitting(case.config))


def _overfit_severity(case: Case) -> Severity:
    return "problem" if _gap_exceeds(GRAVE_GAP, case) else "warning"


def _gap_exceeds(limit: float, case: Case) -> bool:
    return case.curves.gap > max(limit, GAP_NOISE * case.gap_sd)


def underfits(case: Case) -> Symptom | None:
    """Clean train accuracy itself is low, or modest and still rising; the gap isn't large.

    Under label noise the labels that are wrong on purpose are not asked for.
    """
    curves = case.curves
    moves = still_moves(curves.clean_cross_entropy)
    # A mean over epochs of a curve that goes on rising is of a network that is no more.
    clean = float(curves.clean_accuracy.values[-1]) if moves else curves.clean_accuracy.end
    when = f"epoch {curves.numbers[-1]}" if moves else curves.at_the_end
    is_low = clean < LOW_ACCURACY * case.right_labels
    is_modest = moves and clean < MODEST_ACCURACY * case.right_labels
    if (
        not (is_low or is_modest)
        or _gap_exceeds(LARGE_GAP, case)
        or not case.is_far_enough
        or _was_seen_right(case)
    ):
        return None
    done = deeds(case)
    words = (
        f"After {counted(curves.numbers[-1], 'epoch')} accuracy on the training images themselves "
        f"is only {percent(clean)} ({when}); the gap to validation is {points(curves.gap)}"
        f"{f' ({curves.at_the_end})' if when != curves.at_the_end else ''}."
    ) + trend_words("Clean train", curves.clean_cross_entropy)
    if done:
        words += f" What holds it back may be what was set: {listed([one.words for one in done])}."
    evidence = {
        "clean_accuracy": clean,
        "gap": curves.gap,
        "last_third_share": curves.clean_cross_entropy.recent_share,
    }
    severity: Severity = "warning" if is_low else "note"

    def remedies() -> Iterator[Remedy]:
        for one in done:
            yield from one.remedies
        yield from against_underfitting(case.config, moves or curves.epochs < SHORT)

    return Symptom("underfits", severity, words, evidence, remedies())


def _was_seen_right(case: Case) -> bool:
    """Whether most was right in training already: then no larger network is needed."""
    seen = case.curves.train_accuracy
    return seen is not None and seen.end >= MODEST_ACCURACY


def plateau(case: Case) -> Symptom | None:
    """Nothing has improved over the last third of the run."""
    curves = case.curves
    watched = (curves.val_cross_entropy, curves.clean_cross_entropy)
    better = curves.val_accuracy.recent_change > max(
        2 * curves.val_accuracy.level_noise, case.validation_sd / 2
    )
    if curves.epochs < PLATEAU_EPOCHS or better or not all(map(is_flat, watched)):
        return None
    validation = curves.val_cross_entropy
    slack = max(FLAT_SHARE * (validation.start - validation.end), 2 * validation.noise)
    since = int(np.argmax(validation.smooth <= validation.smooth.min() + slack))
    epoch = curves.numbers[since]
    words = (
        "Nothing has improved by more than noise over the last third of the run: validation "
        f"cross-entropy has been at about {validation.end:.3f} since epoch {epoch} of "
        f"{curves.numbers[-1]}, accuracy is {percent(curves.val_accuracy.end)} "
        f"({curves.at_the_end})."
    )
    evidence = {
        "epoch": epoch,
        "val_cross_entropy": validation.end,
        "last_third_change": validation.recent_change,
        "noise": validation.noise,
    }
    remedies = against_plateau(case.config, epoch, curves.numbers[curves.best])
    return Symptom("plateau", "note", words, evidence, remedies)


def healthy(case: Case) -> Symptom | None:
    """Said where no other rule has found anything, and the run has come far enough to tell."""
    curves = case.curves
    if not case.is_far_enough:
        return None
    moves = improves(curves.val_cross_entropy)
    trend = "" if plateau(case) else trend_words("Validation", curves.val_cross_entropy)
    words = (
        f"Validation accuracy {percent(curves.val_accuracy.end)}, clean train "
        f"{percent(curves.clean_accuracy.end)}, a gap of {points(curves.gap)} "
        f"({curves.at_the_end}; noise of the gap about {points(case.gap_sd)}).{trend}"
    )
    evidence = {
        "val_accuracy": curves.val_accuracy.end,
        "clean_accuracy": curves.clean_accuracy.end,
        "gap": curves.gap,
        "noise": case.gap_sd,
    }
    has_room = curves.val_accuracy.end < NEARLY_ALL
    more = moves and has_room and case.facts.is_over
    remedies = to_go_on(case.config) if more else iter(())
    return Symptom("healthy", "good", words, evidence, remedies)


def _noise_words(case: Case) -> str:
    """That labels were made wrong on purpose, which no network can learn but by heart."""
    noise = case.config.split.label_noise_fraction
    if not noise:
        return ""
    return (
        f" {percent(noise, decimals=0)} of the training labels are wrong on purpose: what is "
        "learned of them is learned by heart."
    )
