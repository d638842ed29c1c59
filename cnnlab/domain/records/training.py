"""What a training tells while it goes on: epochs, steps, facts, dials, the rows of its journals."""

from typing import Literal, Never, NotRequired, TypedDict

Nothing = dict[str, Never]
"""A record that isn't there yet, as JSON has it: `{}`."""

EpochMetric = Literal[
    "loss", "cross_entropy", "accuracy", "penalty", "clean_cross_entropy", "clean_accuracy",
    "val_cross_entropy", "val_accuracy", "learning_rate", "seconds", "images_per_second",
    "evaluation_seconds", "memorized", "rescued",
]  # fmt: skip
"""What an epoch record has a number for."""

WeightMetric = Literal["norm", "near_zero"]
CurveMetric = EpochMetric | WeightMetric | Literal["gap"]
"""What a curve over the epochs can show; the gap is clean train minus validation accuracy."""

ImageMetric = Literal["val_accuracy", "val_cross_entropy"]
"""What every validation image has a value of."""

ModelMetric = Literal["robustness", "calibration"]
"""What is measured once, of the model that a run keeps."""

HistoryMetric = ImageMetric | Literal["gap"]
"""What the records of its epochs say of a run."""

JudgedMetric = HistoryMetric | ModelMetric
"""What a verdict may be about."""

ComparedMetric = JudgedMetric
"""What arms are compared by."""


class WeightRow(TypedDict):
    """The weights of one kernel after an epoch: those that the evaluation used.

    Attributes:
        layer: its name; of a separable convolution with `/depthwise` or `/pointwise` behind it.
        norm: L2.
        near_zero: share 0..1 of the weights whose magnitude is below 1e-3.
    """

    layer: str
    norm: float
    near_zero: float


class EpochRecord(TypedDict):
    """Metrics of one finished epoch; None where a value can't be known or isn't finite.

    Attributes:
        epoch: 0-based.
        loss: the optimized objective: smoothed or mixed target, focal loss, class weights and
            penalty included.
        cross_entropy: nats, mean over the epoch as seen in training (augmentation and dropout on,
            weights still moving).
        accuracy: likewise, 0..1.
        penalty: the L1 / L2 part of the loss after the epoch, of the weights that are evaluated.
        clean_cross_entropy: nats, on a fixed part of the training images with everything off. Both
            clean metrics judge by the labels that the run is trained on, under label noise by the
            flipped ones too.
        clean_accuracy: likewise, 0..1; the gap is this minus `val_accuracy`.
        val_cross_entropy: nats, on the validation images; never holds the penalty.
        val_accuracy: likewise, 0..1.
        learning_rate: at the last step of the epoch.
        seconds: wall time of the training part, evaluation not counted.
        images_per_second: training images per second in that time.
        evaluation_seconds: wall time of the clean metrics and the validation after it, batch norm's
            statistics included.
        memorized: under label noise, the share 0..1 of a fixed part of the training images with a
            flipped label for which the model, everything off, says the wrong label that it was
            trained on; None without label noise.
        rescued: likewise, the share for which it says the true label.
        weights: of every kernel; empty where they weren't measured.
    """

    epoch: int
    loss: float | None
    cross_entropy: float | None
    accuracy: float | None
    penalty: float | None
    clean_cross_entropy: float | None
    clean_accuracy: float | None
    val_cross_entropy: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float
    images_per_second: float
    evaluation_seconds: NotRequired[float]
    memorized: NotRequired[float | None]
    rescued: NotRequired[float | None]
    weights: NotRequired[list[WeightRow]]


class StepRecord(TypedDict):
    """The running means inside an epoch, for the live view.

    Attributes:
        epoch: 0-based.
        step: 0-based, in the epoch.
        loss: mean since the epoch began, like `cross_entropy` (nats) and `accuracy` (0..1).
        images_per_second: since the record before.
        learning_rate: at this step.
        seconds: since the epoch began.
    """

    epoch: int
    step: int
    loss: float
    cross_entropy: float
    accuracy: float
    images_per_second: float
    learning_rate: float
    seconds: float


class LayerRow(TypedDict):
    """One layer of a network; `output_shape` is without the batch."""

    name: str
    kind: str
    output_shape: list[int]
    parameters: int


class DeviceFacts(TypedDict):
    """Where a worker computes, and with what.

    Attributes:
        device: in words, such as `CPU (2 threads)`.
        threads: of the CPU, for TensorFlow and the input path.
        versions: of the program and of what its numbers depend on.
        bits_version: counts the program's changes of its numbers; missing in early runs.
        compute_capability: of a GPU, such as `8.0`; missing on a CPU, like the next one.
        device_memory_bytes: of a GPU; None where it isn't known.
        device_note: why it isn't quite the device that was asked for.
    """

    device: str
    threads: int
    versions: dict[str, str]
    bits_version: NotRequired[int]
    compute_capability: NotRequired[str]
    device_memory_bytes: NotRequired[int | None]
    device_note: NotRequired[str]


