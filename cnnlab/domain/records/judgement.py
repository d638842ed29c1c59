"""What is measured of a finished run's model on one part of its dataset: the answer of `evaluate`.

Numbers are of the model in float32 that is taken along, everything random off.
"""

from typing import NotRequired, TypedDict

from cnnlab.domain.records.measured import Measured
from cnnlab.domain.records.result import TopLoss

# `class` is no name that Python allows in the other form.
_JudgedClass = TypedDict("_JudgedClass", {"class": str})


class ClassJudgement(_JudgedClass):
    """How well one class is recognized.

    Attributes:
        images: that show it.
        predicted: how many are taken for it.
        precision: 0..1, undefined where none is taken for it.
        recall: 0..1, undefined where no image shows it.
        f1: 0..1, undefined where recall is.
        roc_area: area under the curve of true against false positive rate, one against the rest.
        average_precision: area under the curve of precision against recall, as scikit-learn's
            `average_precision_score`.
    """

    images: int
    predicted: int
    precision: Measured
    recall: Measured
    f1: Measured
    roc_area: Measured
    average_precision: Measured


class Curve(TypedDict):
    """Points of a curve, thinned for drawing; the threshold of each is a probability 0..1.

    Attributes:
        x: false positive rate (ROC) or recall (precision and recall).
        y: true positive rate or precision.
        threshold: from which on an image counts as of the class.
    """

    x: list[float]
    y: list[float]
    threshold: list[float]


class ClassCurves(_JudgedClass):
    """One class against the rest; None where the class or the rest has no image."""

    roc: Curve | None
    precision_recall: Curve | None


class ReliabilityBin(TypedDict):
    """Predictions of like confidence: how sure the model is of them, how often it is right.

    Attributes:
        low: least confidence among them, 0..1; `high` the greatest.
        images: how many.
        confidence: mean, 0..1.
        accuracy: share that is right, with Wilson's interval.
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: Measured


class Calibration(TypedDict):
    """Whether a temperature makes the model's confidence truer (Guo et al. 2017).

    The gain is measured on images that the temperature wasn't fitted on (two halves, by turns).

    Attributes:
        temperature: fitted on all images of the part; probabilities become p ** (1 / temperature),
            scaled to sum to 1. Above 1 the model was too sure.
        cross_entropy: nats, as it is; `cross_entropy_scaled` with it.
        error: expected calibration error 0..1 as it is; `error_scaled` with it.
        helps: whether the cross-entropy is lower with it, its interval beyond zero.
        gain: cross-entropy without minus with it, nats per image.
    """

    temperature: float
    cross_entropy: float
    cross_entropy_scaled: float
    error: float
    error_scaled: float
    helps: bool
    gain: Measured


class CoveragePoint(TypedDict):
    """How right the model is if it may leave out those images that it is least sure of.

    Attributes:
        coverage: share 0..1 of the images that it answers.
        threshold: least confidence that it answers with.
        accuracy: on the answered ones.
    """

    coverage: float
    threshold: float
    accuracy: Measured


class Slice(TypedDict):
    """Images with something in common on which the model is worse.

    Found on one half of the images and tried on the other; the numbers are of the second half, and
    of the copies of a picture one counts.

    Attributes:
        words: what they have in common, such as `dark images of 'shirt' (mean grey level at most
            83 of 255)`.
        feature: `brightness`, `size`, `sharpness`, `copies`, `colour` or `class`.
        compared_with: what `accuracy_elsewhere` is of: `the other images`, or, for a slice of one
            class, `the other images of 'shirt'`.
        positions: rows of the dataset, of both halves, the worst first.
        images: of the second half in it.
        accuracy: on them, in the second half; `accuracy_elsewhere` on those that they are compared
            with.
        difference: `accuracy` minus `accuracy_elsewhere`.
        p_value: after Holm's correction for all slices that were tried.
    """

    words: str
    feature: str
    compared_with: str
    positions: list[int]
    images: int
    accuracy: Measured
    accuracy_elsewhere: Measured
    difference: Measured
    p_value: float


class Suspect(TypedDict):
    """An image whose label is probably wrong.

    Attributes:
        position: row of the dataset.
        label: the name of the class that it has.
        suggested: the name of the class that the model says.
        probability: of the suggested class, 0..1.
        own_probability: of the class that it has, 0..1.
    """

    position: int
    label: str
    suggested: str
    probability: float
    own_probability: float


class Crossfit(TypedDict):
    """What models say of training images that they weren't trained on, each of its own fold.

    Attributes:
        suspects: labels that are probably wrong, the most certain first.
        folds: how many models were trained, each on all folds but one.
        images: training images, all of which were asked about.
        judged: those of classes that every model has seen. Not known of what an earlier version
            did.
        accuracy: of each image by the model that wasn't trained on it, against the labels that the
            dataset has.
        not_judged: names of classes with too few pictures: some model has never seen them, so
            nothing is said of their labels.
        seconds: that training the models and asking them took.
    """

    suspects: list[Suspect]
    folds: int
    images: int
    judged: NotRequired[int]
    accuracy: Measured
    not_judged: list[str]
    seconds: float


class Judgement(TypedDict):
    """What the kept model of a run does on one part of its dataset.

    Attributes:
        split: `validation`, `train` or `test`.
        images: how many.
        classes: names in the order of the labels.
        model_epoch: whose weights were judged, 0-based; None where an earlier version didn't say.
        measures: by name: `accuracy`, `balanced_accuracy`, `macro_precision`, `macro_recall`,
            `macro_f1`, `weighted_precision`, `weighted_recall`, `weighted_f1`, `top_2` to `top_5`
            (those below the number of classes), `cross_entropy`, `brier` (sum over the classes,
            0..2), `matthews`, `kappa` (Cohen's).
        chance: accuracy of always saying the most common class, 0..1.
        confusion: counts; a row is a true class, a column a predicted one.
        per_class: in the order of `classes`.
        curves: likewise.
        reliability: bins of as equally many images as equal confidences allow, the least sure
            first.
        calibration_error: expected calibration error over those bins, 0..1.
        calibration: of the validation images only, else None.
        coverage: from all images to the surest twentieth.
        slices: on which the model is worse, the worst first, of `slices_tried` that were tried.
        slices_looked_at: how many there were to choose those from; none where there were too few
            images for any. Not known of what an earlier version judged.
        suspects: labels that are probably wrong, the most certain first; of images that trained
            the model there are none here.
        top_losses: the 24 images with the highest cross-entropy.
        missing_classes: names of those without an image here.
        flipped_labels: how many of the training images are judged by a label that was made wrong on
            purpose, as the model was trained; 0 of the other parts.
        seconds: that the judging took.
    """

    split: str
    images: int
    classes: list[str]
    model_epoch: int | None
    measures: dict[str, Measured]
    chance: float
    confusion: list[list[int]]
    per_class: list[ClassJudgement]
    curves: list[ClassCurves]
    reliability: list[ReliabilityBin]
    calibration_error: float
    calibration: Calibration | None
    coverage: list[CoveragePoint]
    slices: list[Slice]
    slices_tried: int
    slices_looked_at: NotRequired[int]
    suspects: list[Suspect]
    top_losses: list[TopLoss]
    missing_classes: list[str]
    flipped_labels: NotRequired[int]
    seconds: NotRequired[float]
