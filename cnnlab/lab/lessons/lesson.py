"""What a lesson is: a claim, what one may expect of it, the study that tests it, what that says.

A lesson is one file in `members/` that gives a `Lesson`; page and table know nothing else of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnlab.domain.study import Kind, Study
from cnnlab.figures.traces import Figure
from cnnlab.jobs.state import JobState
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.study.view import StudyView
from cnnlab.study.chance.claims import Outcome

UNSURE = "unsure"
"""The expectation of who has none; no data agree with it or not."""


@dataclass(frozen=True)
class Chart:
    """A figure of an answer.

    Attributes:
        title: above it.
        figure: as Plotly's JSON.
        alt: what it shows, for those who don't see it.
        caption: how it is read; empty where that is plain.
        height: in px.
    """

    title: str
    figure: Figure
    alt: str
    caption: str = ""
    height: int = 320


@dataclass(frozen=True)
class Answer:
    """What the data say of a lesson's claim.

    Attributes:
        outcome: what is known of the claim.
        words: the answer as a sentence, such as 'The weights are 40 % smaller (35 to 45).'.
        bears_out: which of the lesson's expectations it bears out; empty where it can't be told.
        more: further sentences: what came with it, and what it doesn't say.
        charts: that show it.
        seeds: how many it rests on; 0 where on none.
        confidence: of the interval that decides, 0..1; 0 where there is none.
    """

    outcome: Outcome
    words: str
    bears_out: str = ""
    more: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    seeds: int = 0
    confidence: float = 0.0


@dataclass(frozen=True)
class Measurement:
    """What has to be measured of a study's models once all of them have trained, as a job.

    Attributes:
        words: what is done, as a heading of its progress.
        start: begins it for a study, or goes on where it failed.
        state: where it stands; None where nobody has asked for it.
        cancel: ends it; what was measured is kept.
        unmeasured: how many runs that count have come since it was done.
        run_seconds: that it takes for a run, about.
    """

    words: str
    start: Callable[[str], JobState[Any]]
    state: Callable[[str], JobState[Any] | None]
    cancel: Callable[[str], None]
    unmeasured: Callable[[StudyView], int]
    run_seconds: float


@dataclass(frozen=True)
class Next:
    """Something to try after a lesson: another lesson, or a study that begins with its settings.

    Attributes:
        words: what and why, as a sentence.
        lesson: name of another lesson; empty for a study.
        kind: what the study asks.
        fields: session keys of the study's form with their values.
        changes: dotted config fields, to be changed from what the lesson shared.
    """

    words: str
    lesson: str = ""
    kind: Kind = Kind.COMPARE
    fields: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        name: in its address.
        fields: of the config, of which it shows what they do; one with fields below it means all.
        title: in a few words.
        icon: a Material symbol.
        claim: what is said, as one sentence.
        source: who says it, where.
        background: what it means, for somebody who has never heard of it.
        method: how it is tested here, in plain words.
        question: what is asked before the start.
        expectations: the answers to choose from, by name; the first is that the claim holds.
        fewest_images: training images of each class that it needs.
        plan: the study that tests it; launched as it is.
        watch: what is worth watching while it trains; None before there is anything to draw.
        tell: what an ended study says, where all of its runs count and were measured.
        next_steps: what to try then.
        measurement: of the trained models, that the answer needs; None for none.
        takes_broken: whether a run whose loss is no longer finite is a result here, and no failure.
    """

    name: str
    title: str
    icon: str
    claim: str
    source: str
    background: str
    method: str
    question: str
    expectations: Mapping[str, str]
    fewest_images: int
    plan: Callable[[Setting], Study]
    watch: Callable[[StudyView], Chart | None]
    tell: Callable[[StudyView], Answer]
    next_steps: tuple[Next, ...] = ()
    measurement: Measurement | None = None
    takes_broken: bool = False
    fields: tuple[str, ...] = ()
