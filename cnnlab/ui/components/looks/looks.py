"""Pictures with maps of where a model looks, in the browser."""

from collections.abc import Sequence
from typing import TypedDict

from cnnlab.ui.components.shared.component import browser_component
from cnnlab.ui.components.shared.looks import scale_colours

_looks = browser_component("looks")


class LookedAt(TypedDict):
    """A picture with its map.

    Attributes:
        picture: as the network sees it, a data URL.
        heat: the map in colours, a data URL.
        title: what it is and what it is taken for.
        words: what else is to be known.
    """

    picture: str
    heat: str
    title: str
    words: str


class LooksData(TypedDict):
    """What the module is given.

    Attributes:
        pictures: in their order.
        scale: colours of a map from nothing to most, as CSS writes them.
        label: what the pictures have in common, for those who don't see them.
        version: another text means other pictures.
    """

    pictures: list[LookedAt]
    scale: list[str]
    label: str
    version: str


def render_looks_at(pictures: Sequence[LookedAt], *, key: str, label: str, version: str) -> None:
    """Show pictures with their maps, with a slider for how strongly those cover them.

    Args:
        pictures: in their order.
        key: the widget's key.
        label: what they have in common, for those who don't see them.
        version: another text means other pictures.
    """
    data: LooksData = {
        "pictures": list(pictures),
        "scale": scale_colours(),
        "label": label,
        "version": version,
    }
    _looks(key=key, data=data)
