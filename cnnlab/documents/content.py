"""What a study's report is made of: read by the caller, so that the page is a pure function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.records.training import ComparedMetric, EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Kind, Study
from cnnlab.figures.traces import Figure
from cnnlab.study.measures.bands import Histories
from cnnlab.study.verdicts import METRICS, Comparison, Metric


@dataclass(frozen=True)
class SharedStart:
    """What the runs of one seed have in common.

    Attributes:
        seed: of the runs.
        checksum: of the reference's initial weights.
        same_weights: arms whose initial weights are all those of the reference.
        other_network: for each arm with another network the layers that begin alike.
        same_order: arms that see the training images in the reference's order.
    """

    seed: int
    checksum: str
    same_weights: list[str] = field(default_factory=list)
    other_network: dict[str, list[str]] = field(default_factory=dict)
    same_order: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Further:
    """A figure of its own with what it shows in words.

    Attributes:
        title: a few words of ours.
        words: sentences, as plain text; names of users may be in them.
        figure: Plotly's JSON.
        height: in px.
    """

    title: str
    words: Sequence[str]
    figure: Figure
    height: int


@dataclass(frozen=True)
class Content:
    """A study as its report tells it.

    Attributes:
        study: as it was launched.
        dataset: that all runs use.
        splits: images in train, validation and test, as the base splits them.
        runs: by arm and seed.
        values: what each run that counts measured, by metric, arm and seed.
        comparisons: by metric and arm.
        alpha: chance of any false claim that the verdicts allow, 0..1.
        validation_images: how many judge each run; None before the first has begun.
        histories: epoch records by arm and seed.
        facts: what the workers said at the start, by id of the run.
        starts: for each seed whose reference has begun.
        answers: what is read off the verdicts' metric beyond them, by a study's kind.
        measured: what else was measured of the kept models; no verdict rests on it.
        flattered: that accuracies are too high for what the runs start with; empty where none is.
        made_at: when the report was made, ISO 8601.
    """

    study: Study
    dataset: Dataset
    splits: Mapping[str, int]
    runs: Mapping[str, Mapping[int, Run]]
    values: Mapping[ComparedMetric, Mapping[str, Mapping[int, float]]]
    comparisons: Mapping[ComparedMetric, Mapping[str, Comparison]]
    alpha: float
    validation_images: int | None
    histories: Mapping[str, Histories]
    facts: Mapping[str, WorkerFacts | Nothing] = field(default_factory=dict)
    starts: Sequence[SharedStart] = ()
    answers: Sequence[Further] = ()
    measured: Sequence[Further] = ()
    flattered: str = ""
    made_at: str = ""

    @property
    def primary(self) -> Metric:
        """The metric that the verdicts are about."""
        return METRICS[self.study.primary]

    @property
    def verdicts(self) -> Mapping[str, Comparison]:
        """The comparisons on the primary metric, by arm."""
        return self.comparisons[self.study.primary]

    @property
    def compared_with(self) -> str:
        """What each arm is compared with, in words; a name of the user's may be in it."""
        if self.study.kind is Kind.WORTH:
            return "the arm of the same size without the change"
        return self.study.reference.name

    @property
    def all_runs(self) -> list[Run]:
        """Its runs in the order in which they train."""
        found = (self.runs.get(arm.name, {}).get(seed) for arm, seed in self.study.pairs)
        return [run for run in found if run is not None]

    @property
    def counted(self) -> int:
        """Number of runs that the verdicts rest on."""
        return sum(map(len, self.values[self.study.primary].values()))

    def counts(self, run: Run) -> bool:
        """Whether the verdicts rest on a run too."""
        return run.config["training"]["seed"] in self.values[self.study.primary].get(
            run.arm or "", {}
        )

    def judged(self, run: Run) -> EpochRecord | Nothing:
        """The epoch record by which a run is judged; empty before its first epoch is finished."""
        return run.best if self.study.judged_at == "best" else run.last

    @property
    def left_out(self) -> list[tuple[Run, str]]:
        """The ended runs that the verdicts leave out, each with the reason."""
        return [
            (run, _reason(run))
            for run in self.all_runs
            if run.status.is_ended and not self.counts(run)
        ]


def _reason(run: Run) -> str:
    if run.status is not Status.FINISHED:
        return f"{run.status.value}. {run.message or ''}".strip()
    if run.changed_by_hand:
        return "a dial was turned by hand while it trained"
    return "its metric isn't a finite number"
