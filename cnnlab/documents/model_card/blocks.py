"""What a model card is made of: plain text, which HTML and Markdown each make harmless."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.figures.traces import Figure


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Lead:
    """The paragraph that somebody reads who reads only one."""

    text: str


@dataclass(frozen=True)
class NotKnown:
    """What wasn't measured or looked at, and how to get it."""

    text: str


@dataclass(frozen=True)
class Blank:
    """What only the people who give the model away know: a gap that they fill in."""

    asks: str


@dataclass(frozen=True)
class Facts:
    """Terms and what is to be said of each."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Bullets:
    """Sentences that stand beside each other."""

    items: Sequence[str]


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        heads: of the columns.
        rows: cells; the first one names its row.
        numbers: columns that hold numbers.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]


@dataclass(frozen=True)
class Settings:
    """Every field of a config, by its parts; for HTML only.

    Attributes:
        config: its JSON values.
    """

    config: Mapping[str, Any]


@dataclass(frozen=True)
class Chart:
    """A figure, which a document without scripts leaves out.

    Attributes:
        figure: Plotly's JSON.
        height: in px.
        alt: for those who can't see it.
        caption: what it shows.
    """

    figure: Figure
    height: int
    alt: str
    caption: str


Paragraph = Words | Lead | NotKnown | Blank
Shown = Paragraph | Facts | Bullets | Grid
Block = Shown | Chart | Settings


@dataclass(frozen=True)
class Section:
    """A part of a card under a title of its own."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Card:
    """A document as blocks.

    Attributes:
        title: of the whole.
        head: what stands below it.
        sections: in order.
    """

    title: str
    head: Sequence[Block]
    sections: Sequence[Section]
