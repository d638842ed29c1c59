"""What each slide of a story holds; the presenter's modules in the browser are typed by these."""

from typing import TypedDict


class ArmLook(TypedDict):
    """How an arm is called and drawn on every slide."""

    name: str
    label: str
    color: str
    dash: str
    reference: bool


class QuestionSlide(TypedDict):
    """What is asked, what is compared with what, and how often it is trained."""

    title: str
    line: str
    setup: str


class DataFact(TypedDict):
    """A number that says much of the dataset."""

    number: str
    words: str


class ClassCard(TypedDict):
    """A class of the dataset, `count` with separators."""

    name: str
    label: str
    count: str


class DataSlide(TypedDict):
    """The dataset; `more` tells of classes that have no room."""

    title: str
    facts: list[DataFact]
    classes: list[ClassCard]
    more: str
    notes: list[str]


class Option(TypedDict):
    """One answer of the room."""

    value: str
    label: str


class Asked(TypedDict):
    """A question to the room; one with an empty `arm` asks which arm is best."""

    arm: str
    label: str
    options: list[Option]


class ExpectSlide(TypedDict):
    """What the room is asked before it sees the curves."""

    title: str
    line: str
    rows: list[Asked]


class Series(TypedDict):
    """Mean curve and band of an arm; None where a value isn't known."""

    arm: str
    x: list[float]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


class CurvesSlide(TypedDict):
    """The curves to be replayed.

    Attributes:
        title: the metric.
        axis: what the x axis counts.
        counter: where the replay is, `{at}` standing for the place.
        in_percent: whether the y axis is a share.
        in_share: whether the x axis is the share of the training, in percent, instead of epochs.
        epochs: of the arm that trains longest.
        first: left end of the x axis.
        last: its right end.
        range: ends of the y axis.
        arms: those that have finished an epoch.
        note: what line and band mean.
        alt: the slide for those who don't see it.
    """

    title: str
    axis: str
    counter: str
    in_percent: bool
    in_share: bool
    epochs: int
    first: float
    last: float
    range: list[float]
    arms: list[Series]
    note: str
    alt: str


class VerdictRow(TypedDict):
    """The verdict on an arm; its difference and intervals in the slide's unit, None if unknown.

    Attributes:
        arm: its name.
        label: what the slide calls it.
        verdict: by its name.
        said: in a word or two.
        words: in a sentence.
        mean: difference from the reference.
        low: lower end of the interval that the verdict rests on.
        high: its upper end.
        other_low: lower end of the interval of the scope that the verdict isn't about.
        other_high: its upper end.
    """

    arm: str
    label: str
    verdict: str
    said: str
    words: str
    mean: float | None
    low: float | None
    high: float | None
    other_low: float | None
    other_high: float | None


class VerdictSlide(TypedDict):
    """What the data say.

    Attributes:
        title: all verdicts in one line.
        line: what the differences are of.
        answer: what a study of strengths or sizes was made for; empty for others.
        unit: of the differences.
        margin: differences up to this count as none, in the unit.
        better: the side, `left` or `right`.
        rows: one for each arm but the reference.
        replies: by arm, an empty one where only the best is asked for, what is said to each answer.
    """

    title: str
    line: str
    answer: str
    unit: str
    margin: float
    better: str
    rows: list[VerdictRow]
    replies: dict[str, dict[str, str]]


class Limit(TypedDict):
    """Something that the answer rests on, or where it ends."""

    head: str
    text: str


class Story(TypedDict):
    """A study as a story, slide by slide; `study` is its id."""

    study: str
    arms: list[ArmLook]
    question: QuestionSlide
    data: DataSlide
    expect: ExpectSlide
    curves: CurvesSlide
    verdict: VerdictSlide
    limits: list[Limit]
