"""Small pictures with words below, drawn without any script: filters, maps, look-alikes."""

import base64
import html
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlab.server.addresses import IMAGES, address

_THUMBNAIL_PX = 192


class Tile(NamedTuple):
    """A small picture.

    Attributes:
        source: its address.
        alt: what it shows.
        lines: what stands below it.
        mark: `right`, `wrong` or nothing: the colour of its frame.
        before: address of what it was at the start, which stands left of it; empty for nothing.
    """

    source: str
    alt: str
    lines: Sequence[str] = ()
    mark: str = ""
    before: str = ""


def tiles_html(
    tiles: Sequence[Tile], label: str, *, width_rem: float, in_eights: bool = False
) -> str:
    """Tiles as HTML.

    Args:
        tiles: in their order.
        label: what they are, for those who don't see them.
        width_rem: of one, where there is room.
        in_eights: whether eight stand in a row, four on a phone.
    """
    eights = " eights" if in_eights else ""
    items = "".join(_tile(tile) for tile in tiles)
    return (
        f'<div class="cnnlab-tiles{eights}" role="list" aria-label="{html.escape(label)}" '
        f'style="--tile:{width_rem}rem">{items}</div>'
    )


def picture_source(dataset: str, row: int) -> str:
    """Address of an image of a dataset, made small."""
    return f"{address(IMAGES, dataset=dataset)}/{row}?px={_THUMBNAIL_PX}"


def shades_source(shades: np.ndarray) -> str:
    """Shades (h, w), or colours (h, w, 3), both uint8, as an address that holds the picture."""
    buffer = io.BytesIO()
    Image.fromarray(shades).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _tile(tile: Tile) -> str:
    lines = "".join(f"<span>{html.escape(line)}</span>" for line in tile.lines)
    pictures = _picture(tile.source, tile.alt)
    if tile.before:
        before = _picture(tile.before, f"{tile.alt} at the start")
        pictures = f'<div class="pair">{before}{pictures}</div>'
    return (
        f'<div role="listitem"><figure class="{tile.mark}">{pictures}'
        f"<figcaption>{lines}</figcaption></figure></div>"
    )


def _picture(source: str, alt: str) -> str:
    is_data = ' class="shades"' if source.startswith("data:") else ""
    return f'<img{is_data} src="{html.escape(source)}" alt="{html.escape(alt)}" loading="lazy">'
