"""The filters of the first convolution as small pictures, beside what they began as."""

import numpy as np
import streamlit as st

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.words import counted, percent
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.tiles import Tile, shades_source, tiles_html
from cnnlab.ui.text import escaped

_SHOWN = 64
_COLORS = 3
_SMALL_PX = 3


def render_filters(looked: Looked) -> None:
    """The whole section."""
    st.header("Filters of the first layer", anchor=False)
    if not looked.inside.found["filter_layer"]:
        st.info(
            "The first layer with weights isn't an ordinary convolution of the picture, so it has "
            "no filters that could be seen as pictures.",
            icon=":material/info:",
        )
        return
    filters = looked.inside.arrays["filters"]
    at_start = looked.inside.arrays.get("filters_at_start")
    if at_start is None:
        tiles = [_tile(number, one) for number, one in enumerate(filters[:_SHOWN])]
    else:
        moved = _moved(filters, at_start)
        tiles = [
            _tile(number, one, at_start[number], f"{percent(moved[number], decimals=0)} changed")
            for number, one in enumerate(filters[:_SHOWN])
        ]
        st.markdown(_learnt_words(looked, moved))
    st.html(tiles_html(tiles, "Filters of the first layer", width_rem=6, in_eights=True))
    st.caption(_words(looked, filters, has_start=at_start is not None))


def _tile(
    number: int, weights: np.ndarray, at_start: np.ndarray | None = None, told: str = ""
) -> Tile:
    """A filter, (height, width, channels), beside what it was at the start where that is known."""
    largest = max(float(np.abs(one).max()) for one in (weights, at_start) if one is not None)
    before = "" if at_start is None else shades_source(_shades(at_start, largest))
    lines = (f"{number + 1}", told) if told else (f"{number + 1}",)
    return Tile(
        shades_source(_shades(weights, largest)), f"Filter {number + 1}", lines, before=before
    )


def _moved(filters: np.ndarray, at_start: np.ndarray) -> np.ndarray:
    """How far each filter is from its start, as a share of its length there, (filters,)."""
    count = len(filters)
    lengths = np.linalg.norm(at_start.reshape(count, -1), axis=1)
    distances = np.linalg.norm((filters - at_start).reshape(count, -1), axis=1)
    shares: np.ndarray = distances / np.where(lengths > 0, lengths, 1.0)
    return shares


def _learnt_words(looked: Looked, moved: np.ndarray) -> str:
    """How much of what is seen was learnt."""
    share = percent(float(np.median(moved)), decimals=0)
    start = "weights that it took over" if _is_pretrained(looked) else "random start"
    mostly = int((moved < 1).sum())
    which = "each" if mostly == len(moved) else f"{mostly} of {len(moved)}"
    seen = (
        f"In {which}, less was learnt than lay in the start already."
        if mostly
        else "In each, more was learnt than lay in the start."
    )
    return (
        f"Half of the filters changed by {share} or more of what they were in the {start}. {seen}"
    )


def _is_pretrained(looked: Looked) -> bool:
    return load_config(looked.run.config).architecture.pretrained is not None


def _words(looked: Looked, filters: np.ndarray, *, has_start: bool) -> str:
    count, height, width, channels = filters.shape
    some = f"{_SHOWN} of " if count > _SHOWN else ""
    color = "in colour" if channels == _COLORS else "in grey"
    what = (
        f"{some}{counted(count, 'filter')} of the layer "
        f"'{escaped(looked.title(looked.inside.found['filter_layer']))}', "
        f"{height} × {width} pixels, {color}: middle grey is 0."
    )
    scale = (
        "Left as the run began, right as it is kept; each pair has a scale of its own."
        if has_start
        else "Each has a scale of its own, so that strong and weak ones look alike. Ones that look "
        "like noise may still be as they were drawn at the start."
    )
    small = (
        " At so few pixels a filter shows a colour or an edge at best."
        if max(height, width) <= _SMALL_PX
        else ""
    )
    return f"{what} {scale}{small}"


def _shades(weights: np.ndarray, largest: float) -> np.ndarray:
    """(height, width, channels) as uint8 colours, or the mean of other channels as shades."""
    values = weights if weights.shape[2] == _COLORS else weights.mean(axis=2)
    shades: np.ndarray = np.round(127.5 + 127.5 * values / (largest or 1.0)).astype(np.uint8)
    return shades
