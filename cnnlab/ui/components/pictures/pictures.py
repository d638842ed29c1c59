"""Judged pictures in the browser, drawn from our own thumbnails; a click opens one large."""

from collections.abc import Sequence
from typing import TypedDict

from cnnlab.server.addresses import IMAGES, address
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.components.shared.selection import held_rows, meant_rows

_pictures = browser_component("pictures")


class Guessed(TypedDict):
    """A class that a picture is taken for, with its probability 0..1."""

    name: str
    probability: float
    is_true: bool


class Picture(TypedDict):
    """A picture with what a model says of it.

    Attributes:
        row: of the dataset.
        file: its name in the upload.
        true: its class.
        predicted: the class that it is taken for; `probability` that of it, 0..1.
        note: what else is to be known of it, such as the class that it has in the dataset.
        guesses: the five most probable classes and the true one, the most probable first.
    """

    row: int
    file: str
    true: str
    predicted: str
    probability: float
    is_right: bool
    note: str
    guesses: list[Guessed]


class PicturesData(TypedDict):
    """Pictures from `address`, shown `tile` px large at least.

    Attributes:
        label: what they are.
        selected: rows that are selected already, such as before more pictures were asked for.
    """

    pictures: list[Picture]
    address: str
    tile: int
    version: str
    label: str
    selected: list[int]


def ask_pictures(
    dataset: str,
    pictures: Sequence[Picture],
    *,
    key: str,
    label: str,
    version: str = "",
    tile_px: int = 112,
) -> list[int]:
    """Show judged pictures and ask which are meant.

    Args:
        dataset: its id.
        pictures: those to show, a page of them.
        key: the widget's key.
        label: what they have in common, for those who don't see them.
        version: another text clears what is selected.
        tile_px: least width of a tile.

    Returns:
        The selected rows, in the order in which they were selected.
    """
    shown = {picture["row"] for picture in pictures}
    data: PicturesData = {
        "pictures": list(pictures),
        "address": address(IMAGES, dataset=dataset),
        "tile": tile_px,
        "version": version,
        "label": label,
        "selected": held_rows(key, version, shown),
    }
    result = _pictures(key=key, data=data, default={"selected": None}, on_selected_change=rerun)
    return meant_rows(result.selected, version, shown)
