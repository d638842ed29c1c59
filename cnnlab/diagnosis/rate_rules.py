"""Rules on the learning rate: too high or too low."""

from collections.abc import Iterator, Sequence

import numpy as np

from cnnlab.diagnosis.curves import SHORT, Curve, is_finite
from cnnlab.diagnosis.deliberate import (
    FAR_ABOVE_USUAL,
    FAR_BELOW_USUAL,
    turn_words,
    without_turn,
)
from cnnlab.diagnosis.remedies import against_high_rate, against_low_rate, against_spent_rate
from cnnlab.diagnosis.symptoms import RATE, Case, Evidence, Remedy, RunFacts, Symptom, Turn
from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.domain.words import counted, digits, percent

EXPLODED = 5.0
"""Times the cross-entropy of guessing that no train epoch reaches with a fitting rate: fresh
weights begin at up to 2 times it, strong dropout is divided out."""

CLEAN_EXPLODED = 3.0
"""The same with everything off, after the first epochs."""

SWING_SHARE = 0.1
"""Epoch-to-epoch swing of the train cross-entropy, as a share of that of guessing, above which the
steps are too long; runs with a fitting rate swing by up to 0.04 of it."""

RECOVERED = 0.7
"""A clean train cross-entropy below this share of that of guessing shows that something was learned
after a wild first epoch."""

WORSE = 1.2
"""Times what it was from which the cross-entropy since a turn of the dial is worse."""

FEWEST_RISES = 2
"""Rises of that size that make a swing: a steep fall and one setback are none."""

AT_CHANCE = 0.97
"""Share of the cross-entropy of guessing above which nothing was learned."""

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
    raised = [turn for turn in facts.turns if turn.name == RATE and turn.epoch <= epoch]
    rate = raised[-1].after if raised else config.optimizer.learning_rate
    words = (
        f"In epoch {epoch} the loss was no longer a finite number at a learning rate of {rate:g}."
    )
    return _too_high(config, words, {"epoch": epoch, "learning_rate": rate}, facts.turns)


def rate_too_high(case: Case) -> Symptom | None:
    """The loss explodes, swings, or stays at chance with a rate far above the usual one."""
    return _turned_up(case) or _explodes(case) or _swings(case) or _stays_at_chance(case)


def _turned_up(case: Case) -> Symptom | None:
    """Since a dial turned the rate far up, the clean train cross-entropy is above what it was."""
    curves, clean = case.curves, case.curves.clean_cross_entropy
    for turn in case.facts.turns:
        before = [at for at, number in enumerate(curves.numbers) if number < turn.epoch]
        if turn.name != RATE or turn.after < FAR_ABOVE_USUAL * turn.before or not before:
            continue
        was = float(clean.values[before[-1]])
        if clean.end <= max(WORSE * was, was + 2 * clean.level_noise):
            continue
        words = (
            f"{turn_words(turn)}, and since then clean train cross-entropy has gone from "
            f"{was:.3f} (epoch {curves.numbers[before[-1]]}) to {clean.end:.3f} "
            f"({curves.at_the_end})."
        )
        evidence = {
            "epoch": turn.epoch,
            "learning_rate": turn.after,
            "clean_cross_entropy_before": was,
            "clean_cross_entropy": clean.end,
        }
        return _too_high(case.config, words, evidence, (turn,))
    return None


def _explodes(case: Case) -> Symptom | None:
    """A cross-entropy far above that of guessing.

    In the first epoch alone it doesn't count at a rate that is usual: the first steps from fresh
    weights may be wild, and the run is fine from then on.
    """
    curves, guessing = case.curves, case.uninformed
    kept = 1.0 - case.in_force.regularization.dropout
    train = curves.train_cross_entropy.values * kept
    clean = curves.clean_cross_entropy.values
    usual = USUAL_LEARNING_RATES[case.config.optimizer.name]
    first = int(_recovered(case) and case.highest_rate < FAR_ABOVE_USUAL * usual)
    late = clean[min(3, len(clean) - 1) :]
    high = train[first:].max(initial=0.0) > EXPLODED * guessing
    high_late = late.max() > CLEAN_EXPLODED * guessing and not case.has_batch_norm
    if not (high or high_late):
        return None
    curve = curves.train_cross_entropy.values if high else clean
    at = first + int(curve[first:].argmax())
    rate = curves.learning_rates[at]
    words = (
        f"In epoch {curves.numbers[at]} the {'' if high else 'clean '}train cross-entropy jumped "
        f"to {digits(float(curve[at]), most_decimals=2)} at a learning rate of {rate:g}, where "
        f"guessing gives {guessing:.2f}."
    )
    if at == 0 and _recovered(case):
        words += " It has recovered since."
    evidence = {
        "epoch": curves.numbers[at],
        "highest_cross_entropy": float(curve[at]),
        "guessing": guessing,
        "learning_rate": rate,
    }
    return _too_high(case.config, words, evidence, case.facts.turns)


