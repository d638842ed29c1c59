"""A Plotly figure in the theme of the moment."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from cnnlab.server.assets import plotly_address
from cnnlab.ui.components.shared.component import browser_component

_figure = browser_component("figure")


def render_figure(
    figure: go.Figure | Mapping[str, Any],
    *,
    key: str,
    alt: str,
    height: int,
    has_tools: bool = True,
) -> None:
    """Draw a Plotly figure.

    Args:
        figure: the figure, or its JSON; fonts, grid and background come from the theme.
        key: the widget's key.
        alt: what it shows, for those who don't see it.
        height: in px.
        has_tools: whether buttons to zoom and pan appear over it; a small one they would cover.
    """
    drawn = figure if isinstance(figure, Mapping) else figure.to_plotly_json()
    content: dict[str, Any] = {"data": [], "layout": {}} | dict(drawn)
    content["layout"].pop("template", None)
    _figure(
        key=key,
        data={
            "figure": content,
            "plotly": plotly_address(),
            "alt": alt,
            "height": height,
            "tools": has_tools,
        },
        height=height,
    )
