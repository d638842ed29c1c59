"""Pictures through the epochs as strips: a bar for each epoch, drawn without any script."""

import html
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from cnnlab.domain.words import called, counted, percent
from cnnlab.server.addresses import IMAGES, address
from cnnlab.ui.text import plain

MOST_BARS = 100
"""More of them wouldn't be told apart."""

_NAMED_STRETCHES = 4
_THUMBNAIL_PX = 128


class Strip(NamedTuple):
    """One picture through the epochs of one run.

    Attributes:
        run: what the run is called; empty where there is one alone.
        epochs: (E,) int, 0-based.
        named: (E,) int, the class that it was taken for.
        probabilities: (E,), of the true class.
        label: the true class.
        classes: names by label.
    """

    run: str
    epochs: np.ndarray
    named: np.ndarray
    probabilities: np.ndarray
    label: int
    classes: Sequence[str]

    @property
    def words(self) -> str:
        """What it was taken for, from when to when."""
        stretches = [
            (label, [at for at, _ in group])
            for label, group in groupby(enumerate(self.named), key=lambda one: int(one[1]))
        ]
        right = int(np.count_nonzero(self.named == self.label))
        if len(stretches) > _NAMED_STRETCHES:
            wrong = self.named[self.named != self.label]
            often = f"mostly {self._name(int(np.bincount(wrong).argmax()))}"
            begin = f"Right after {right} of {counted(len(self.named), 'epoch')}, else {often}"
            changes = f"changed its mind {len(stretches) - 1} times"
            return f"{begin if right else f'Never right, {often}'}; {changes}"
        told = [f"{self._name(label)} ({self._span(places)})" for label, places in stretches]
        return f"Taken for {', then '.join(told)}"

    @property
    def last_words(self) -> str:
        """How sure it was of the true class after the last epoch: `'4' 45.6 %`."""
        return f"{self._name(self.label)} {percent(float(self.probabilities[-1]))} at last"

    def _name(self, label: int) -> str:
        return plain(called(self.classes[label]), limit=40)

    def _span(self, places: Sequence[int]) -> str:
        first, last = (int(self.epochs[at]) + 1 for at in (places[0], places[-1]))
        return f"epoch {first}" if first == last else f"epochs {first}–{last}"

    def bars(self) -> str:
        """The bars as HTML; of many epochs some, the first and the last among them."""
        count = len(self.epochs)
        shown = np.unique(np.linspace(0, count - 1, min(count, MOST_BARS)).round().astype(int))
        return "".join(self._bar(int(at)) for at in shown)

    def _bar(self, at: int) -> str:
        is_right = int(self.named[at]) == self.label
        title = (
            f"Epoch {int(self.epochs[at]) + 1}: taken for {self._name(int(self.named[at]))}; "
            f"true class {percent(float(self.probabilities[at]))}"
        )
        share = f"{100 * float(self.probabilities[at]):.1f}%"
        kind = "right" if is_right else "wrong"
        return f'<i class="{kind}" style="--share:{share}" title="{html.escape(title)}"></i>'


class FollowedPicture(NamedTuple):
    """A picture with its strips.

    Attributes:
        row: of the dataset.
        file: its name in the upload.
        why: what it was chosen for.
        strips: one for each run.
    """

    row: int
    file: str
    why: str
    strips: Sequence[Strip]


def strips_html(dataset: str, pictures: Sequence[FollowedPicture]) -> str:
    """Pictures with their strips as HTML.

    Args:
        dataset: id of the one that the pictures are of.
        pictures: in the order in which they are shown.
    """
    items = "".join(_item(dataset, picture) for picture in pictures)
    return f'<div class="cnnlab-followed" role="list">{items}</div>'


def _item(dataset: str, picture: FollowedPicture) -> str:
    source = f"{address(IMAGES, dataset=dataset)}/{picture.row}?px={_THUMBNAIL_PX}"
    first = picture.strips[0]
    true, file = (html.escape(plain(text)) for text in (first.classes[first.label], picture.file))
    head = f'<p><b>{true}</b> <span title="{file}">· {html.escape(picture.why)}</span></p>'
    strips = "".join(_strip(strip) for strip in picture.strips)
    return (
        f'<div role="listitem" data-row="{picture.row}"><img src="{html.escape(source)}" '
        f'alt="{file}" loading="lazy"><div>{head}{strips}</div></div>'
    )


def _strip(strip: Strip) -> str:
    words = html.escape(strip.words)
    run = f"<b>{html.escape(strip.run)}</b> · " if strip.run else ""
    last = html.escape(strip.last_words)
    name = html.escape(strip.run or "Through the epochs")
    return (
        f'<div class="bars" role="img" aria-label="{name}: {words}; {last}">{strip.bars()}</div>'
        f'<p class="told">{run}{words} · {last}</p>'
    )
