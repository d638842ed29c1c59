"""What a card says of how good a model is: on the validation images, and where it is weak."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cnnlab.documents.model_card.blocks import Block, Bullets, Grid, NotKnown, Section, Words
from cnnlab.documents.model_card.content import CardContent
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.records.result import Evaluation
from cnnlab.domain.words import counted, percent, with_unit
from cnnlab.judging.classes import f1_of
from cnnlab.judging.intervals.label_intervals import label_measures_with_intervals
from cnnlab.judging.intervals.shares import undefined, wilson
from cnnlab.judging.label_measures import counts_of
from cnnlab.judging.words.measure_words import MEASURES, interval_words, value_words
from cnnlab.judging.words.sentences import (
    error_words,
    no_slice_words,
    share_words,
    slice_words,
    sureness_words,
    temperature_words,
)

_TOLD = ("accuracy", "balanced_accuracy", "macro_f1", "top_2", "top_3", "cross_entropy", "brier")
_MOST_CLASSES, _MOST_MIX_UPS = 100, 8
_LEAST_MIXED_UP = 2


def accuracy_of(content: CardContent) -> tuple[Measured, int] | None:
    """Accuracy on the validation images, and how many they are; None where it isn't known."""
    if content.judgement is not None:
        return content.judgement["measures"]["accuracy"], content.judgement["images"]
    if content.report is None:
        return None
    counts = counts_of(np.array(content.report["confusion"]))
    images = int(counts.images.sum())
    return wilson(int(counts.hits.sum()), images), images


def chance_of(content: CardContent) -> float | None:
    """Accuracy of always saying the most common class, 0..1."""
    if content.judgement is not None:
        return content.judgement["chance"]
    if content.report is None:
        return None
    images = [row["images"] for row in content.report["per_class"]]
    return max(images) / sum(images)


def quality_section(content: CardContent) -> Section:
    """All measures with their intervals, what chance gives, and what they rest on."""
    return Section("How good it is", list(_quality(content)))


def _quality(content: CardContent) -> Iterator[Block]:
    if (known := accuracy_of(content)) is None:
        yield NotKnown(f"Not measured at the end of the training. {_how_to_judge(content)}")
        yield from _of_best_epoch(content)
        return
    _, images = known
    epoch = content.model_epoch
    of_epoch = "" if epoch is None else f" of epoch {epoch + 1}"
    yield Words(
        f"The model{of_epoch} on {counted(images, 'validation image')}, everything random off. "
        "The 95 % intervals say how far a number may be off because these images are only a "
        "sample."
    )
    yield measures_table(_measures(content))
    if (chance := chance_of(content)) is not None:
        yield Words(f"Always answering the most common class gives {percent(chance)}.")
    yield from _of_best_epoch(content)
    if content.judgement is None:
        yield NotKnown(
            "Only what follows from the confusion matrix has an interval here, measured as the "
            f"training computed. {_how_to_judge(content)}"
        )


def _of_best_epoch(content: CardContent) -> Iterator[Block]:
    """How much the choice of the epoch flatters it, as the run's page says it."""
    if content.optimism is not None:
        yield Words(content.optimism.words)


_MEASURED_ELSEWHERE = (
    "It came with an evidence bundle, without the training states that this takes: it is measured "
    "where the run was made."
)


def _how_to_judge(content: CardContent) -> str:
    if content.is_imported:
        return _MEASURED_ELSEWHERE
    return (
        "Evaluate it first, on its evaluation page or with the command evaluate "
        f"(python -m cnnlab evaluate {content.run.id}), and make this card again."
    )


def _evaluate_first(content: CardContent) -> str:
    if content.is_imported:
        return _MEASURED_ELSEWHERE
    return "Evaluate it first, and make this card again."


def _measures(content: CardContent) -> Mapping[str, Measured]:
    if content.judgement is not None:
        return content.judgement["measures"]
    report = content.report
    assert report is not None
    confusion = np.array(report["confusion"])
    loss = undefined() | {"value": report["cross_entropy"]}
    accuracy = accuracy_of(content)
    assert accuracy is not None
    return label_measures_with_intervals(confusion) | {
        "accuracy": accuracy[0],
        "cross_entropy": loss,
    }


def measures_table(measures: Mapping[str, Measured]) -> Grid:
    """The measures that say most, with their intervals and what they mean."""
    rows = []
    for name in _TOLD:
        if name in measures:
            measure, found = MEASURES[name], measures[name]
            value = value_words(found, is_share=measure.is_share)
            interval = interval_words(found, is_share=measure.is_share)
            shown = f"{value} {measure.unit}".rstrip()
            rows.append((measure.title, shown, interval, measure.meaning))
    return Grid(("measure", "value", "95 % interval", "what it says"), rows, (1, 2))


