"""What each slide of a story holds; the presenter's modules in the browser are typed by these."""

from typing import Any, NotRequired, TypedDict


class ArmLook(TypedDict):
    """How an arm is called and drawn on every slide.

    Attributes:
        name: in the study.
        label: on a slide.
        color: of its lines.
        words_color: of its name, where it has the hue of the lines: CSS for light and dark.
        mark: outline of the mark on them, as the `d` of an SVG's path; empty for none.
        reference: whether the others are compared with it.
    """

    name: str
    label: str
    color: str
    words_color: str
    mark: str
    reference: bool


class Progress(TypedDict):
    """How far the runs are, in words too; `left` is about how long it takes, empty if unknown."""

    is_ended: bool
    finished: int
    total: int
    words: str
    left: str


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


class SeedLine(TypedDict):
    """The curve of one run that trains beside those that its arm's mean is made of."""

    arm: str
    seed: int
    x: list[float]
    y: list[float | None]


class CurvesSlide(TypedDict):
    """The curves: followed while they grow, and replayed.

    Attributes:
        title: the metric.
        axis: what the x axis counts.
        counter: where the replay is, `{at}` standing for the place.
        in_percent: whether the y axis is a share.
        in_share: whether the x axis is the share of the training, in percent, instead of epochs.
        epochs: of the arm that trains longest.
        first: left end of the x axis.
        last: its right end: where the curves end, or, while they grow, where they are planned to.
        reached: how far the furthest curve has come.
        range: ends of the y axis.
        arms: those that have finished an epoch.
        growing: runs that train and don't count in the mean yet.
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
    reached: float
    range: list[float]
    arms: list[Series]
    growing: list[SeedLine]
    note: str
    alt: str


class GapRow(TypedDict):
    """Clean train and validation accuracy of an arm, both in percent, and what that is in words."""

    arm: str
    label: str
    train: float
    validation: float
    words: str


class GapSlide(TypedDict):
    """How far training and validation are apart, `range` being the ends of the scale in percent."""

    title: str
    line: str
    range: list[float]
    rows: list[GapRow]


class Tick(TypedDict):
    """A place of an axis that has a name."""

    at: float
    label: str


class Mark(TypedDict):
    """Where a curve was measured: its mean, the ends of its interval or range, its seeds."""

    x: float
    mean: float
    low: float | None
    high: float | None
    seeds: list[float]
    label: str


class Trace(TypedDict):
    """What an arm, or a group of arms that share its look, reached at several places.

    Attributes:
        arm: whose colour it has.
        label: what it is called.
        marks: where it was measured, by rising x.
        smooth: points of the curve that is drawn through them; the marks themselves where empty.
        best: place of the mark that stands out; None where none does.
    """

    arm: str
    label: str
    marks: list[Mark]
    smooth: list[list[float]]
    best: int | None


class Distance(TypedDict):
    """A level, from one place to another, with the interval of the second and a name."""

    y: float
    start: float
    end: float
    low: float | None
    high: float | None
    label: str


class Panel(TypedDict):
    """A chart with axes of its own.

    Attributes:
        title: above it; may be empty.
        axis: what the x axis counts.
        ticks: its named places.
        ends: of the x axis.
        range: ends of the y axis.
        in_percent: whether the y axis is a share.
        traces: the curves.
        shaded: from where to where something is wrong; empty for nowhere.
        shaded_label: what is wrong there.
        distance: what is read off between two curves; None where nothing is.
        alt: the panel for those who don't see it.
    """

    title: str
    axis: str
    ticks: list[Tick]
    ends: list[float]
    range: list[float]
    in_percent: bool
    traces: list[Trace]
    shaded: list[float]
    shaded_label: str
    distance: Distance | None
    alt: str


class PanelsSlide(TypedDict):
    """Charts side by side, what they say in sentences, and a note on how they were made."""

    title: str
    words: list[str]
    panels: list[Panel]
    note: str


class SaidOfPicture(TypedDict):
    """How many runs of an arm are right about a picture; what most of the wrong ones say."""

    arm: str
    label: str
    right: int
    runs: int
    said: str


class Mistaken(TypedDict):
    """A validation picture: its row of the dataset, its class, and what each arm says of it."""

    row: int
    label: str
    arms: list[SaidOfPicture]


class MistakesGroup(TypedDict):
    """Pictures that were picked for one reason."""

    head: str
    pictures: list[Mistaken]


class MistakesSlide(TypedDict):
    """Validation pictures that the arms get wrong, and those on which they differ most."""

    title: str
    line: str
    groups: list[MistakesGroup]


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
        is_far: whether it lies too far off the others to share their scale.
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
    is_far: bool


class VerdictSlide(TypedDict):
    """What the data say.

    Attributes:
        title: all verdicts in one line.
        line: what the differences are of.
        unit: of the differences.
        margin: differences up to this count as none, in the unit.
        better: the side, `left` or `right`.
        rows: one for each arm but the reference.
        replies: by arm, an empty one where only the best is asked for, what is said to each answer.
    """

    title: str
    line: str
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
    """A study as a story; `study` is its id, a slide without anything to show is None."""

    study: str
    arms: list[ArmLook]
    progress: Progress
    question: QuestionSlide
    data: DataSlide | None
    expect: ExpectSlide
    curves: CurvesSlide
    gap: GapSlide | None
    verdict: VerdictSlide
    dose: PanelsSlide | None
    worth: PanelsSlide | None
    robustness: PanelsSlide | None
    mistakes: MistakesSlide | None
    limits: list[Limit]


class SlideChoice(TypedDict):
    """What whoever presents has made of a slide; the note is theirs alone."""

    slide: str
    title: str
    is_hidden: bool
    note: str


class StoryNews(TypedDict):
    """What of a story is new to a browser.

    Attributes:
        version: of what it knows then; it brings that the next time.
        story: the parts that have changed, by their names in `Story`.
        deck: all slides in their order, where that or a part of them has changed.
    """

    version: str
    story: dict[str, Any]
    deck: NotRequired[list[SlideChoice]]