def _recovered(case: Case) -> bool:
    """Whether clean train has ended well below the cross-entropy of guessing."""
    clean = case.curves.clean_cross_entropy
    return clean.epochs > 1 and clean.end < RECOVERED * case.guessing


def _swings(case: Case) -> Symptom | None:
    # In runs of earlier versions batch norm's running means make the clean curve swing.
    curves = case.curves
    normed = case.has_batch_norm
    curve = curves.train_cross_entropy if normed else curves.clean_cross_entropy
    kept = 1.0 - case.in_force.regularization.dropout if normed else 1.0
    swing = curve.swing * kept
    least = SWING_SHARE * case.uninformed
    rises = np.count_nonzero(np.diff(curve.values) * kept > least)
    if curves.epochs < SHORT or swing <= least or rises < FEWEST_RISES:
        return None
    words = (
        f"The {'' if normed else 'clean '}train cross-entropy swings by about {swing:.2f} from "
        f"epoch to epoch at a learning rate of {case.highest_rate:g}, which is more than "
        f"{percent(SWING_SHARE, decimals=0)} of what guessing gives ({case.uninformed:.2f})."
    )
    evidence = {
        "swing": swing,
        "guessing": case.uninformed,
        "learning_rate": case.highest_rate,
    }
    return _too_high(case.config, words, evidence, case.facts.turns)


def _stays_at_chance(case: Case) -> Symptom | None:
    rate = case.highest_rate
    usual = USUAL_LEARNING_RATES[case.config.optimizer.name]
    end = case.curves.clean_cross_entropy.end
    stuck = end >= AT_CHANCE * case.guessing and not _improves_steadily(case)
    if not stuck or rate < FAR_ABOVE_USUAL * usual:
        return None
    words = (
        f"Clean train cross-entropy is {end:.2f} ({case.curves.at_the_end}), and guessing gives "
        f"{case.guessing:.2f}: nothing was learned, probably for a learning rate of {rate:g}, "
        f"where {case.config.optimizer.name} usually works with {usual:g}."
    )
    evidence = {"clean_cross_entropy": end, "guessing": case.guessing, "learning_rate": rate}
    return _too_high(case.config, words, evidence, case.facts.turns)


def _too_high(
    config: RunConfig, words: str, evidence: Evidence, turns: tuple[Turn, ...]
) -> Symptom:
    """The symptom; a dial that was turned up is taken back before the config is changed."""
    highest = max((turn for turn in turns if turn.name == RATE), key=_after, default=None)

    def remedies() -> Iterator[Remedy]:
        if highest is not None and highest.after > config.optimizer.learning_rate:
            yield without_turn(highest)
        yield from against_high_rate(config)

    return Symptom("learning_rate_too_high", "problem", words, evidence, remedies())


def _after(turn: Turn) -> float:
    return turn.after


def rate_too_low(case: Case) -> Symptom | None:
    """Slow, almost straight improvement without an end, or none at a rate far below the usual."""
    if case.curves.epochs < SHORT or not case.is_far_enough:
        return None
    clean, rate = case.curves.clean_cross_entropy, case.config.optimizer.learning_rate
    usual = USUAL_LEARNING_RATES[case.config.optimizer.name]
    if rate <= usual / FAR_BELOW_USUAL:
        slow = _crawls(clean) or clean.end >= AT_CHANCE * case.guessing
    else:
        slow = rate < usual and _improves_steadily(case)
    if not slow:
        return None
    words = (
        f"In {counted(case.curves.epochs, 'epoch')} clean train cross-entropy only went from "
        f"{clean.values[0]:.3f} (epoch {case.curves.numbers[0]}) to {clean.end:.3f} "
        f"({case.curves.at_the_end}) at a learning rate of {rate:g}; "
        f"{case.config.optimizer.name} usually works with {usual:g}, and guessing gives "
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
        f"From epoch {first} of {case.curves.numbers[-1]} on "
        f"the schedule {name} left less than {percent(SPENT)} of the rate ({rates[-1]:.1e} at "
        f"the end, {highest:g} at its height), so that these {spent} epochs hardly moved a weight."
    )
    evidence = {"epoch": first, "epochs": spent, "learning_rate": rates[-1], "highest": highest}
    remedies = against_spent_rate(case.config, first, case.curves.numbers[case.curves.best])
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
