"""A study as a story for a room: question, data, expectation, curves, verdict and more.

Everything is plain values and words, ready to be drawn; whatever a study's kind, its number of arms
and how far it has got, no sentence says more than its numbers do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnlab.documents.story.curves import curves_slide
from cnnlab.documents.story.effects import dose_slide, robustness_slide, worth_slide
from cnnlab.documents.story.gap import gap_slide
from cnnlab.documents.story.limits import limits
from cnnlab.documents.story.mistakes import Said, mistakes_slide
from cnnlab.documents.story.slides import (
    ArmLook,
    DataFact,
    DataSlide,
    Progress,
    QuestionSlide,
    Story,
)
from cnnlab.documents.story.verdicts import expectations, verdict_slide
from cnnlab.documents.story.words import quoted, short, so_far_words, within
from cnnlab.domain.arms import change_words
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.study import Arm, Kind, Study
from cnnlab.domain.words import counted, duration, exact_percent, listed
from cnnlab.figures.readable import words_color
from cnnlab.figures.study import arm_styles
from cnnlab.figures.swatch import MARK_PATHS
from cnnlab.figures.traces import Style
from cnnlab.study.kinds.doses import DoseResponse, turned_by
from cnnlab.study.kinds.worth import WorthInImages
from cnnlab.study.measures.bands import Histories
from cnnlab.study.measures.measured import Evaluations
from cnnlab.study.verdicts import Comparison

MOST_CLASSES = 12
_MOST_NAMED_ARMS = 5
_TRAINING_PART = {"split.images_per_class", "split.label_noise_fraction"}


@dataclass(frozen=True)
class Evidence:
    """What has been measured so far.

    Attributes:
        histories: epoch records by arm and seed, of the runs whose mean is drawn.
        comparisons: of the study's primary metric, by arm.
        alpha: chance of any false claim that the comparisons allow.
        validation_images: how many judge each run; None if that isn't known.
        counted: number of runs that count in the comparisons.
        growing: epoch records of runs that train beside those, likewise.
        finished: number of runs that have finished.
        is_ended: whether nothing happens any more by itself.
        seconds_left: until it has ended; None where that isn't known.
        values: what each run that counts is worth where it is judged, by metric, arm and seed.
        doses: the response to strengths, where the study turns one.
        worth: what a change is worth in images, where the study asks for it.
        evaluations: of the runs that count, by arm and seed.
        said: what they say of each validation image.
    """

    histories: Mapping[str, Histories]
    comparisons: Mapping[str, Comparison]
    alpha: float
    validation_images: int | None
    counted: int
    growing: Mapping[str, Histories] = field(default_factory=dict)
    finished: int = 0
    is_ended: bool = True
    seconds_left: float | None = None
    values: Mapping[ComparedMetric, Mapping[str, Mapping[int, float]]] = field(default_factory=dict)
    doses: DoseResponse | None = None
    worth: WorthInImages | None = None
    evaluations: Mapping[str, Evaluations] = field(default_factory=dict)
    said: Said | None = None


def tell(study: Study, dataset: Dataset | None, evidence: Evidence) -> Story:
    """The story as JSON values, one key for each slide.

    Args:
        study: as it was launched.
        dataset: that it uses; None where it is gone.
        evidence: what has been measured.
    """
    styles = arm_styles(study)
    compared = evidence.comparisons
    so_far = so_far_words(evidence.counted, len(study.pairs), is_ended=evidence.is_ended)
    gaps, accuracies = (evidence.values.get(name, {}) for name in ("gap", "val_accuracy"))
    return {
        "study": study.id,
        "arms": [_arm(study, arm, styles[arm.name]) for arm in study.arms],
        "progress": _progress(study, evidence),
        "question": _question_slide(study, dataset, evidence),
        "data": _data_slide(study, dataset, evidence.validation_images) if dataset else None,
        "expect": expectations(study, compared),
        "curves": curves_slide(
            study, evidence.histories, evidence.growing, is_ended=evidence.is_ended
        ),
        "gap": gap_slide(study, gaps, accuracies, evidence.histories, so_far=so_far),
        "verdict": verdict_slide(study, compared, evidence.counted),
        "dose": dose_slide(study, evidence.doses),
        "worth": worth_slide(study, evidence.worth),
        "robustness": robustness_slide(study, evidence.evaluations, so_far=so_far),
        "mistakes": mistakes_slide(study, list(dataset.classes), evidence.said, so_far=so_far)
        if dataset
        else None,
        "limits": limits(study, evidence.alpha, evidence.validation_images, evidence.counted),
    }


def _progress(study: Study, evidence: Evidence) -> Progress:
    total = len(study.pairs)
    seconds = 0.0 if evidence.is_ended else evidence.seconds_left or 0.0
    return {
        "is_ended": evidence.is_ended,
        "finished": evidence.finished,
        "total": total,
        "words": f"{evidence.finished} of {counted(total, 'run')} finished",
        "left": f"about {duration(seconds)} left" if seconds >= 1 else "",
    }


def _arm(study: Study, arm: Arm, style: Style) -> ArmLook:
    return {
        "name": arm.name,
        "label": short(arm.name),
        "color": style.color,
        "words_color": words_color(style),
        "mark": MARK_PATHS.get(style.mark, ""),
        "reference": arm == study.reference,
    }


def question(study: Study, dataset: str) -> str:
    """What the study asks, as one sentence.

    Args:
        study: of any kind.
        dataset: the dataset's name.
    """
    place, others = quoted(dataset), study.arms[1:]
    turned = turned_by(study)
    if study.kind is Kind.DOSE and turned:
        return f"What does turning up {within(turned.label)} do on {place}?"
    if study.kind is Kind.WORTH:
        return f"What is {change_words(*study.arms[:2])} worth on {place}?"
    if len(others) == 1:
        return f"Does {short(others[0].name)} help on {place}?"
    return f"What helps on {place}?"


def _question_slide(study: Study, dataset: Dataset | None, evidence: Evidence) -> QuestionSlide:
    seeds = "1 seed" if len(study.seeds) == 1 else f"the same {len(study.seeds)} seeds"
    runs = len(study.pairs)
    setup = f"{len(study.arms)} arms, trained with {seeds}: {counted(runs, 'run')}"
    if evidence.counted < runs:
        setup += f", of which {evidence.counted} count so far"
    line = _sides(study)
    return {
        "title": question(study, dataset.name if dataset else study.dataset),
        "line": line[:1].upper() + line[1:],
        "setup": setup + ".",
    }


def _sides(study: Study) -> str:
    """What is compared with what."""
    if study.kind is Kind.WORTH:
        return f"with and without it, at {counted(len(study.arms) // 2, 'training-set size')}"
    others = [short(arm.name) for arm in study.arms[1:]]
    named = listed(others) if len(others) <= _MOST_NAMED_ARMS else f"{len(others)} arms"
    each = "" if len(others) == 1 else ", each"
    return f"{named}{each} against {short(study.reference.name)}"


def _data_slide(study: Study, dataset: Dataset, validation: int | None) -> DataSlide:
    names = list(dataset.classes)
    facts: list[DataFact] = [
        {"number": f"{dataset.images:,}", "words": "images"},
        {"number": f"{len(names):,}", "words": "classes" if len(names) != 1 else "class"},
    ]
    if validation and _same_validation(study):
        facts.append(
            {"number": f"{validation:,}", "words": "of them judge every run and never train"}
        )
    left_out = len(names) - MOST_CLASSES
    return {
        "title": short(dataset.name, 60),
        "facts": facts,
        "classes": [
            {"name": name, "label": short(name, 24), "count": f"{dataset.classes[name]:,}"}
            for name in names[:MOST_CLASSES]
        ],
        "more": f"and {counted(left_out, 'more class', 'more classes')}" if left_out > 0 else "",
        "notes": _made_harder(study),
    }


def _same_validation(study: Study) -> bool:
    changed = {name for arm in study.arms for name in arm.changes if name.startswith("split.")}
    return changed <= _TRAINING_PART and not study.is_split_anew


def _made_harder(study: Study) -> list[str]:
    """What is done to the training images of all arms on purpose."""
    split = study.base.get("split") or {}
    most, wrong = split.get("images_per_class"), split.get("label_noise_fraction")
    notes = []
    if most and study.kind is not Kind.WORTH:
        notes.append(f"At most {counted(most, 'image')} of each class train.")
    if wrong:
        notes.append(f"{exact_percent(wrong)} of the training labels are wrong on purpose.")
    return notes
