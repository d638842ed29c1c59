"""Judged pictures as a section shows them: so many at first, more on request, to be relabelled."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnlab.domain.words import counted
from cnnlab.ui.judge.pictures.judged import Judged, ask_judged, flipped_rows
from cnnlab.ui.judge.pictures.relabel import render_relabel, render_relabel_news

SHOWN = 24
_MOST = 1000
"""More aren't drawn at once: a browser would take seconds."""

_FLIPPED = (
    "Labels that were made wrong on purpose (label noise) are right in the dataset, so there is "
    "nothing to mend."
)


class Wall(NamedTuple):
    """How pictures are laid out.

    Attributes:
        tile_px: least width of a tile.
        at_first: how many are shown before more are asked for.
    """

    tile_px: int = 112
    at_first: int = SHOWN


_USUAL = Wall()

SUREST, LEAST_SURE = "Surest first", "Least sure first"


def ask_order(key: str) -> str:
    """Ask in which order pictures come: `SUREST` or `LEAST_SURE`."""
    st.session_state.setdefault(key, SUREST)
    chosen = st.segmented_control(
        "Order", [SUREST, LEAST_SURE], key=key, label_visibility="collapsed", required=True
    )
    return chosen or SUREST


def by_sureness(judged: Judged, places: np.ndarray, order: str) -> np.ndarray:
    """Places in the predictions by how sure the model is of what it says.

    Args:
        judged: what it says.
        places: (N,) int.
        order: `SUREST` or `LEAST_SURE`.

    Returns:
        (N,) int; among equally sure ones as before.
    """
    sure = judged.predictions.probabilities[places].max(axis=1)
    return places[np.argsort(-sure if order == SUREST else sure, kind="stable")]


def render_pictures(
    judged: Judged,
    places: np.ndarray,
    *,
    place: str,
    label: str,
    version: str,
    wall: Wall = _USUAL,
) -> None:
    """Pictures, the buttons for more of them, and the way to give the selected ones another class.

    Args:
        judged: what the model says.
        places: (N,) int, places in the predictions, in the order in which they are shown.
        place: begins the keys of the widgets.
        label: what they have in common, for those who don't see them.
        version: another text says that other pictures are meant.
        wall: how they are laid out.
    """
    shown = places[: shown_count(place, version, wall.at_first)]
    selected = ask_judged(
        judged, shown, key=f"{place}_pictures", label=label, version=version, tile_px=wall.tile_px
    )
    render_more(place, version, len(shown), len(places))
    relabelling = f"{place}_relabel"
    flipped = flipped_rows(judged, selected)
    meant = [row for row in selected if row not in flipped]
    if flipped:
        st.caption(_FLIPPED)
    if meant:
        suggested = _suggested(judged, meant)
        render_relabel(judged.dataset, meant, suggested, key=relabelling, part=judged.part)
    render_relabel_news(relabelling)


def _suggested(judged: Judged, rows: list[int]) -> str | None:
    """The class that all of these are taken for, if it is one."""
    said = judged.predictions
    places = np.searchsorted(said.positions, rows)
    labels = set(said.probabilities[places].argmax(axis=1).tolist())
    return judged.classes[labels.pop()] if len(labels) == 1 else None


def shown_count(place: str, version: str, at_first: int = SHOWN) -> int:
    """How many pictures of a place are shown at the moment, if there are so many.

    Args:
        place: begins the keys of its widgets.
        version: of what is shown there.
        at_first: before more were asked for.
    """
    of, count = st.session_state.get(f"{place}_shown", ("", at_first))
    return count if of == version else at_first


def render_more(place: str, version: str, shown: int, there: int) -> None:
    """How many of all pictures are shown, with the buttons for more.

    Args:
        place: begins the keys of its widgets.
        version: of what is shown there.
        shown: so many.
        there: of so many.
    """
    if shown >= there:
        return
    most = min(there, _MOST)
    some = min(shown + SHOWN, most)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{shown:,} of {counted(there, 'picture')}", width="content")
        for name, words, count, is_offered in (
            ("more", f"{some - shown} more", some, shown < some),
            ("all", f"Show {most:,}", most, some < most),
        ):
            if is_offered:
                st.button(
                    words, key=f"{place}_{name}", on_click=_show, args=(place, version, count)
                )


def _show(place: str, version: str, count: int) -> None:
    st.session_state[f"{place}_shown"] = (version, count)
