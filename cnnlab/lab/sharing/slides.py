"""A study's slides as one document: its story, with its pictures in it."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cnnlab.documents.story.deck import for_audience, parts_of
from cnnlab.documents.story.page import SlideParts, slides_page
from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.exports.web_page.bundling import bundled
from cnnlab.lab.data.gallery import thumbnail
from cnnlab.lab.study.deck import study_deck
from cnnlab.lab.study.story import story_pictures, study_story
from cnnlab.lab.study.studies import load_study

_IMAGE_PX = 192
_FIRST = "presenter/alone.mjs"


def read_parts(components: Path) -> SlideParts:
    """What slides are drawn by: the presenter's own markup, style and modules.

    Args:
        components: the folder of all components of the browser.
    """
    folder = components / "presenter"
    return SlideParts(
        (folder / "presenter.html").read_text(encoding="utf-8"),
        (folder / "presenter.css").read_text(encoding="utf-8"),
        bundled(components, _FIRST),
    )


def slides_document(study: str, parts: SlideParts) -> str:
    """The slides of a study as who only reads may see them, in one HTML file.

    Args:
        study: its id.
        parts: what they are drawn by.

    Raises:
        NotFoundError: there is no study with this id.
    """
    found = load_study(study)
    deck = for_audience(study_deck(found))
    story = parts_of(dict(study_story(study)), deck)
    rows = story_pictures(study) if "data" in story else {}
    wanted = {*_rows_of_mistakes(story), *(row for of_class in rows.values() for row in of_class)}
    told = {
        "is_read": True,
        "can_share": False,
        "news": {"version": "", "story": story, "deck": deck},
        "pictures": {
            "rows": rows,
            "address": "",
            "px": _IMAGE_PX,
            "inline": dict(_pictures(found.dataset, wanted)),
        },
        "feed": "",
        "deck": "",
        "token": "",
        "reading": {},
    }
    return slides_page(found.name, told, parts)


def _rows_of_mistakes(story: Mapping[str, Any]) -> Iterator[int]:
    for group in (story.get("mistakes") or {}).get("groups", ()):
        for picture in group["pictures"]:
            yield picture["row"]


def _pictures(dataset: str, rows: set[int]) -> Iterator[tuple[str, str]]:
    """Small pictures as addresses that hold them; one that is gone is left out."""
    for row in sorted(rows):
        try:
            content = thumbnail(dataset, row, _IMAGE_PX)
        except (NotFoundError, StorageError):  # the story can be told without it
            continue
        yield str(row), f"data:image/jpeg;base64,{base64.b64encode(content).decode('ascii')}"
