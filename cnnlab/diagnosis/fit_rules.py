"""Rules on how well the network fits: too closely, too loosely, no longer better."""

import numpy as np

from cnnlab.diagnosis.curves import Curve
from cnnlab.diagnosis.remedies import (
    against_label_noise,
    against_overfitting,
    against_plateau,
    against_underfitting,
    to_go_on,
)
from cnnlab.diagnosis.symptoms import Case, Severity, Symptom
from cnnlab.domain.words import percent, points

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

STILL_MOVING = 0.10
"""A last third that brought a tenth of the whole improvement: on an exponential approach, the run
was less than three time constants long."""

FLAT_SHARE = 0.02
"""A last third that brought at most this share of the whole improvement brought nothing."""

PLATEAU_EPOCHS = 9
"""Shorter runs have less than three epochs in their last third."""

PEAK_FALL = 0.04
"""Accuracy that validation must have lost since an early peak: ordinary overfitting raises the
cross-entropy but seldom costs this much accuracy, learning wrong labels by heart does (Zhang et
al., arXiv:1611.03530; Arpit et al., arXiv:1706.05394)."""

MEMORIZED = 0.90
"""Clean train accuracy above which a network knows even the odd images by heart."""


def overfits(case: Case) -> Symptom | None:
    """Validation has turned while clean train goes on falling, or the gap is large."""
    lowest = _turn(case)
    if lowest is None:
        return _large_gap(case)
    curves = case.curves
    validation, clean = curves.val_cross_entropy, curves.clean_cross_entropy
    epoch, low = curves.numbers[lowest], float(validation.smooth[lowest])
    words = (
        f"It overfits from epoch {epoch}: validation cross-entropy has risen since then from "
        f"{low:.3f} to {validation.end:.3f}, clean train has fallen from "
        f"{clean.smooth[lowest]:.3f} to {clean.end:.3f}. The gap is {points(curves.gap)}."
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
    improves = _improves(curves.val_cross_entropy)
    state = "still improves" if improves else "no longer improves"
    words = (
        f"It overfits from epoch {epoch}: since then clean train has been more than "
        f"{points(LARGE_GAP)} above validation, at the end {points(curves.gap)} "
        f"(noise about {points(case.gap_sd)}). Validation {state}."
    )
    evidence = {"epoch": epoch, "gap": curves.gap, "noise": case.gap_sd}
    severity: Severity = "note" if improves else _overfit_severity(case)
    return Symptom("overfits", severity, words, evidence, against_overfitting(case.config))


def _overfit_severity(case: Case) -> Severity:
    return "problem" if _gap_exceeds(GRAVE_GAP, case) else "warning"


def _gap_exceeds(limit: float, case: Case) -> bool:
    return case.curves.gap > max(limit, GAP_NOISE * case.gap_sd)


def underfits(case: Case) -> Symptom | None:
    """Clean train accuracy itself is low, or modest and still rising; the gap isn't large."""
    curves = case.curves
    accuracy = curves.clean_accuracy.end
    moves = _still_moves(curves.clean_cross_entropy)
    low = accuracy < LOW_ACCURACY or (accuracy < MODEST_ACCURACY and moves)
    if not low or _gap_exceeds(LARGE_GAP, case) or not case.is_far_enough:
        return None
    trend = "and is still improving" if moves else "and has stopped improving"
    words = (
        f"It underfits: accuracy on the training images themselves is only {percent(accuracy)} "
        f"{trend}; the gap to validation is {points(curves.gap)}."
    )
    evidence = {
        "clean_accuracy": accuracy,
        "gap": curves.gap,
        "last_third_share": curves.clean_cross_entropy.recent_share,
    }
    severity: Severity = "warning" if accuracy < LOW_ACCURACY else "note"
    remedies = against_underfitting(case.config, moves)
    return Symptom("underfits", severity, words, evidence, remedies)


def plateau(case: Case) -> Symptom | None:
    """Nothing has improved over the last third of the run."""
    curves = case.curves
    watched = (curves.val_cross_entropy, curves.clean_cross_entropy)
    better = curves.val_accuracy.recent_change > max(
        2 * curves.val_accuracy.level_noise, case.validation_sd / 2
    )
    if curves.epochs < PLATEAU_EPOCHS or better or not all(map(_is_flat, watched)):
        return None
    validation = curves.val_cross_entropy
    slack = max(FLAT_SHARE * (validation.start - validation.end), 2 * validation.noise)
    since = int(np.argmax(validation.smooth <= validation.smooth.min() + slack))
    epoch = curves.numbers[since]
    words = (
        f"Nothing has improved over the last third of the run: validation cross-entropy has been "
        f"at about {validation.end:.3f} since epoch {epoch} of {curves.numbers[-1]}, accuracy at "
        f"{percent(curves.val_accuracy.end)}."
    )
    evidence = {
        "epoch": epoch,
        "val_cross_entropy": validation.end,
        "last_third_change": validation.recent_change,
        "noise": validation.noise,
    }
    remedies = against_plateau(case.config, epoch)
    return Symptom("plateau", "note", words, evidence, remedies)


def label_noise(case: Case) -> Symptom | None:
    """Validation accuracy peaked early and fell while train went on to learn all by heart."""
    curves = case.curves
    validation, clean = curves.val_accuracy, curves.clean_accuracy
    peak = int(np.argmax(validation.smooth))
    fall = float(validation.smooth[peak]) - validation.end
    early = peak <= curves.epochs / 2 and clean.smooth[peak] < MEMORIZED
    memorizes = clean.end >= MEMORIZED and clean.end - clean.smooth[peak] > PEAK_FALL
    least = max(PEAK_FALL, TURN_NOISE * validation.level_noise)
    if not (early and memorizes and fall > least):
        return None
    epoch, top = curves.numbers[peak], float(validation.smooth[peak])
    words = (
        f"Some labels may be wrong: validation accuracy fell from {percent(top)} at epoch {epoch} "
        f"to {percent(validation.end)} while clean train accuracy rose from "
        f"{percent(clean.smooth[peak])} to {percent(clean.end)}. Hard images and overfitting alone "
        "can look like this too; the images with the highest loss tell."
    )
    evidence = {
        "epoch": epoch,
        "best_val_accuracy": top,
        "val_accuracy": validation.end,
        "clean_accuracy": clean.end,
        "noise": validation.noise,
    }
    remedies = against_label_noise(case.config)
    return Symptom("label_noise", "warning", words, evidence, remedies)


def healthy(case: Case) -> Symptom | None:
    """Said where no other rule has found anything, and the run has come far enough to tell."""
    curves = case.curves
    if not case.is_far_enough:
        return None
    moves = _improves(curves.val_cross_entropy)
    trend = "validation still improves" if moves else "validation has levelled off"
    words = (
        f"This looks healthy: validation accuracy {percent(curves.val_accuracy.end)}, clean train "
        f"{percent(curves.clean_accuracy.end)}, a gap of {points(curves.gap)} "
        f"(noise about {points(case.gap_sd)}), and {trend}."
    )
    evidence = {
        "val_accuracy": curves.val_accuracy.end,
        "clean_accuracy": curves.clean_accuracy.end,
        "gap": curves.gap,
        "noise": case.gap_sd,
    }
    remedies = to_go_on(case.config) if moves and case.facts.is_over else iter(())
    return Symptom("healthy", "good", words, evidence, remedies)


def _improves(curve: Curve) -> bool:
    """Whether a cross-entropy fell over the last third by more than noise and than nothing."""
    return -curve.recent_change > 2 * curve.level_noise and curve.recent_share > FLAT_SHARE


def _still_moves(curve: Curve) -> bool:
    """Whether the last third brought a good part of the improvement, noise taken off."""
    surely = -curve.recent_change - curve.level_noise
    return _improves(curve) and surely >= STILL_MOVING * (curve.start - curve.end)


def _is_flat(curve: Curve) -> bool:
    """Whether a cross-entropy fell over the last third by at most noise or the smallest share."""
    whole = abs(curve.start - curve.end)
    slack = max(FLAT_SHARE * whole, 2 * curve.level_noise)
    return -curve.recent_change <= slack
