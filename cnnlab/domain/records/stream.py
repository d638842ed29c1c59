"""What goes to the live view in the browser."""

from typing import Any, TypedDict

from cnnlab.domain.records.training import EpochRecord, ProgressRow, TurnRecord, WorkerFacts


class StreamPosition(TypedDict):
    """What a browser has of a run: number of the attempt, and rows of it by kind."""

    attempt: int
    epochs: int
    turns: int
    steps: int


class StreamNews(TypedDict, total=False):
    """One message of the live stream: what a browser doesn't have yet.

    Attributes:
        next: where the browser is then.
        epochs: without their weights by layer.
        turns: of the dials.
        steps: those of the open epoch, and phases.
        status: as `domain.run.Status`.
        message: why it ended, or what was lost.
        device: in words, once known.
        changed_by_hand: whether a dial was turned.
        queue: where it stands in the queue, in words; empty where it doesn't wait.
        stopping: whether it was asked to stop and still tidies up.
        log: the last lines of its worker's log.
        facts: what its worker said before the first step.
        phase: what its worker is doing, in words; empty once it trains.
        error: why nothing more will come, in a sentence.
    """

    next: StreamPosition
    epochs: list[EpochRecord]
    turns: list[TurnRecord]
    steps: list[ProgressRow]
    status: str
    message: str | None
    device: str | None
    changed_by_hand: bool
    queue: str
    stopping: bool
    log: str
    facts: WorkerFacts
    phase: str
    error: str


class DialWords(TypedDict):
    """How a dial is called, its unit, and its value when the run was launched."""

    label: str
    unit: str
    value: Any


class ParentEpoch(TypedDict):
    """What the chart of a fork draws of an epoch of its parent."""

    epoch: int
    clean_cross_entropy: float | None
    clean_accuracy: float | None
    val_cross_entropy: float | None
    val_accuracy: float | None
    penalty: float | None


class ChartData(TypedDict):
    """What the live chart wants beside the stream.

    Attributes:
        dials: those of the run, by dotted config field.
        auto_batch_size: whether the worker chooses the batch size.
        branch: 0-based epoch after which a fork goes on from its parent; else None.
        parent: curve of the parent, thinned.
    """

    dials: dict[str, DialWords]
    auto_batch_size: bool
    branch: int | None
    parent: list[ParentEpoch]
