"""The filters of the first convolution as small pictures."""

import numpy as np
import streamlit as st

from cnnlab.domain.words import counted
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.tiles import Tile, shades_source, tiles_html
from cnnlab.ui.text import escaped

_SHOWN = 64
_COLORS = 3
_SMALL_PX = 3


def render_filters(looked: Looked) -> None:
    """The whole section."""
    inside = looked.inside
    st.header("Filters of the first layer", anchor=False)
    layer = inside.found["filter_layer"]
    if not layer:
        st.info(
            "The first layer with weights isn't an ordinary convolution of the picture, so it has "
            "no filters that could be seen as pictures.",
            icon=":material/info:",
        )
        return
    filters = inside.arrays["filters"]
    count, height, width, channels = filters.shape
    tiles = [
        Tile(shades_source(_shades(one)), f"Filter {number + 1}", (f"{number + 1}",))
        for number, one in enumerate(filters[:_SHOWN])
    ]
    st.html(tiles_html(tiles, "Filters of the first layer", width_rem=6, in_eights=True))
    some = f"{_SHOWN} of " if count > _SHOWN else ""
    color = "in colour" if channels == _COLORS else "in grey"
    small = (
        " At so few pixels a filter shows a colour or an edge at best."
        if max(height, width) <= _SMALL_PX
        else ""
    )
    st.caption(
        f"{some}{counted(count, 'filter')} of the layer '{escaped(looked.title(layer))}', "
        f"{height} × {width} pixels, {color}: middle grey is 0, and each has a scale of its own, "
        f"so that strong and weak ones look alike. Smooth edges and colours are usual; ones that "
        f"look like noise may still be as they were drawn at the start: nets of the same seed then "
        f"have nearly the same ones.{small}"
    )


def _shades(weights: np.ndarray) -> np.ndarray:
    """(height, width, channels) as uint8 colours, or the mean of other channels as shades."""
    values = weights if weights.shape[2] == _COLORS else weights.mean(axis=2)
    largest = float(np.abs(values).max()) or 1.0
    shades: np.ndarray = np.round(127.5 + 127.5 * values / largest).astype(np.uint8)
    return shades
