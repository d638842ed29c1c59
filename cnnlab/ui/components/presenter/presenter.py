"""Presenter mode: a study told to a room, full screen, slide by slide."""

from typing import TypedDict

import streamlit as st

from cnnlab import lab
from cnnlab.documents.story.slides import Story
from cnnlab.documents.story.story import MOST_CLASSES, Evidence, tell
from cnnlab.domain.arms import change_words
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.history import thin
from cnnlab.domain.study import Kind, Study
from cnnlab.server.addresses import IMAGES, address
from cnnlab.study.worth_wording import worth_words
from cnnlab.ui.components.shared.component import browser_component

IMAGES_EACH = 3
_IMAGE_PX = 192
_PRESENT, _SLIDE = "present", "slide"
_presenter = browser_component("presenter")


def presenter_address(study_id: str) -> dict[str, str]:
    """Query parameters of the study page that open presenter mode at its first slide."""
    return {"study": study_id, _PRESENT: "1", _SLIDE: "1"}


def render_presenter(view: lab.StudyView) -> None:
    """Cover the page with the study's slides.

    The slide of the moment stands in the address, where the browser keeps it by itself: no key
    press runs the page again. What the room expects stays in the browser's tab.
    """
    _presenter(
        key="presenter",
        data=presenter_data(view),
        on_leave_change=_leave,
    )


class Pictures(TypedDict):
    """A few images of each class: their rows, and where the browser gets them, so many px large."""

    rows: dict[str, list[int]]
    address: str
    px: int


class PresenterData(TypedDict):
    """What the slides show."""

    story: Story
    pictures: Pictures


def presenter_data(view: lab.StudyView) -> PresenterData:
    """The story of a study, and pictures of its dataset.

    Raises:
        NotFoundError: the dataset is gone.
    """
    study = view.study
    dataset = lab.load_dataset(study.dataset)
    counted = sum(map(len, view.values[study.primary].values()))
    images = view.validation_images or _validation_images(study)
    histories = lab.study_histories(view)
    evidence = Evidence(histories, view.verdicts, view.alpha, images, counted, _answer(view))
    story = tell(study, dataset, evidence)
    pictures: Pictures = {
        "rows": _examples(dataset),
        "address": address(IMAGES, dataset=dataset.id),
        "px": _IMAGE_PX,
    }
    return {"story": story, "pictures": pictures}


def _answer(view: lab.StudyView) -> str:
    """What the strengths or sizes of a study say together."""
    if view.study.kind is Kind.DOSE:
        doses = lab.doses_of(view)
        return "" if doses is None else doses.words
    worth = lab.worth_of(view) if view.study.kind is Kind.WORTH else None
    return "" if worth is None else worth_words(worth, change_words(*view.study.arms[:2]))


def _validation_images(study: Study) -> int | None:
    """How many will judge, before the first run has begun."""
    try:
        return lab.count_splits(study.dataset, load_config(study.base).split)["validation"]
    except CnnlabError:  # the page says what is wrong with the dataset; a slide needn't
        return None


def _examples(dataset: Dataset) -> dict[str, list[int]]:
    """Rows by class, spread over the class: neighbours often look alike."""
    found = {}
    for name in list(dataset.classes)[:MOST_CLASSES]:
        rows = lab.find_images(dataset.id, label=name)
        found[name] = [int(row) for row in thin(rows.tolist(), IMAGES_EACH)]
    return found


def _leave() -> None:
    """Back to the study's page."""
    for name in (_PRESENT, _SLIDE):
        st.query_params.pop(name, None)