def classes_section(content: CardContent) -> Section | None:
    """Each class with its intervals, and what is taken for what."""
    if content.judgement is not None:
        rows = _judged_classes(content.judgement)
        classes, confusion = content.judgement["classes"], content.judgement["confusion"]
    elif content.report is not None:
        rows = _reported_classes(content.report)
        classes = [row["class"] for row in content.report["per_class"]]
        confusion = content.report["confusion"]
    else:
        return None
    heads = ("class", "images", "recall", "95 %", "precision", "95 %", "F1", "95 %")
    blocks: list[Block] = [
        Words(
            "Recall: of the images that show a class, how many are found. Precision: of those "
            "taken for it, how many show it. Intervals are wide where a class has few images."
        ),
        Grid(heads, rows[:_MOST_CLASSES], range(1, len(heads))),
    ]
    if len(rows) > _MOST_CLASSES:
        blocks.append(Words(f"And {len(rows) - _MOST_CLASSES:,} more classes."))
    if mixed_up := _mix_ups(classes, confusion):
        blocks += [Words("What it mixes up most:"), Bullets(mixed_up)]
    return Section("Class by class", blocks)


def _judged_classes(judgement: Judgement) -> list[tuple[str, ...]]:
    return [
        _class_row(row["class"], row["images"], (row["recall"], row["precision"], row["f1"]))
        for row in judgement["per_class"]
    ]


def _reported_classes(report: Evaluation) -> list[tuple[str, ...]]:
    """The same numbers of an earlier measurement, by the functions that judge."""
    counts = counts_of(np.array(report["confusion"]))
    found = []
    for label, row in enumerate(report["per_class"]):
        hits, images = int(counts.hits[label]), int(counts.images[label])
        predicted = int(counts.predicted[label])
        f1 = f1_of(hits, images, predicted) if images else undefined()
        scores = (wilson(hits, images), wilson(hits, predicted), f1)
        found.append(_class_row(row["class"], images, scores))
    return found


def _class_row(name: str, images: int, scores: Sequence[Measured]) -> tuple[str, ...]:
    cells = [words for one in scores for words in (value_words(one), interval_words(one))]
    return (name, f"{images:,}", *cells)


def _mix_ups(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> list[str]:
    found = [
        (count, true, said)
        for true, row in enumerate(confusion)
        for said, count in enumerate(row)
        if true != said and count >= _LEAST_MIXED_UP
    ]
    found.sort(key=lambda one: -one[0])
    return [
        f"'{classes[true]}' is taken for '{classes[said]}' in {count:,} of "
        f"{counted(sum(confusion[true]), 'image')}."
        for count, true, said in found[:_MOST_MIX_UPS]
    ]


def weak_section(content: CardContent) -> Section:
    """The slices on which the model is worse, confirmed on images that they weren't found on."""
    judgement = content.judgement
    if judgement is None:
        return Section(
            "Where it is weak", [NotKnown(f"Not looked for. {_evaluate_first(content)}")]
        )
    found = judgement["slices"]
    if not found:
        return Section("Where it is weak", [Words(no_slice_words(judgement))])
    told = Words(
        f"Kinds of images on which it is right less often: found on one half of the validation "
        f"images and confirmed on the other half, {len(found):,} of "
        f"{judgement['slices_tried']:,} that were tried. The numbers are of the other half alone."
    )
    items = [f"{one['words'][:1].upper()}{one['words'][1:]}: {slice_words(one)}" for one in found]
    return Section("Where it is weak", [told, Bullets(items)])


def sureness_section(content: CardContent) -> Section:
    """Whether it is as sure as it is right, and whether a temperature helps."""
    return Section("How sure it is", list(_sureness(content)))


def _sureness(content: CardContent) -> Iterator[Block]:
    judgement, report = content.judgement, content.report
    if judgement is not None:
        yield Words(sureness_words(judgement))
        yield Words(error_words(judgement))
        if judgement["calibration"] is not None:
            yield Words(temperature_words(judgement["calibration"]))
        return
    if report is not None and "calibration" in report:
        bins = len(report["calibration"]["bins"])
        yield Words(
            f"Expected calibration error {percent(report['calibration']['ece'])}, over {bins} "
            "equally wide bins of confidence: by so much confidence and accuracy differ on average."
        )
    yield NotKnown(
        "Whether a temperature makes its confidence truer wasn't measured. "
        f"{_evaluate_first(content)}"
    )


def distortions_section(content: CardContent) -> Section:
    """How right it is on distorted images."""
    title, report = "Distorted images", content.report
    rows = report.get("robustness") if report else None
    if not report or not rows:
        return Section(title, [NotKnown("Not measured: a run measures it where it finishes.")])
    images = report.get("robustness_images") or 0
    told = Words(
        f"Measured at the end of the training on {counted(images, 'validation image')}, of which "
        f"{percent(report.get('robustness_undistorted'))} are right as they are."
    )
    cells = [
        (
            row["distortion"],
            with_unit(f"{row['strength']:g}", row["unit"]),
            share_words(wilson(round(row["accuracy"] * images), images))
            if images
            else percent(row["accuracy"]),
        )
        for row in rows
    ]
    heads = ("distortion", "strength", "right (95 % interval)")
    return Section(title, [told, Grid(heads, cells, (1, 2))])
