"""Presenter mode: a study told to a room, full screen, slide by slide; and the same to be read."""

from typing import NotRequired, TypedDict

import streamlit as st

from cnnlab import lab
from cnnlab.documents.story.slides import StoryNews
from cnnlab.lab.sharing.links import may_share
from cnnlab.server.access import access_token
from cnnlab.server.addresses import DECK, IMAGES, STORY, address
from cnnlab.server.streams.story_feed import feed_of
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.sharing.dialog import open_sharing

_IMAGE_PX = 192
_PRESENT, _SLIDE, _READ = "present", "slide", "read"
_presenter = browser_component("presenter")


def presenter_address(study_id: str) -> dict[str, str]:
    """Query parameters of the study page that open presenter mode at its first slide."""
    return {"study": study_id, _PRESENT: "1"}


def reading_address(study_id: str) -> dict[str, str]:
    """Query parameters of the study page that open the slides to be read, and nothing else."""
    return {"study": study_id, _PRESENT: _READ}


def render_presenter(study_id: str) -> None:
    """Cover the page with the study's slides, to be presented or, as the address asks, to be read.

    The slide of the moment stands in the address, where the browser keeps it by itself: no key
    press runs the page again, and neither does what happens in the study. What the room expects
    stays in the browser's tab.

    Raises:
        NotFoundError: there is no study with this id.
    """
    is_read = st.query_params.get(_PRESENT) == _READ
    asked = _presenter(
        key="presenter",
        data=presenter_data(study_id, is_read=is_read),
        on_leave_change=_leave,
        on_share_change=rerun,
    )
    if asked.share:
        open_sharing(study_id, "presentation")


class Pictures(TypedDict):
    """A few images of each class: their rows, and where the browser gets them, so many px large.

    Attributes:
        inline: addresses that hold a picture, by rows, in a document that asks for nothing.
    """

    rows: dict[str, list[int]]
    address: str
    px: int
    inline: NotRequired[dict[str, str]]


class PresenterData(TypedDict):
    """What the slides show.

    Attributes:
        is_read: whether they are only to be read.
        can_share: whether whoever presents them may make links to them.
        news: the story so far.
        pictures: of the classes.
        feed: where what follows is asked for; empty in a document that asks for nothing.
        deck: where the order, what is hidden and the notes are kept; empty where they are read.
        token: that these two want; empty where they are read.
        reading: query of the address at which they are read.
    """

    is_read: bool
    can_share: bool
    news: StoryNews
    pictures: Pictures
    feed: str
    deck: str
    token: str
    reading: dict[str, str]


def presenter_data(study_id: str, *, is_read: bool = False) -> PresenterData:
    """The story of a study, pictures of its dataset, and where more of the story is to be had.

    Raises:
        NotFoundError: there is no study with this id.
    """
    news = feed_of(study_id).news(is_audience=is_read)
    dataset = lab.load_study(study_id).dataset
    return {
        "is_read": is_read,
        "can_share": not is_read and may_share(),
        "news": news,
        "pictures": {
            "rows": lab.story_pictures(study_id),
            "address": address(IMAGES, dataset=dataset),
            "px": _IMAGE_PX,
        },
        "feed": address(STORY, study=study_id) + ("" if is_read else "?notes=1"),
        "deck": "" if is_read else address(DECK, study=study_id),
        "token": "" if is_read else access_token(),
        "reading": reading_address(study_id),
    }


def _leave() -> None:
    """Back to the study's page."""
    for name in (_PRESENT, _SLIDE):
        st.query_params.pop(name, None)
