"""Images of a dataset as tiles in the browser, drawn from our own thumbnails."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from cnnlab import lab
from cnnlab.server.addresses import IMAGES, address
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.components.shared.selection import held_rows, meant_rows
from cnnlab.ui.text import plain

_TILE_PX = 112
_gallery = browser_component("gallery")


class Tile(TypedDict):
    """An image of the gallery; `starts_group` draws a line before it."""

    row: int
    file: str
    label: str
    note: str
    starts_group: bool


class GalleryData(TypedDict):
    """The gallery: images come from `address`, `px` large, and are shown `tile` px large.

    `selected` are the rows that are selected already, such as before the page was left.
    """

    images: list[Tile]
    address: str
    px: int
    tile: int
    version: str
    selectable: bool
    selected: list[int]


def ask_images(
    dataset: str,
    rows: np.ndarray,
    *,
    key: str,
    version: str = "",
    starts: Sequence[int] = (),
    selectable: bool = True,
) -> list[int]:
    """Show images and ask which are meant.

    Args:
        dataset: its id.
        rows: those to show, a page of them.
        key: the widget's key.
        version: another text clears what is selected.
        starts: rows at which a group of copies begins, marked by a line.
        selectable: whether a click selects.

    Returns:
        The selected rows, in the order in which they were clicked.
    """
    images: list[Tile] = [
        {
            "row": facts.row,
            "file": plain(facts.file, limit=200),
            "label": plain(facts.label, limit=60),
            "note": facts.split or "",
            "starts_group": facts.row in starts,
        }
        for facts in lab.image_facts(dataset, rows)
    ]
    shown = set(map(int, rows))
    data: GalleryData = {
        "images": images,
        "address": address(IMAGES, dataset=dataset),
        "px": 2 * _TILE_PX,
        "tile": _TILE_PX,
        "version": version,
        "selectable": selectable,
        "selected": held_rows(key, version, shown),
    }
    result = _gallery(key=key, data=data, default={"selected": None}, on_selected_change=rerun)
    return meant_rows(result.selected, version, shown)