class SeenImages(TypedDict):
    """Images that judge a run and that trained the weights that it starts with.

    An image counts that shows the same picture as one of theirs, by its bytes or as a copy that the
    import has found.

    Attributes:
        runs: names of the runs that trained them on any, that whose weights they are first.
        validation_images: how many the run has, and of them `seen_validation` trained the weights.
        test_images: likewise, and `seen_test`.
        checksum: sha256 of which validation images those are; empty for none.
        unknown_of: names of the runs of which that can't be told.
    """

    runs: list[str]
    validation_images: int
    seen_validation: int
    test_images: int
    seen_test: int
    checksum: str
    unknown_of: list[str]


class PretrainedFacts(TypedDict):
    """The weights that a run started with instead of those that it drew.

    Attributes:
        source: where they come from, in words.
        sha256: of their file.
        licence: of them; empty where that isn't known.
        taken: how many weights of the network were taken from there.
        new: names of the others, `layer/weight`, which were drawn.
        seen: images that judge the run and that trained these weights; None where which images did
            isn't known, as of ImageNet's.
    """

    source: str
    sha256: str
    licence: str
    taken: int
    new: list[str]
    seen: NotRequired[SeenImages | None]


class PhaseFacts(TypedDict):
    """A phase of a run.

    Attributes:
        first_epoch: 0-based.
        words: what trains in it, and at which learning rate.
        trained: names of the layers that train.
    """

    first_epoch: int
    words: str
    trained: list[str]


class WorkerFacts(DeviceFacts):
    """What a worker says of a run before its first step.

    Attributes:
        batch_size: images per step; where it was chosen `batch_size_words` says why.
        deterministic: how exactly the run can be repeated, in a sentence.
        acceleration: what makes it faster, in a sentence.
        cached_features: what of the network is computed once for each image, in a sentence; empty
            where nothing is.
        parameters: of the network, those that aren't trained included.
        layers: of the network.
        pretrained: None where all weights were drawn.
        phases: none where there is only one.
        init_checksum: of all initial weights, the pretrained ones among them; by layer in
            `layer_checksums`.
        batch_order_checksum: of the order in which the training images are seen.
        epochs: that the config asks for.
        steps_per_epoch: weight updates.
        train_images: how many train, and of them `flipped_labels` have a wrong label.
        validation_images: how many judge.
        clean_images: on how many of the training images the clean metrics are measured.
        clean_is_subset: whether these aren't all of them.
        statistics_images: on how many of the training images batch norm's statistics are measured
            before each evaluation; 0 where no batch norm is trained. Runs of early versions lack
            it: theirs were running averages, which after some hundred steps may be far off.
    """

    batch_size: NotRequired[int]
    batch_size_words: NotRequired[str]
    deterministic: str
    acceleration: NotRequired[str]
    cached_features: NotRequired[str]
    parameters: int
    layers: NotRequired[list[LayerRow]]
    pretrained: NotRequired[PretrainedFacts | None]
    phases: NotRequired[list[PhaseFacts]]
    init_checksum: str
    layer_checksums: NotRequired[dict[str, str]]
    batch_order_checksum: NotRequired[str]
    epochs: int
    steps_per_epoch: int
    train_images: int
    flipped_labels: NotRequired[int]
    validation_images: int
    clean_images: NotRequired[int]
    clean_is_subset: NotRequired[bool]
    statistics_images: NotRequired[int]


class AskedTurn(TypedDict):
    """A turn of the dials that a user asks for: `values` by dotted config field."""

    number: int
    values: dict[str, float]


class TurnRecord(AskedTurn):
    """A turn that was made; `step` is the 0-based global step from which its values held."""

    step: int


class StartedRow(TypedDict):
    """Row of `events.jsonl`: training begins."""

    kind: Literal["started"]
    facts: WorkerFacts


class EpochRow(TypedDict):
    """Row of `events.jsonl`: an epoch is finished."""

    kind: Literal["epoch"]
    record: EpochRecord


class DialsRow(TurnRecord):
    """Row of `events.jsonl`: dials were turned."""

    kind: Literal["dials"]


class PhaseRow(TypedDict):
    """Row of `steps.jsonl`: what the worker is doing, in words."""

    kind: Literal["phase"]
    text: str


class ShareRow(TypedDict):
    """Row of `steps.jsonl`: how much of the current phase is done; `total` is 0 if unknown."""

    kind: Literal["progress"]
    done: int
    total: int


class StepRow(StepRecord):
    """Row of `steps.jsonl`: running means."""

    kind: Literal["step"]


EventRow = StartedRow | EpochRow | DialsRow
ProgressRow = PhaseRow | ShareRow | StepRow
