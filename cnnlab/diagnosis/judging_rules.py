"""Rules on whether what is judged is what was trained."""

from cnnlab.diagnosis.remedies import against_lag
from cnnlab.diagnosis.symptoms import Case, Symptom
from cnnlab.domain.words import percent

LAG_POINTS = 0.05
"""Accuracy by which training must have been better than its judgement on the same images."""

LAG_NOISE = 3.0
"""Standard deviations of the clean accuracy that this must exceed as well."""


def judging_lags(case: Case) -> Symptom | None:
    """What is judged is far worse than what was seen in training, and something can lag behind."""
    curves, averaged = case.curves, case.config.optimizer.ema_momentum is not None
    if curves.train_accuracy is None or not (case.has_batch_norm or averaged):
        return None
    seen, clean = curves.train_accuracy.end, curves.clean_accuracy.end
    if seen - clean <= max(LAG_POINTS, LAG_NOISE * case.clean_sd):
        return None
    cause = (
        "Weight averaging judges a mean of the weights of many steps, and that mean hasn't caught "
        "up yet"
        if averaged
        else "With batch norm this means that the means and variances that judging uses don't fit "
        "the weights"
    )
    words = (
        f"In training the network was right on {percent(seen)} of the training images, judged on "
        f"the same images with everything random off on only {percent(clean)} "
        f"({curves.at_the_end}). {cause}: accuracy, gap and best epoch look worse than the network "
        "is, and its size is not what is wrong."
    )
    evidence = {"train_accuracy": seen, "clean_accuracy": clean, "noise": case.clean_sd}
    remedies = against_lag(case.config, case.facts)
    return Symptom("judging_lags", "warning", words, evidence, remedies)
