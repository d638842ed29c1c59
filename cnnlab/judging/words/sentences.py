"""What the figures of a judged model mean, in sentences; plain text, not yet escaped."""

from collections.abc import Sequence

from cnnlab.domain.records.judgement import (
    Calibration,
    CoveragePoint,
    Judgement,
    ReliabilityBin,
    Slice,
)
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.words import (
    UNKNOWN,
    counted,
    digits,
    percent,
    points,
    points_interval,
)
from cnnlab.judging.slices.slice_candidates import LEAST_PICTURES
from cnnlab.judging.thresholds import AtThreshold
from cnnlab.judging.words.measure_words import interval_words, numbers_alike, value_words

_LEAST_P = 0.001


def share_words(share: Measured) -> str:
    """A share with its interval: `87.1 % (85.0 to 89.2 %)`; a dash where it isn't defined."""
    value, interval = value_words(share), interval_words(share)
    return value if interval == UNKNOWN else f"{value} ({interval})"


def difference_words(difference: Measured) -> str:
    """Of two shares, with its 95 % interval: `+2.1 points (−0.4 to +4.7)`; a dash without one."""
    value, low, high = (difference[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return UNKNOWN
    return f"{points(value, signed=True)} ({points_interval(low, high)})"


def sureness_words(judgement: Judgement) -> str:
    """Whether the model is as sure as it is right, beyond chance, with the bin that shows it most.

    Args:
        judgement: with bins of reliability.
    """
    accuracy, bins = judgement["measures"]["accuracy"], judgement["reliability"]
    images = sum(one["images"] for one in bins)
    if not images or accuracy["low"] is None or accuracy["high"] is None:
        return "How sure it is can't be compared with how often it is right: too few images."
    sure = sum(one["confidence"] * one["images"] for one in bins) / images
    told = f"it is {percent(sure)} sure on average and right in {share_words(accuracy)}"
    if accuracy["low"] <= sure <= accuracy["high"]:
        return f"About as sure as it is right, as far as {counted(images, 'image')} tell: {told}."
    is_too_sure = sure > accuracy["high"]
    worst = max(bins, key=lambda one: _excess(one) if is_too_sure else -_excess(one))
    title = "Too sure" if is_too_sure else "Less sure than it could be"
    return f"{title}: {told}. Most so here: {_bin_words(worst)}."


def _excess(one: ReliabilityBin) -> float:
    return one["confidence"] - (one["accuracy"]["value"] or 0.0)


def _bin_words(one: ReliabilityBin) -> str:
    return (
        f"of those {counted(one['images'], 'image')} that it is "
        f"{percent(one['confidence'], decimals=0)} sure of, {share_words(one['accuracy'])} are "
        "right"
    )


def dots_words(bins: Sequence[ReliabilityBin]) -> str:
    """How many images a dot of the reliability diagram stands for.

    Args:
        bins: at least one.
    """
    counts = sorted(one["images"] for one in bins)
    if counts[0] == counts[-1]:
        return f"Each dot is {counted(counts[0], 'image')}, with its 95 % interval."
    return (
        f"Each dot is {counts[0]:,} to {counted(counts[-1], 'image')}, with its 95 % interval: as "
        "equally many as can be, with those that it is equally sure of in one."
    )


def error_words(judgement: Judgement) -> str:
    """The expected calibration error, and that chance alone makes some."""
    return (
        f"Expected calibration error {percent(judgement['calibration_error'])}: by so much "
        "confidence and accuracy differ on average. With "
        f"{counted(judgement['images'], 'image')} a part of it is chance, even for a perfect model."
    )


def temperature_words(calibration: Calibration) -> str:
    """Whether a temperature makes the confidence truer, and by how much."""
    temperature = digits(calibration["temperature"], most_decimals=2)
    gain = calibration["gain"]
    interval = ""
    ends = gain["value"], gain["low"], gain["high"]
    if None not in ends:
        value, low, high = numbers_alike(ends, signed=True)
        interval = f" (a gain of {value}, {low} to {high})"
    before, after = numbers_alike(
        [calibration["cross_entropy"], calibration["cross_entropy_scaled"]]
    )
    surprise = f"cross-entropy from {before} to {after} nats an image"
    error = (
        f"calibration error from {percent(calibration['error'])} to "
        f"{percent(calibration['error_scaled'])}"
    )
    measured = f"{surprise}{interval}, {error}"
    if calibration["temperature"] == 1:
        return (
            "No temperature is better than none on these images, or their mistakes are too few to "
            "find it."
        )
    if not calibration["helps"]:
        return (
            f"A temperature doesn't clearly help: the best one, T = {temperature}, would bring "
            f"{measured}."
        )
    if not is_truer(calibration):
        return f"A temperature changes little: T = {temperature} brings {surprise}, but {error}."
    direction = "less sure" if calibration["temperature"] > 1 else "surer"
    return (
        f"A temperature helps: T = {temperature} makes it {direction}, and truer: {measured}. "
        "It changes no answer, only how sure it is."
    )


def is_truer(calibration: Calibration) -> bool:
    """Whether the calibration error agrees with the cross-entropy that a temperature helps."""
    return calibration["error_scaled"] < calibration["error"]


def coverage_at(points: Sequence[CoveragePoint], left_out: float) -> CoveragePoint | None:
    """The point whose share of unanswered images is nearest.

    Args:
        points: in any order.
        left_out: share 0..1 of the images that needn't be answered.

    Returns:
        None where no point has an accuracy.
    """
    known = [one for one in points if one["accuracy"]["value"] is not None]
    return min(known, key=lambda one: abs(1 - one["coverage"] - left_out), default=None)


def coverage_words(point: CoveragePoint, everything: Measured) -> str:
    """What a "don't know" is worth: accuracy on the rest, against that on all.

    Args:
        point: of the coverage that is looked at.
        everything: accuracy on all images.
    """
    if point["coverage"] >= 1:
        return f"If it must answer on every image, it is right in {share_words(everything)}."
    return (
        f"If it may say \u201cdon't know\u201d on {percent(1 - point['coverage'], decimals=0)} of "
        f"the images, it is right in {share_words(point['accuracy'])} of the others; on all it is "
        f"{share_words(everything)}. It then answers only where it is at least "
        f"{percent(point['threshold'])} sure."
    )


def slice_words(found: Slice) -> str:
    """How much worse the model is on a slice than on what that is compared with."""
    return (
        f"{share_words(found['accuracy'])} right, against "
        f"{share_words(found['accuracy_elsewhere'])} on {found['compared_with']}: "
        f"a difference of {difference_words(found['difference'])}, on "
        f"{counted(found['images'], 'image')} that it wasn't found on "
        f"({p_words(found['p_value'])}, one-sided, after Holm's correction)."
    )


def p_words(value: float) -> str:
    """A p value: `p = 0.031`, `p below 0.001`."""
    return f"p = {digits(value, most_decimals=4)}" if value >= _LEAST_P else f"p below {_LEAST_P:g}"


def no_slice_words(judgement: Judgement) -> str:
    """That none was found, and what that does and doesn't mean."""
    tried, looked_at = judgement["slices_tried"], judgement.get("slices_looked_at")
    images = counted(judgement["images"], "image")
    if looked_at == 0:
        return (
            f"Too few images: none could be looked at. Of {images} no kind has "
            f"{LEAST_PICTURES} pictures in each half, and as many beside it, so nothing is known "
            "about where the model is worse."
        )
    if tried:
        found = (
            f"None found among {counted(tried, 'kind')} of images that "
            f"{'was' if tried == 1 else 'were'} tried."
        )
    else:
        kinds = "no kind" if looked_at is None else f"none of {counted(looked_at, 'kind')}"
        found = (
            f"None found: on the first half of the images {kinds} looked clearly worse, so there "
            "was none to try."
        )
    return (
        f"{found} The model may still be worse on something that wasn't tried, or by less than "
        f"{images} can show."
    )


def area_words(title: str, area: Measured, guessing: str) -> str:
    """The area under a curve with its interval: `Area 0.943 (0.921 to 0.960); 0.5 is guessing`."""
    if area["value"] is None:
        return f"{title}: not defined, for want of images."
    interval = interval_words(area, is_share=False)
    value = value_words(area, is_share=False)
    return f"{title} {value} ({interval}); {guessing}, 1 is perfect."


def threshold_words(found: AtThreshold, name: str, threshold: float) -> str:
    """What a threshold does to the answers about one class.

    Args:
        found: the counts from the threshold on.
        name: of the class, as it is to be shown.
        threshold: 0..1.
    """
    hits, alarms = found["true_positives"], found["false_positives"]
    of_class, of_rest = hits + found["false_negatives"], alarms + found["true_negatives"]
    words = (
        f"From {percent(threshold, decimals=0)} on, {counted(hits + alarms, 'image')} "
        f"{'counts' if hits + alarms == 1 else 'count'} as {name}"
    )
    if hits + alarms:
        words += f": {hits:,} rightly, a precision of {share_words(found['precision'])}"
    if of_class:
        words += (
            f". Of the {counted(of_class, 'image')} of {name} {hits:,} "
            f"{'is' if hits == 1 else 'are'} found, a recall of {share_words(found['recall'])}, "
            f"and {found['false_negatives']:,} missed"
        )
    if of_rest:
        words += (
            f". Of the {of_rest:,} others {alarms:,} "
            f"{'is a false alarm' if alarms == 1 else 'are false alarms'}, "
            f"{share_words(found['false_positive_rate'])}"
        )
    return f"{words}."


def overall_words(right: int, images: int, confusion: Sequence[Sequence[int]], name: str) -> str:
    """What that means for the accuracy over all classes.

    Args:
        right: images that are recognized with the threshold.
        images: in all.
        confusion: counts without it.
        name: of the class with the threshold, as it is to be shown.
    """
    usual = sum(row[at] for at, row in enumerate(confusion))
    change = right - usual
    more = f"{abs(change):,} {'more' if change > 0 else 'fewer'} than" if change else "as many as"
    return (
        f"Over all classes {right:,} of {images:,} images are right then "
        f"({percent(right / images)}), {more} if the most probable class counts. What doesn't "
        f"count as {name} is taken for the most probable of the others."
    )
