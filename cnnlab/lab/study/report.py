"""The report of a study, as one HTML file."""

import importlib.resources
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from cnnlab.documents.content import Content, Further
from cnnlab.documents.study_report import render_report
from cnnlab.domain.arms import change_words
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.people.person import Action
from cnnlab.figures.answers.effects import dose_figure, reliability_figure, robustness_figure
from cnnlab.figures.answers.worth_chart import worth_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.datasets import count_splits, load_dataset
from cnnlab.lab.study.effects import doses_of, study_evaluations, worth_of
from cnnlab.lab.study.run_records import run_facts
from cnnlab.lab.study.start import shared_starts
from cnnlab.lab.study.view import StudyView, study_histories, view_study
from cnnlab.study.kinds.worth_wording import worth_words
from cnnlab.study.measures.measured import Evaluations
from cnnlab.study.measures.measured_wording import calibration_words, robustness_words

_ANSWER_PX, _RELIABILITY_PX, _PANELS_PX, _PANEL_PX = 380, 460, 120, 210
_COLUMNS = 2
"""Panels side by side: as many as a phone can show."""


@asks(Action.VIEW)
def study_report(study: str) -> str:
    """The report of a study as one HTML file of some 5 MB: it opens without a network.

    Raises:
        NotFoundError: there is no study with this id.
    """
    view = view_study(study)
    found = view.study
    content = Content(
        study=found,
        dataset=load_dataset(found.dataset),
        splits=count_splits(found.dataset, SplitFractions(**found.base["split"])),
        runs=view.runs,
        values=view.values,
        comparisons=view.comparisons,
        alpha=view.alpha,
        validation_images=view.validation_images,
        histories=study_histories(view),
        facts={run.id: run_facts(run) for run in view.all_runs},
        starts=shared_starts(view),
        answers=list(_answers(view)),
        measured=list(_measured(view)),
        flattered=view.flattered,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return render_report(content, plotly_script())


def _answers(view: StudyView) -> Iterator[Further]:
    """The response to strengths and the worth in images, where the study asks for them."""
    styles = arm_styles(view.study)
    if doses := doses_of(view):
        style = styles[view.study.arms[-1].name]
        yield Further("Dose and response", [doses.words], dose_figure(doses, style), _ANSWER_PX)
    if worth := worth_of(view):
        plain, changed = (styles[arm.name] for arm in view.study.arms[:2])
        change = change_words(*view.study.arms[:2])
        figure = worth_figure(worth, plain, changed, change)
        yield Further("Worth in images", [worth_words(worth, change)], figure, _ANSWER_PX)


def _measured(view: StudyView) -> Iterator[Further]:
    """What distorted images do to the accuracy, and how right the models are about themselves."""
    evaluations, styles = study_evaluations(view), arm_styles(view.study)
    if robustness := robustness_figure(evaluations, styles, columns=_COLUMNS):
        panels = sum(name.startswith("xaxis") for name in robustness["layout"])
        height = _PANELS_PX + _PANEL_PX * math.ceil(panels / _COLUMNS)
        words = _words(view, evaluations, robustness_words)
        yield Further("Robustness against distortions", words, robustness, height)
    if reliability := reliability_figure(evaluations, styles):
        words = _words(view, evaluations, calibration_words)
        yield Further("Calibration", words, reliability, _RELIABILITY_PX)


def _words(
    view: StudyView,
    evaluations: Mapping[str, Evaluations],
    say: Callable[[Mapping[str, Evaluations], str, str], str | None],
) -> list[str]:
    reference = view.study.reference.name
    said = (say(evaluations, arm.name, reference) for arm in view.study.arms[1:])
    return [words for words in said if words]


def plotly_script() -> str:
    """The text of Plotly.js in the installed plotly package."""
    script = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    return script.read_text(encoding="utf-8")
