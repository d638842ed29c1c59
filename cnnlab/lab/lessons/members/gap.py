"""Regularization closes the gap."""

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import capitalized, percent, points
from cnnlab.figures.answers.claims import ClaimRow
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.evidence import (
    BySeed,
    borne_out,
    differences,
    judged,
    mean,
    points_between,
)
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Chart, Lesson, Next
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.lessons.telling import answer_of, seeds_chart, share_chart
from cnnlab.lab.study.designs import compare_arms
from cnnlab.lab.study.view import StudyView
from cnnlab.study.chance.claims import JudgedClaim, Outcome
from cnnlab.study.verdicts import Verdict

_ARMS = ("baseline", "dropout", "augmentation", "all")
_SEEDS = 5
_TIMES_EPOCHS = 1.5
"""What is regularized learns more slowly: in the usual time it wouldn't get anywhere."""
_MATTERS = 0.02
_NEVER_FAR = 5 * _MATTERS


def plan(setting: Setting) -> Study:
    """Nothing, two regularizers, and both of them together, which is the last arm."""
    name = "Lesson: does regularization close the gap?"
    base = setting.longer(_TIMES_EPOCHS)
    return compare_arms(base, ready_arms(_ARMS), seeds=_SEEDS, name=name)


def watch(view: StudyView) -> Chart:
    """The gap of each arm over the epochs."""
    return share_chart(
        view,
        "gap",
        "gap (points, clean train minus validation)",
        title="The gap over the epochs",
        alt="Gap of each arm over the epochs",
    )


def tell(view: StudyView) -> Answer:
    """By how much all regularizers together make the gap smaller, over paired seeds."""
    gaps, arms, styles = view.values["gap"], view.study.arms, arm_styles(view.study)
    plain, together = view.study.reference.name, arms[-1].name
    closed = {arm.name: differences(gaps[plain], gaps[arm.name]) for arm in arms[1:]}
    step = 1 / view.validation_images if view.validation_images else 0.0
    claims = {
        name: judged(values, view, matters=_MATTERS, never_far=_NEVER_FAR, resolution=step)
        for name, values in closed.items()
    }
    claim = claims[together]
    rows = [ClaimRow(name, closed[name], claims[name], styles[name]) for name in closed]
    seeds = seeds_chart(
        rows,
        "smaller gap than without (points)",
        title="How much of the gap is closed, seed by seed",
        alt="By how much each arm makes the gap smaller, a dot for each seed",
        against="the plain network of the same seed",
        also="Left of the line the gap has grown.",
    )
    alone = [f"{capitalized(name)} alone: {_size(claims[name])}." for name in list(claims)[:-1]]
    more = (*alone, _price(view, together, plain, claim))
    words = f"With both together the gap is {_size(claim)}{_from_to(gaps, together, plain)}."
    bears_out = borne_out(claim, _MATTERS, above="smaller", within="same", below="larger")
    return answer_of(claim, words, bears_out, more, (watch(view), seeds))


def _size(claim: JudgedClaim) -> str:
    if claim.low is None or claim.high is None or claim.mean is None:
        return "not known to be another"
    if claim.low < 0 < claim.high:
        return f"at most {points(claim.high)} smaller, at most {points(-claim.low)} larger"
    side = "smaller" if claim.mean > 0 else "larger"
    return f"{side} by {points_between(claim)}"


def _from_to(gaps: dict[str, dict[int, float]], arm: str, reference: str) -> str:
    if not gaps[arm] or not gaps[reference]:
        return ""
    return f": {points(mean(gaps[arm]))} instead of {points(mean(gaps[reference]))}"


def _price(view: StudyView, arm: str, reference: str, claim: JudgedClaim) -> str:
    """What came with it, and where the gap got smaller how: by a better validation, or by less."""
    verdict = view.verdicts[arm]
    accuracies = view.values["val_accuracy"]
    clean = {name: _clean(view, name) for name in (arm, reference)}
    if not all((*clean.values(), accuracies[arm], accuracies[reference])):
        return "How it came about can't be told: runs are missing."
    said = (
        f"Validation accuracy went from {percent(mean(accuracies[reference]))} to "
        f"{percent(mean(accuracies[arm]))}, accuracy on the training images from "
        f"{percent(mean(clean[reference]))} to {percent(mean(clean[arm]))}. {verdict.words} "
    )
    is_closed = claim.outcome is Outcome.HOLDS
    if is_closed and verdict.verdict is Verdict.HELPS:
        return said + "So the gap was closed from below, as one wants it."
    if is_closed and verdict.verdict is Verdict.HURTS:
        return said + "So the gap was closed by learning less: a small gap alone is no good model."
    return said + (
        "A small gap alone is no good model: a network that learns nothing has none at all."
    )


def _clean(view: StudyView, arm: str) -> BySeed:
    """Clean train accuracy where the runs are judged: the gap on top of the validation."""
    gaps, accuracies = view.values["gap"][arm], view.values["val_accuracy"][arm]
    return {seed: gaps[seed] + accuracies[seed] for seed in gaps.keys() & accuracies.keys()}


LESSON = Lesson(
    name="gap",
    title="Regularization closes the gap",
    icon=":material/unfold_less:",
    claim="Regularization makes the gap between accuracy on the training images and accuracy on "
    "new images smaller.",
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), chapter 7: any modification "
    "that is intended to reduce the generalization error but not the training error",
    background="On the images that it has learned from, a network is nearly always better than on "
    "others. The difference is the gap: what it knows by heart and can't use. Dropout switches "
    "units off at random, augmentation changes every picture a little each time: both make "
    "learning by heart harder.",
    method="The same network is trained without anything, with dropout, with augmentation and with "
    "both, from the same start with each of five seeds. The verdict is about both together.",
    question="What will both together do to the gap?",
    expectations={
        "smaller": "It gets smaller",
        "same": "It stays about the same (within 2 points)",
        "larger": "It gets larger",
        UNSURE: "I don't know",
    },
    fewest_images=5,
    plan=plan,
    watch=watch,
    tell=tell,
    next_steps=(
        Next(
            "Augmentation closes a gap by showing more images. How many is it worth?",
            lesson="effective_images",
        ),
        Next(
            "How much dropout closes how much of it: all strengths.",
            kind=Kind.DOSE,
            fields={"dose_field": "regularization.dropout"},
        ),
        Next(
            "Do others close it, too? L2, batch norm, label smoothing, early stopping.",
            fields={"arms": ["l2", "batch_norm", "label_smoothing", "early_stopping"]},
        ),
    ),
)
