"""Rules on the learning rate: too high or too low."""

from collections.abc import Sequence

from cnnlab.diagnosis.curves import Curve, is_finite
from cnnlab.diagnosis.remedies import against_high_rate, against_low_rate, against_spent_rate
from cnnlab.diagnosis.symptoms import Case, Evidence, RunFacts, Symptom
from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.presets import layers_of
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.domain.words import percent

EXPLODED = 5.0
"""Times the cross-entropy of guessing that no train epoch reaches with a fitting rate: fresh
weights begin at up to 2 times it, strong dropout is divided out."""

CLEAN_EXPLODED = 3.0
"""The same with everything off, after the first epochs."""

SWING_SHARE = 0.1
"""Epoch-to-epoch swing of the train cross-entropy, as a share of that of guessing, above which the
steps are too long; runs with a fitting rate swing by up to 0.04 of it."""

AT_CHANCE = 0.97
"""Share of the cross-entropy of guessing above which nothing was learned."""

FAR_ABOVE_USUAL = 3.0
"""Times the optimizer's usual rate from which the rate itself is the suspect."""

FAR_BELOW_USUAL = 5.0
"""The same on the low side, as a divisor; a third of the usual rate is common (3e-4 in adam)."""

STEADY_THIRDS = (0.2, 0.5)
"""Part of the whole improvement that each third brings on an almost straight line (1/3 each)."""

BARELY_MOVED = 0.6
"""A run that ends above this share of its first cross-entropy has most of its way before it."""

NOT_LEVELLED = 0.15
"""Part of the improvement that the last third brings at least where a curve still goes on; with the
rate itself a suspect, that is enough."""

STUCK = 0.05
"""A run that improved by less than this share has hardly moved."""

SPENT = 1 / 500
"""Share of its highest value below which a rate hardly moves a weight any more."""

SPENT_SHARE = 0.2
"""Share of a run at such a rate from which it is worth a word: a cosine ends with 4 % of it, a
one-cycle with 3."""


def not_finite(
    history: Sequence[EpochRecord], config: RunConfig, facts: RunFacts
) -> Symptom | None:
    """The loss was no longer a number; this can be said after any number of epochs.

    Args:
        history: oldest first.
        config: of the run.
        facts: its status and message.
    """
    broken = [record["epoch"] + 1 for record in history if not is_finite(record)]
    failed = facts.status == Status.FAILED and "finite" in (facts.message or "")
    if not broken and not failed:
        return None
    epoch = broken[0] if broken else len(history) + 1
    words = (
        f"The learning rate is too high: in epoch {epoch} the loss was no longer a finite number "
        f"at a rate of {config.optimizer.learning_rate:g}."
    )
    evidence = {"epoch": epoch, "learning_rate": config.optimizer.learning_rate}
    return _too_high(config, words, evidence)


def rate_too_high(case: Case) -> Symptom | None:
    """The loss explodes, swings, or stays at chance with a rate far above the usual one."""
    return _explodes(case) or _swings(case) or _stays_at_chance(case)


def _explodes(case: Case) -> Symptom | None:
    curves, guessing = case.curves, case.uninformed
    kept = 1.0 - case.config.regularization.dropout
    train = curves.train_cross_entropy.values * kept
    clean = curves.clean_cross_entropy.values
    late = clean[min(3, len(clean) - 1) :]
    high = train.max() > EXPLODED * guessing
    high_late = late.max() > CLEAN_EXPLODED * guessing and not _batch_norm(case.config)
    if not (high or high_late):
        return None
    values = curves.train_cross_entropy.values if high else clean
    at = int(values.argmax())
    words = (
        f"The learning rate is too high: in epoch {curves.numbers[at]} the train cross-entropy "
        f"jumped to {values[at]:.3g} at a rate of {case.config.optimizer.learning_rate:g}, where "
        f"guessing gives {guessing:.2f}."
    )
    evidence = {
        "epoch": curves.numbers[at],
        "highest_cross_entropy": float(values[at]),
        "guessing": guessing,
        "learning_rate": case.config.optimizer.learning_rate,
    }
    return _too_high(case.config, words, evidence)


def _swings(case: Case) -> Symptom | None:
    # With batch norm the clean curve swings by its running means, whatever the rate.
    curves = case.curves
    normed = _batch_norm(case.config)
    curve = curves.train_cross_entropy if normed else curves.clean_cross_entropy
    kept = 1.0 - case.config.regularization.dropout if normed else 1.0
    swing = curve.swing * kept
    if curves.epochs < 6 or swing <= SWING_SHARE * case.uninformed:
        return None
    words = (
        f"The learning rate is too high: the train cross-entropy swings by about {swing:.2f} from "
        f"epoch to epoch at a rate of {case.config.optimizer.learning_rate:g}, which is more than "
        f"{percent(SWING_SHARE, decimals=0)} of what guessing gives ({case.uninformed:.2f})."
    )
    evidence = {
        "swing": swing,
        "guessing": case.uninformed,
        "learning_rate": case.config.optimizer.learning_rate,
    }
    return _too_high(case.config, words, evidence)


