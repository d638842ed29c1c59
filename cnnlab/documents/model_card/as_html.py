"""A card as one HTML file that opens without a network."""

import re
from collections.abc import Sequence

from cnnlab.documents.charts import chart
from cnnlab.documents.fields import base_list
from cnnlab.documents.model_card.blocks import (
    Blank,
    Block,
    Bullets,
    Card,
    Chart,
    Facts,
    Grid,
    Lead,
    NotKnown,
    Paragraph,
    Section,
    Settings,
    Words,
)
from cnnlab.documents.page import asset, render_page
from cnnlab.documents.tables import table
from cnnlab.documents.text import safe

_LONG = 4000
TO_BE_FILLED_IN = "To be filled in"


def html_page(card: Card, *, plotly: str | None = None) -> str:
    """The whole file.

    Args:
        card: what it says.
        plotly: the text of Plotly.js, for a document with figures; without it they are left out.
    """
    has_charts = plotly is not None
    parts = [
        f"<header><h1>{_said(card.title)}</h1>{_blocks(card.head, has_charts=has_charts)}</header>",
        *(_section(section, has_charts=has_charts) for section in card.sections),
    ]
    return render_page(card.title, "\n".join(parts), styles=asset("card.css"), plotly=plotly)


def _section(section: Section, *, has_charts: bool) -> str:
    anchor = re.sub(r"[^a-z0-9]+", "-", section.title.lower()).strip("-")
    blocks = _blocks(section.blocks, has_charts=has_charts)
    return f'<section id="{anchor}"><h2>{_said(section.title)}</h2>{blocks}</section>'


def _blocks(blocks: Sequence[Block], *, has_charts: bool) -> str:
    return "".join(_block(one) for one in blocks if has_charts or not isinstance(one, Chart))


def _block(block: Block) -> str:
    match block:
        case Facts(rows):
            return _facts(rows)
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{_said(item)}</li>' for item in items)}</ul>"
        case Grid(heads, rows, numbers):
            cells = [[_said(cell) for cell in row] for row in rows]
            return table([_said(head) for head in heads], cells, numbers=numbers)
        case Chart(figure, height, alt, caption):
            return chart(figure, height, alt=alt, caption=_said(caption))
        case Settings(config):
            return f'<div class="base">{base_list(config)}</div>'
        case _:
            return _paragraph(block)


def _paragraph(block: Paragraph) -> str:
    match block:
        case Words(text):
            return f"<p>{_said(text)}</p>"
        case Lead(text):
            return f'<p class="answer">{_said(text)}</p>'
        case NotKnown(text):
            return f'<p class="unknown">{_said(text)}</p>'
        case Blank(asks):
            return f'<p class="blank"><b>{TO_BE_FILLED_IN}:</b> {_said(asks)}</p>'


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        f"<div><dt>{_said(term)}</dt><dd>{_said(text)}</dd></div>" for term, text in rows
    )
    return f'<dl class="card">{told}</dl>'


def _said(text: str) -> str:
    return safe(text, limit=_LONG)
