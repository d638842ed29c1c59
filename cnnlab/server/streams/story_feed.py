"""The story of a study as it grows: made once for all who watch, and sent in the parts that change.

Who asks brings the version of what it knows. The story is made anew only where something that it
depends on has changed, and never more often than that a tenth of the time goes into it.
"""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnlab import lab
from cnnlab.documents.story.deck import for_audience, parts_of
from cnnlab.documents.story.slides import SlideChoice, StoryNews

LOOK_EVERY_SECONDS = 1.0
_OF_THE_TIME = 10
_MOST_FEEDS = 32
_MOST_DIGITS = 18
"""Of a version's number; Python refuses to read some thousands of them."""


@dataclass(frozen=True)
class _Told:
    """A story at one moment, with the number of the telling in which each part was new."""

    basis: lab.StoryBasis
    deck: list[SlideChoice]
    number: int = 0
    parts: Mapping[str, Any] = field(default_factory=dict)
    new_in: Mapping[str, int] = field(default_factory=dict)


class StoryFeed:
    """The story of one study.

    Args:
        study: its id.
    """

    def __init__(self, study: str) -> None:
        self._study = study
        self._name = secrets.token_hex(4)  # versions of another process mean nothing here
        self._lock = threading.Lock()
        self._told: _Told | None = None
        self._look_at = 0.0
        self._asked = self._looked = object()

    def news(self, since: str = "", *, is_audience: bool) -> StoryNews:
        """What is new to a browser.

        Args:
            since: the version that it knows; what isn't one of this feed is nothing.
            is_audience: whether it may know neither notes nor what is hidden.

        Raises:
            CnnlabError: the study is gone, or its files are damaged.
        """
        told = self._look()
        name, _, number = since.partition("-")
        is_ours = name == self._name and number.isdecimal() and len(number) <= _MOST_DIGITS
        known = int(number) if is_ours else 0
        deck = for_audience(told.deck) if is_audience else told.deck
        news: StoryNews = {
            "version": f"{self._name}-{told.number}",
            "story": {
                part: value
                for part, value in parts_of(told.parts, deck).items()
                if told.new_in[part] > known
            },
        }
        if known < told.number:
            news["deck"] = deck
        return news

    def expire(self) -> None:
        """Look at the study again when the next one asks, whenever that is.

        A look that goes on meanwhile may have seen it as it was, and doesn't count.
        """
        self._asked = object()

    def _look(self) -> _Told:
        """The story of now, or, while another thread makes that, of the moment before."""
        if self._lock.acquire(blocking=self._told is None):
            try:
                asked, began = self._asked, time.monotonic()
                if self._told is None or asked is not self._looked or began >= self._look_at:
                    self._told = self._now(self._told)
                    took = time.monotonic() - began
                    self._look_at = began + max(LOOK_EVERY_SECONDS, _OF_THE_TIME * took)
                    self._looked = asked
            finally:
                self._lock.release()
        if self._told is None:  # the first one who asked got an error, and so does this one
            return self._now(None)
        return self._told

    def _now(self, before: _Told | None) -> _Told:
        basis = lab.story_basis(self._study)
        if before is not None and before.basis == basis:
            return before
        parts: dict[str, Any] = dict(lab.study_story(self._study))
        deck = lab.study_deck(basis.study)
        number = 1 if before is None else before.number + 1
        # A slide that isn't hidden any more is new to the audience, whenever it was made.
        is_same_deck = before is not None and before.deck == deck
        new_in = {
            part: before.new_in[part]
            if before is not None and is_same_deck and before.parts.get(part) == value
            else number
            for part, value in parts.items()
        }
        return _Told(basis, deck, number, parts, new_in)


_feeds: dict[str, StoryFeed] = {}
_feeds_lock = threading.Lock()


def feed_of(study: str) -> StoryFeed:
    """The feed of a study, the same for all who ask; those that were asked for last are kept."""
    folder = lab.story_folder(study)
    with _feeds_lock:
        feed = _feeds.pop(folder, None) or StoryFeed(study)
        _feeds[folder] = feed
        while len(_feeds) > _MOST_FEEDS:
            del _feeds[next(iter(_feeds))]
    return feed
