"""What a run's row in a queue says and offers, whoever looks at it."""

from collections.abc import Callable

import streamlit as st

from cnnlab.domain.words import duration
from cnnlab.ui.changing import Offered
from cnnlab.ui.doing import do

POLL_SECONDS = 4.0
"""How often a queue that is shown is looked at again."""

NOTHING = "Nothing trains and nothing waits."


def place_words(place: int | None) -> str:
    """Where a run stands, in Markdown.

    Args:
        place: from 1; None for one that trains.
    """
    return ":green[:material/play_circle:]" if place is None else f"{place}\\."


def time_words(place: int | None, starts_in_seconds: float | None, seconds: float | None) -> str:
    """When a run starts and how long it takes, or how long it still trains.

    Args:
        place: from 1; None for one that trains.
        starts_in_seconds: from now; None where nothing is known.
        seconds: how long it may still take once it trains; None where nothing is known.
    """
    if place is None and seconds is not None and seconds < 1:
        return "trains, almost done"
    lasts = "–" if seconds is None else f"about {_whole(seconds)}"
    if place is None:
        return f"trains, {lasts} left"
    if starts_in_seconds is None:
        return f"starts –, takes {lasts}"
    return f"starts in about {_whole(starts_in_seconds)}, takes {lasts}"


def _whole(seconds: float) -> str:
    """An estimate is no better than to the second."""
    return duration(max(1, round(seconds)))


def render_move(
    words: str,
    key: str,
    icon: str,
    act: Callable[..., None],
    *given: object,
    offered: Offered,
) -> None:
    """A button that does something with a run; one that has gone on meanwhile is left alone.

    Args:
        words: on it.
        key: its own.
        icon: name of a Material symbol.
        act: of `lab`.
        *given: to it.
        offered: to whom; disabled where it leads nowhere and only keeps its place.
    """
    st.button(
        words,
        key=key,
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=do,
        args=("", act, *given),
        **offered,
    )
