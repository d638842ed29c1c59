"""How a run ended and what its model does: `result.json`."""

from typing import NotRequired, TypedDict

from cnnlab.domain.records.export import ExportCheck


class Scores(TypedDict):
    """Precision, recall and F1, each 0..1."""

    precision: float
    recall: float
    f1: float


# `class` is no name that Python allows in the other form.
_ClassName = TypedDict("_ClassName", {"class": str, "images": int})


class ClassRow(_ClassName, Scores):
    """How well one class is recognized: `class`, how many `images` it has, and its scores."""


class ClassificationReport(TypedDict):
    """How right class probabilities are.

    Attributes:
        accuracy: 0..1.
        cross_entropy: nats.
        macro: means over the classes that have images.
        per_class: in the order of the labels.
        confusion: counts; a row is a true class, a column a predicted one.
    """

    accuracy: float
    cross_entropy: float
    macro: Scores
    per_class: list[ClassRow]
    confusion: list[list[int]]


class TopLoss(TypedDict):
    """An image that a model is very wrong about.

    Attributes:
        position: row of the dataset.
        true: name of its class.
        predicted: name of the class that the model takes it for.
        probability: of the predicted class, 0..1.
        cross_entropy: nats.
    """

    position: int
    true: str
    predicted: str
    probability: float
    cross_entropy: float


class CalibrationBin(TypedDict):
    """The predictions whose confidence lies in low < p <= high; means are None without images."""

    low: float
    high: float
    images: int
    confidence: float | None
    accuracy: float | None


class CalibrationRecord(TypedDict):
    """Expected calibration error `ece` (0..1) and the bins that it is the mean of."""

    ece: float
    bins: list[CalibrationBin]


class RobustnessRow(TypedDict):
    """Accuracy (0..1) under one distortion of one strength, which is in `unit`."""

    distortion: str
    strength: float
    unit: str
    accuracy: float


class Robustness(TypedDict):
    """How right a model is on distorted images.

    Attributes:
        robustness: by distortion and strength.
        robustness_images: how many were distorted.
        robustness_undistorted: accuracy on the same images as they are, 0..1.
    """

    robustness: NotRequired[list[RobustnessRow]]
    robustness_images: NotRequired[int]
    robustness_undistorted: NotRequired[float]


class Evaluation(ClassificationReport, Robustness):
    """What the kept model of a run does on the validation images (`report` in `result.json`).

    Attributes:
        best_epoch: 0-based.
        top_losses: the worst first.
        calibration: how far its confidence is from how often it is right.
        val_correct: a 1 or 0 for each validation image by whether the prediction is right.
    """

    best_epoch: int | None
    top_losses: list[TopLoss]
    calibration: NotRequired[CalibrationRecord]
    val_correct: NotRequired[str]


class RunResult(TypedDict):
    """How an attempt ended: `result.json`.

    Attributes:
        status: `finished`, `stopped` or `failed`.
        message: a sentence, if there is one to say.
        cause: of a failure: `config`, `disk`, `memory`, `not_finite` or `error`.
        disk_full: True where a full disk was the cause: the run goes on when there is room.
        seconds: that the worker took.
        best_epoch: 0-based; this and the next ones only where an epoch was finished.
        model_epoch: whose weights the kept model has, 0-based.
        weights_checksum: of the weights after the last epoch.
        report: what the kept model does.
        export: how its file compares; missing where no file was written.
    """

    status: str
    message: str | None
    cause: NotRequired[str]
    disk_full: NotRequired[bool]
    seconds: NotRequired[float]
    best_epoch: NotRequired[int | None]
    model_epoch: NotRequired[int | None]
    weights_checksum: NotRequired[str]
    report: NotRequired[Evaluation]
    export: NotRequired[ExportCheck]


class Origin(TypedDict):
    """The run and its epoch (0-based) that another run was forked from."""

    run: str
    epoch: int
