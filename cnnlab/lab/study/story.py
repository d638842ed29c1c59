"""A study as a story, of what its runs have written so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.documents.story.mistakes import Said
from cnnlab.documents.story.slides import Story
from cnnlab.documents.story.story import MOST_CLASSES, Evidence, tell
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.domain.history import thin
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Kind, Study
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.datasets import count_splits, load_dataset
from cnnlab.lab.data.gallery import find_images
from cnnlab.lab.study.deck import kept_deck
from cnnlab.lab.study.effects import doses_of, study_evaluations, worth_of
from cnnlab.lab.study.run_records import History
from cnnlab.lab.study.said import said_by
from cnnlab.lab.study.studies import load_study, study_runs
from cnnlab.lab.study.verdicts import counts
from cnnlab.lab.study.view import StudyView, seconds_left, study_histories, view_study
from cnnlab.lab.workplace import workplace

_IMAGES_EACH = 3


@dataclass(frozen=True)
class StoryBasis:
    """All that a story and its deck depend on: equal ones have equal stories.

    Attributes:
        study: as it is stored.
        runs: its runs as they are known.
        deck: what is stored of its slides.
    """

    study: Study
    runs: tuple[Run, ...]
    deck: Any


@asks(Action.VIEW)
def story_basis(study: str) -> StoryBasis:
    """What the story of a study depends on at this moment; cheap beside the story.

    Raises:
        NotFoundError: there is no study with this id.
    """
    return StoryBasis(load_study(study), tuple(study_runs(study)), kept_deck(study))


@asks(Action.VIEW)
def story_folder(study: str) -> str:
    """Where the study lies: a name for what is kept of its story, in this home and no other."""
    return str(workplace().home.study(study))


@asks(Action.VIEW)
def study_story(study: str) -> Story:
    """The story of a study as far as it has got.

    Where that shows verdicts it counts as a look, as on the study's page (`view_study`).

    Raises:
        NotFoundError: there is no study with this id.
    """
    view = view_study(study)
    found = view.study
    histories, growing = _drawn(view)
    evidence = Evidence(
        histories,
        view.verdicts,
        view.alpha,
        view.validation_images or _validation_images(found),
        sum(map(len, view.values[found.primary].values())),
        growing=growing,
        finished=view.finished,
        is_ended=view.is_ended,
        seconds_left=None if view.is_ended else seconds_left(view),
        values=view.values,
        doses=doses_of(view),
        worth=worth_of(view) if found.kind is Kind.WORTH else None,
        evaluations=study_evaluations(view),
        said=_said(view),
    )
    return tell(found, _dataset(found), evidence)


@asks(Action.VIEW)
def story_pictures(study: str) -> dict[str, list[int]]:
    """A few images of each class of a study's dataset, by rows; none of one that is gone.

    They are spread over the class: neighbours often look alike.

    Raises:
        NotFoundError: there is no study with this id.
    """
    found = load_study(study)
    dataset = _dataset(found)
    if dataset is None:
        return {}
    try:
        return {name: _examples(dataset.id, name) for name in list(dataset.classes)[:MOST_CLASSES]}
    except CnnlabError:  # its files are damaged: the story can be told without pictures
        return {}


def _examples(dataset: str, label: str) -> list[int]:
    rows: np.ndarray = find_images(dataset, label=label)
    return [int(row) for row in thin(rows.tolist(), _IMAGES_EACH)]


def _dataset(study: Study) -> Dataset | None:
    try:
        return load_dataset(study.dataset)
    except NotFoundError:
        return None


def _drawn(view: StudyView) -> tuple[dict[str, dict[int, History]], dict[str, dict[int, History]]]:
    """By arm and seed the histories whose mean is drawn, and those that grow beside it.

    While runs train, the mean is that of the finished ones, so that it doesn't jump whenever a run
    begins; before the first has finished, the run that has got furthest stands for its arm.
    """
    histories = study_histories(view)
    if view.is_ended:
        return histories, {}
    mean, growing = {}, {}
    for name, of_arm in histories.items():
        begun = {seed: records for seed, records in of_arm.items() if records}
        settled = {
            seed: records
            for seed, records in begun.items()
            if view.runs[name][seed].status is Status.FINISHED
        }
        if begun and not settled:
            furthest = max(begun, key=lambda seed: (len(begun[seed]), -seed))
            settled = {furthest: begun[furthest]}
        mean[name] = settled
        growing[name] = {
            seed: records
            for seed, records in begun.items()
            if seed not in settled and view.runs[name][seed].status is Status.RUNNING
        }
    return mean, growing


def _validation_images(study: Study) -> int | None:
    """How many will judge, before the first run has begun."""
    try:
        return count_splits(study.dataset, load_config(study.base).split)["validation"]
    except CnnlabError:  # the page says what is wrong with the dataset; a slide needn't
        return None


def _said(view: StudyView) -> Said | None:
    runs: Mapping[str, list[Run]] = {
        name: [run for _, run in sorted(of_arm.items()) if counts(run)]
        for name, of_arm in view.runs.items()
    }
    return said_by(runs, at_best=view.study.judged_at == "best")
