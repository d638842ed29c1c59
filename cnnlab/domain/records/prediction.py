"""What a model says of a picture: by the route, to the command line and in tables."""

from typing import NotRequired, TypedDict

from cnnlab.domain.records.explanation import Explanation

# `class` is no name that Python allows in the other form.
_NamedClass = TypedDict("_NamedClass", {"class": str})


class Guess(_NamedClass):
    """A class with its probability.

    Attributes:
        probability: 0..1, the exported model's own.
        calibrated: with the temperature that was fitted on the validation images; None where the
            run was not evaluated or none helps.
    """

    probability: float
    calibrated: float | None


class FamiliarityLimit(TypedDict):
    """From where on a picture counts as unlike those that a model was trained on.

    Attributes:
        limit: what is farther counts as unlike.
        false_alarms: share 0..1 of the validation images that are farther too.
        low: of pictures like those in validation at least this share is farther, 0..1, with
            `high` a 95 % interval: wide where there are few validation images.
        high: at most this share.
        images: of validation, that the limit was set by.
    """

    limit: float
    false_alarms: float
    low: float
    high: float
    images: int


class Familiarity(FamiliarityLimit):
    """Whether a picture is like those that the model was trained on.

    Attributes:
        distance: to the nearest training images, in the network's features; about 1 between two of
            those.
        is_unlike: whether it is farther than the limit; None where too few images set that, see
            `cnnlab.domain.data.familiarity`.
    """

    distance: float
    is_unlike: bool | None


class Prediction(_NamedClass):
    """What one run's model says of one picture.

    Attributes:
        run: its id; `run_name` what it is called.
        file: the picture's name.
        probability: of the class, 0..1.
        top: the five most probable classes, or all where there are fewer.
        familiarity: None where it isn't known (yet).
        seen: the picture as it was prepared for this network, a PNG as a data URL; on request.
        explanation: where the network looks in it; on request.
    """

    run: str
    run_name: str
    file: str
    probability: float
    top: list[Guess]
    familiarity: Familiarity | None
    seen: NotRequired[str]
    explanation: NotRequired[Explanation]


class PictureRow(TypedDict):
    """What is said of one of many pictures.

    Attributes:
        row: its number in the table, from 0.
        file: what it is called.
        predictions: one for each run, in their order; empty where it is no picture.
        reason: why it is none, as the end of a sentence.
    """

    row: int
    file: str
    predictions: list[Prediction]
    reason: NotRequired[str]


class PredictAnswer(TypedDict):
    """What is said of one picture that was sent.

    Attributes:
        predictions: one for each run that was asked and can answer, in their order.
        milliseconds: from the picture's arrival to the answer.
        problem: why there is no answer at all, in one sentence.
        problems: by run, why this one can't answer, in one sentence; the others do.
        phase: what is being done before all can answer (a model that is loaded): ask again.
    """

    predictions: list[Prediction]
    milliseconds: float
    problem: NotRequired[str]
    problems: NotRequired[dict[str, str]]
    phase: NotRequired[str]
