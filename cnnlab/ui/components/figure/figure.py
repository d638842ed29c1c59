"""A Plotly figure in the theme of the moment."""

from collections.abc import Mapping
from typing import Any, TypedDict

import plotly.graph_objects as go

from cnnlab.server.assets import plotly_address
from cnnlab.ui.components.shared.component import browser_component, rerun

_figure = browser_component("figure", styles=["charted"])


class MarkedPart(TypedDict):
    """A rectangle that was marked in a figure, in the numbers of its axes.

    Attributes:
        x: from its left to its right side.
        y: from its lower to its upper side.
    """

    x: tuple[float, float]
    y: tuple[float, float]


def render_figure(
    figure: go.Figure | Mapping[str, Any],
    *,
    key: str,
    alt: str,
    height: int,
    has_tools: bool = True,
    takes_marks: bool = False,
) -> MarkedPart | None:
    """Draw a Plotly figure.

    Args:
        figure: the figure, or its JSON; fonts, grid and background come from the theme.
        key: the widget's key.
        alt: what it shows, for those who don't see it.
        height: in px.
        has_tools: whether buttons to zoom and pan appear over it; a small one they would cover.
        takes_marks: whether a part that is marked in it, where its `dragmode` is `select`, is told.

    Returns:
        The part that was just marked.
    """
    drawn = figure if isinstance(figure, Mapping) else figure.to_plotly_json()
    content: dict[str, Any] = {"data": [], "layout": {}} | dict(drawn)
    content["layout"].pop("template", None)
    result = _figure(
        key=key,
        data={
            "figure": content,
            "plotly": plotly_address(),
            "alt": alt,
            "height": height,
            "tools": has_tools,
            "marks": takes_marks,
        },
        height=height,
        on_marked_change=rerun,
    )
    marked: MarkedPart | None = result.get("marked")  # without a browser there is no such key
    return marked