def _stays_at_chance(case: Case) -> Symptom | None:
    rate = case.config.optimizer.learning_rate
    usual = USUAL_LEARNING_RATES[case.config.optimizer.name]
    end = case.curves.clean_cross_entropy.end
    stuck = end >= AT_CHANCE * case.guessing and not _improves_steadily(case)
    if not stuck or rate < FAR_ABOVE_USUAL * usual:
        return None
    words = (
        f"The learning rate is probably too high: the clean train cross-entropy stays at "
        f"{end:.2f}, and guessing gives {case.guessing:.2f}. The rate is {rate:g}; "
        f"{case.config.optimizer.name} usually works with {usual:g}."
    )
    evidence = {"clean_cross_entropy": end, "guessing": case.guessing, "learning_rate": rate}
    return _too_high(case.config, words, evidence)


def _too_high(config: RunConfig, words: str, evidence: Evidence) -> Symptom:
    remedies = against_high_rate(config)
    return Symptom("learning_rate_too_high", "problem", words, evidence, remedies)


def rate_too_low(case: Case) -> Symptom | None:
    """Slow, almost straight improvement without an end, or none at a rate far below the usual."""
    if case.curves.epochs < 6 or not case.is_far_enough:
        return None
    clean, rate = case.curves.clean_cross_entropy, case.config.optimizer.learning_rate
    usual = USUAL_LEARNING_RATES[case.config.optimizer.name]
    if rate <= usual / FAR_BELOW_USUAL:
        slow = _crawls(clean) or clean.end >= AT_CHANCE * case.guessing
    else:
        slow = _improves_steadily(case) and rate <= FAR_ABOVE_USUAL * usual
    if not slow:
        return None
    words = (
        f"The learning rate is too low: in {case.curves.epochs} epochs the clean train "
        f"cross-entropy only went from {clean.values[0]:.3f} to {clean.end:.3f} at a rate of "
        f"{rate:g}; {case.config.optimizer.name} usually works with {usual:g}, and guessing gives "
        f"{case.guessing:.3f}."
    )
    evidence = {
        "first_cross_entropy": float(clean.values[0]),
        "clean_cross_entropy": clean.end,
        "last_third_share": clean.recent_share,
        "guessing": case.guessing,
        "learning_rate": rate,
    }
    return Symptom(
        "learning_rate_too_low", "warning", words, evidence, against_low_rate(case.config)
    )


def rate_spent(case: Case) -> Symptom | None:
    """The schedule took the rate down to next to nothing long before the end of the run."""
    rates, epochs = case.curves.learning_rates, case.curves.epochs
    highest = max(rates, default=0.0)
    since = epochs
    while since and rates[since - 1] < SPENT * highest:
        since -= 1
    spent = epochs - since
    if case.config.optimizer.schedule is None or spent < max(3, SPENT_SHARE * epochs):
        return None
    first, name = case.curves.numbers[since], case.config.optimizer.schedule.name
    words = (
        f"The learning rate was used up early: from epoch {first} of {case.curves.numbers[-1]} on "
        f"the schedule {name} left less than {percent(SPENT)} of it ({rates[-1]:.1e} at "
        f"the end, {highest:g} at its height), so that these {spent} epochs hardly moved a weight."
    )
    evidence = {"epoch": first, "epochs": spent, "learning_rate": rates[-1], "highest": highest}
    remedies = against_spent_rate(case.config, first)
    return Symptom("learning_rate_spent", "note", words, evidence, remedies)


def _crawls(clean: Curve) -> bool:
    """Whether most of the way is still ahead, and the curve hasn't levelled off before it."""
    fall = clean.start - clean.end
    ahead = clean.end > BARELY_MOVED * clean.start
    return ahead and (fall < STUCK * clean.start or clean.recent_share >= NOT_LEVELLED)


def _improves_steadily(case: Case) -> bool:
    clean = case.curves.clean_cross_entropy
    low, high = STEADY_THIRDS
    straight = all(low <= third <= high for third in clean.thirds)
    falls = clean.start - clean.end > 3 * clean.level_noise
    far = clean.end > BARELY_MOVED * clean.start
    return straight and falls and far


def _batch_norm(config: RunConfig) -> bool:
    layers = layers_of(config.architecture, config.image.size)
    normed = any(layer.kind in ("batch_norm", "residual_block") for layer in layers)
    return config.regularization.batch_norm or normed
