"""What was measured of the solutions that a study's runs found: redundancy and loss landscape.

A solution is the model that a run kept. Losses are plain cross-entropies in nats, without penalty
and with everything random off; where a network gave nothing finite they are None.
"""

from typing import Literal, TypedDict


class SolutionOf(TypedDict):
    """Whose solution it is.

    Attributes:
        arm: of the study.
        seed: of the run.
        run: its id.
    """

    arm: str
    seed: int
    run: str


class MeasuredRun(SolutionOf):
    """A run whose solution is to be measured.

    Attributes:
        attempt: the one that has its training states.
    """

    attempt: int


class NotMeasured(SolutionOf):
    """A solution that wasn't measured.

    Attributes:
        why: in one sentence.
    """

    why: str


RemovedFrom = Literal["all", "last"]
"""From which layers units are removed: all, or those that dense layers read."""


class Removed(TypedDict):
    """What a model still says while units are taken from it.

    Attributes:
        units: that these layers have.
        accuracy: 0..1, for each share the values of all draws; for share 0 one.
        cross_entropy: likewise, nats.
    """

    units: int
    accuracy: list[list[float]]
    cross_entropy: list[list[float | None]]


class UnitsOfRun(SolutionOf):
    """A run's model with units removed.

    Attributes:
        epoch: whose weights were measured, 0-based.
        images: validation images that the model was asked about.
        guessing: 0..1, what always saying the commonest class would give on them.
        removed: by the layers from which units were removed.
    """

    epoch: int
    images: int
    guessing: float
    removed: dict[RemovedFrom, Removed]


class StudyUnits(TypedDict):
    """Units removed from the solutions of a study.

    Attributes:
        shares: of each layer's units, 0..1, rising from 0.
        draws: how many random choices of units there are for each share.
        runs: what was measured.
        left_out: what wasn't.
        seconds: how long it took.
    """

    shares: list[float]
    draws: int
    runs: list[UnitsOfRun]
    left_out: list[NotMeasured]
    seconds: float


class LineOfRun(SolutionOf):
    """The loss on the line from the reference's solution of the same seed to this one.

    Attributes:
        reference: id of the reference's run, on whose images losses are measured.
        images: how many training images.
        validation_images: how many validation images.
        train: cross-entropy on the training images at each place.
        validation: likewise.
    """

    reference: str
    images: int
    validation_images: int
    train: list[float | None]
    validation: list[float | None]


class WidthOfRun(SolutionOf):
    """How the loss rises around a solution.

    Attributes:
        epoch: whose weights were measured, 0-based.
        images: training images on which losses were measured.
        measured_norms: whether the network has batch norm, whose statistics were measured anew at
            every place.
        cross_entropy: on these images at the solution itself.
        rises: by distance: how much larger it is there, over all directions and both ways.
    """

    epoch: int
    images: int
    measured_norms: bool
    cross_entropy: float | None
    rises: list[float | None]


class SliceOfRun(SolutionOf):
    """The loss on a plane through a solution.

    Attributes:
        cross_entropy: on the training images, a row for each place along the second direction.
    """

    cross_entropy: list[list[float | None]]


class StudyLandscape(TypedDict):
    """The loss around the solutions of a study, and between them.

    Attributes:
        places: on the line: 0 is the reference's solution, 1 the arm's.
        distances: at which the rise was measured, as a part of each filter's own length.
        directions: how many random ones were taken, each both ways.
        slice_places: along both directions of a plane, in the same unit as the distances.
        lines: between solutions.
        widths: around solutions.
        slices: one for each arm, of the first seed that all of them have.
        no_line: by arm: why there is no line to it, in one sentence.
        left_out: what wasn't measured.
        seconds: how long it took.
    """

    places: list[float]
    distances: list[float]
    directions: int
    slice_places: list[float]
    lines: list[LineOfRun]
    widths: list[WidthOfRun]
    slices: list[SliceOfRun]
    no_line: dict[str, str]
    left_out: list[NotMeasured]
    seconds: float
