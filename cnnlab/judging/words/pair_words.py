"""What two models on the same images tell, in sentences; plain text, not yet escaped."""

from collections.abc import Sequence

from cnnlab.domain.records.measured import Measured
from cnnlab.domain.words import UNKNOWN, counted, fixed, listed, points, points_interval
from cnnlab.judging.pairs import Pair
from cnnlab.judging.words.measure_words import numbers_alike
from cnnlab.judging.words.sentences import difference_words, p_words

ABOUT_MODELS = (
    "Such an interval is about these models: how far the number may be off because these images "
    "are only a sample. It says nothing of a setting: the same setting with another seed gives "
    "another model, often as far from this one. Whether a setting helps is asked by a study, with "
    "several seeds of each."
)


def nats_words(difference: Measured) -> str:
    """Of cross-entropies, with its 95 % interval: `−0.131 nats (−0.262 to +0.001)`."""
    value, low, high = (difference[key] for key in ("value", "low", "high"))
    if value is None:
        return UNKNOWN
    shown, *ends = numbers_alike((value, low, high), signed=True)
    return f"{shown} nats" if UNKNOWN in ends else f"{shown} nats ({ends[0]} to {ends[1]})"


def turned(difference: Measured) -> Measured:
    """First minus second of what is second minus first."""
    value, low, high = (difference[key] for key in ("value", "low", "high"))
    return {
        "value": None if value is None else -value,
        "low": None if high is None else -high,
        "high": None if low is None else -low,
    }


def lead_words(lead: Measured) -> str:
    """By how much the better one is better: `by 2.4 points (0.8 to 4.6)`."""
    value, low, high = (lead[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return f"by {UNKNOWN}"
    if low < 0:  # the interval and the test may disagree by a hair
        return f"by {points(value)} ({points_interval(low, high)})"
    return f"by {points(value)} ({fixed(100 * low, 1)} to {fixed(100 * high, 1)})"


def verdict_words(first: str, second: str, pair: Pair) -> str:
    """In a table: `B more often right`, `can't tell`."""
    if pair.verdict == "cannot_tell":
        return "can't tell"
    return f"{first if pair.verdict == 'first_better' else second} more often right"


def pair_words(first: str, second: str, pair: Pair, pairs: int) -> str:
    """Which of two models is right more often, and how well that is known.

    Args:
        first: what the first is called.
        second: likewise.
        pair: what they do.
        pairs: how many there are of the runs that are compared, shown or not.
    """
    by = f"{p_words(pair.p_adjusted)}, McNemar's exact test" + (
        f" after Holm's correction for {pairs} pairs" if pairs > 1 else ""
    )
    images = f"these {counted(pair.images, 'image')}"
    if pair.verdict == "cannot_tell":
        told = f"{second} minus {first} {difference_words(pair.difference)}"
        if not pair.only_first + pair.only_second:
            return (
                f"{first} and {second} are right on the same ones of {images}: they can't be told "
                f"apart ({told})."
            )
        return (
            f"Which of {first} and {second} is right more often, {images} can't tell: {told}; {by}."
            + _test_decides(pair.difference)
        )
    is_first = pair.verdict == "first_better"
    better, worse = (first, second) if is_first else (second, first)
    lead = lead_words(turned(pair.difference) if is_first else pair.difference)
    told = f"{better} is right more often than {worse} on {images}, {lead}; {by}."
    of_better = turned(pair.cross_entropy) if is_first else pair.cross_entropy
    return told + _worse_probabilities(better, of_better)


def _test_decides(difference: Measured) -> str:
    """That the interval leaves 0 out where the test can't tell; empty if it doesn't.

    The interval is approximate and of one pair alone, the test exact and for all pairs together.
    """
    low, high = difference["low"], difference["high"]
    if low is None or high is None or low <= 0 <= high:
        return ""
    return " The interval leaves 0 out, but the test is the stricter of the two and decides."


def _worse_probabilities(better: str, of_better: Measured) -> str:
    """That who is right more often has the worse probabilities all the same; empty if not.

    Args:
        better: what it is called.
        of_better: its cross-entropy minus the other one's, in nats.
    """
    value, low, high = (of_better[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None or low <= 0:
        return ""
    return (
        f" The probabilities of {better} are worse all the same: its cross-entropy is "
        f"{fixed(value, 3)} nats higher ({fixed(low, 3)} to {fixed(high, 3)})."
    )


def summary_words(pairs: Sequence[tuple[str, str, Pair]], corrected_for: int) -> str:
    """Of several pairs with one reference: who is better, who is worse, what can't be told.

    Args:
        pairs: what the first and the second are called, and what they do; the first is the same
            in all.
        corrected_for: how many pairs there are of the runs that are compared, shown or not.
    """
    reference = pairs[0][0]
    better = [second for _, second, pair in pairs if pair.verdict == "second_better"]
    worse = [second for _, second, pair in pairs if pair.verdict == "first_better"]
    open_ones = [second for _, second, pair in pairs if pair.verdict == "cannot_tell"]
    told = [
        f"{words} {listed(letters)}"
        for words, letters in (
            (f"Right more often than {reference}:", better),
            (f"less often than {reference}:", worse),
            ("can't be told:", open_ones),
        )
        if letters
    ]
    said = "; ".join(told)
    return (
        f"{said[0].upper()}{said[1:]}. By McNemar's exact test, after Holm's correction for "
        f"{counted(corrected_for, 'pair')}: all of these runs that can be paired, whichever are "
        "shown."
    )
