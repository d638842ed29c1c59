"""Rules on labels: wrong ones that were learned by heart, known ones or suspected."""

import numpy as np

from cnnlab.diagnosis.fit_rules import GAP_NOISE, TURN_NOISE
from cnnlab.diagnosis.remedies import against_label_noise
from cnnlab.diagnosis.symptoms import Case, Symptom
from cnnlab.domain.words import percent

PEAK_FALL = 0.04
"""Accuracy that validation must have lost since an early peak: ordinary overfitting raises the
cross-entropy but seldom costs this much accuracy, learning wrong labels by heart does (Zhang et
al., arXiv:1611.03530; Arpit et al., arXiv:1706.05394)."""

LEARNED_WRONG = 0.5
"""Share of the labels that are wrong on purpose from which most of them were learned by heart."""

MEMORIZED = 0.90
"""Clean train accuracy above which a network knows even the odd images by heart."""


def label_noise(case: Case) -> Symptom | None:
    """Wrong labels that were learned by heart: known ones, or what looks like them."""
    return _wrong_on_purpose(case) if case.right_labels < 1 else _perhaps_wrong(case)


def _wrong_on_purpose(case: Case) -> Symptom | None:
    """Clean train accuracy, judged by the wrong labels too, is above the share of right ones."""
    validation, clean = case.curves.val_accuracy, case.curves.clean_accuracy
    wrong = 1 - case.right_labels
    learned = clean.end - case.right_labels
    if learned <= max(LEARNED_WRONG * wrong, GAP_NOISE * case.clean_sd):
        return None
    words = (
        f"{percent(wrong, decimals=0)} of the training labels are wrong on purpose, and the "
        f"network has learned most of them by heart: clean train accuracy is "
        f"{percent(clean.end)}, where the right labels alone give "
        f"{percent(case.right_labels, decimals=0)}. Validation, whose labels are right, is at "
        f"{percent(validation.end)} ({case.curves.at_the_end})."
    )
    evidence = {
        "wrong_labels": wrong,
        "clean_accuracy": clean.end,
        "val_accuracy": validation.end,
    }
    remedies = against_label_noise(case.config)
    return Symptom("label_noise", "warning", words, evidence, remedies)


def _perhaps_wrong(case: Case) -> Symptom | None:
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
        f"Some labels may be wrong: validation accuracy fell from {percent(top)} "
        f"({curves.when(peak)}) to {percent(validation.end)} ({curves.at_the_end}) while clean "
        f"train accuracy rose from {percent(clean.smooth[peak])} to {percent(clean.end)}. Hard "
        "images and overfitting alone can look like this too; the images under 'Where it errs "
        "most' tell."
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
