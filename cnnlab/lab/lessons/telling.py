"""What lessons show and answer alike: curves while it trains, a dot for each seed, the answer."""

from collections.abc import Sequence

from cnnlab.domain.records.training import HistoryMetric
from cnnlab.figures.answers.claims import AROUND_PX, ROW_PX, ClaimRow, claims_figure, means_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.evidence import doubts
from cnnlab.lab.lessons.lesson import Answer, Chart
from cnnlab.lab.study.view import StudyView, study_histories
from cnnlab.study.chance.claims import JudgedClaim

BAND = "Line: mean over the seeds; band: its 95 % interval."
"""How curves of means are read."""


def epochs_of(view: StudyView) -> int:
    """Epochs that the study's reference trains."""
    return view.study.config(view.study.reference, 0).training.epochs


def share_chart(
    view: StudyView, metric: HistoryMetric, label: str, *, title: str, alt: str, then: str = ""
) -> Chart:
    """A share of images over the epochs, for each arm.

    Args:
        view: of the study.
        metric: what is drawn.
        label: of its axis.
        title: above the chart.
        alt: what it shows, for those who don't see it.
        then: what follows after training, in a sentence; empty for nothing.
    """
    figure = means_figure(
        study_histories(view),
        metric,
        arm_styles(view.study),
        label,
        epochs=epochs_of(view),
        is_share=True,
    )
    return Chart(title, figure, alt, f"{BAND} {then}".rstrip())


def seeds_chart(  # noqa: PLR0913 - the words of a chart
    rows: Sequence[ClaimRow],
    axis: str,
    *,
    title: str,
    alt: str,
    against: str,
    unit: str = "points",
    also: str = "",
) -> Chart:
    """What each seed says of a claim, and their interval.

    Args:
        rows: one for each arm, shares of 1.
        axis: what the numbers are.
        title: above the chart.
        alt: what it shows, for those who don't see it.
        against: what each seed is compared with, as in 'the plain network of the same seed'.
        unit: what the axis counts hundredths in.
        also: how else it is read, in a sentence; empty for nothing.
    """
    figure = claims_figure(rows, axis, scale=100, unit=unit)
    caption = f"Dots: seeds, each against {against}. Bar: interval of the mean. {also}".rstrip()
    return Chart(title, figure, alt, caption, ROW_PX * len(rows) + AROUND_PX)


def answer_of(
    claim: JudgedClaim,
    words: str,
    bears_out: str,
    more: Sequence[str],
    charts: Sequence[Chart],
) -> Answer:
    """The answer that a claim gives: where it can't decide, the reason is the first further word.

    Args:
        claim: what the lesson is about.
        words: what was found, as a sentence.
        bears_out: see `Answer`, as for the others.
        more: likewise.
        charts: likewise.
    """
    return Answer(
        claim.outcome,
        words,
        bears_out,
        (*doubts(claim), *more),
        tuple(charts),
        seeds=claim.seeds,
        confidence=claim.confidence,
    )
