"""Our own browser components: upload area, live view, Plotly figures (Streamlit components v2)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.server.access import access_token
from cnnlab.server.assets import PLOTLY_ADDRESS
from cnnlab.ui.palette import CURVE_COLORS

_FOLDER = Path(__file__).parent


def asset(*names: str) -> str:
    """The text of some files of this folder, one after the other."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_LIVE_SCRIPTS = (
    "live/live_stream.js",
    "live/live_words.js",
    "live/live_turns.js",
    "live/live_curves.js",
    "live/live.js",
)
# Styles aren't isolated: Plotly puts its own into the document's head.
_live = st.components.v2.component(
    "cnnlab_live",
    html=asset("live/live.html"),
    css=asset("live/live.css"),
    js=asset("figure/plotly.js", *_LIVE_SCRIPTS),
    isolate_styles=False,
)
_figure = st.components.v2.component(
    "cnnlab_figure",
    html='<div class="cnnlab-figure"></div>',
    js=asset("figure/plotly.js", "figure/figure.js"),
    isolate_styles=False,
)
_upload = st.components.v2.component(
    "cnnlab_upload",
    html=asset("upload/upload.html"),
    css=asset("upload/upload.css"),
    js=asset("upload/upload.js"),
    isolate_styles=False,
)


def render_live(part: str, run: Run, *, key: str, more: Mapping[str, Any] | None = None) -> None:
    """Draw one part of a run's live view; it updates itself until the run has ended.

    When the run's status changes while it is watched, the page is run once more.

    Args:
        part: `status`, `numbers`, `chart`, `turns` or `log`.
        run: the run.
        key: the widget's key.
        more: what the part wants besides, from `ui.lineage`.
    """
    _live(
        key=key,
        data={
            "part": part,
            "stream": f"/api/runs/{run.id}/live?token={access_token()}",
            "plotly": PLOTLY_ADDRESS,
            "colors": CURVE_COLORS,
            "status": str(run.status),
            "message": run.message or "",
            "device": run.device or "",
            "place": lab.place_in_queue(run),
            "changed_by_hand": run.changed_by_hand,
            "stopping": lab.is_stopping(run),
            "epochs": run.config["training"]["epochs"],
        }
        | dict(more or {}),
        on_status_change=_nothing,
    )


def render_figure(
    figure: go.Figure | Mapping[str, Any], *, key: str, alt: str, height: int
) -> None:
    """Draw a Plotly figure.

    Args:
        figure: the figure, or its JSON; fonts, grid and background come from the theme.
        key: the widget's key.
        alt: what it shows, for those who don't see it.
        height: in px.
    """
    drawn = figure if isinstance(figure, Mapping) else figure.to_plotly_json()
    content: dict[str, Any] = {"data": [], "layout": {}} | dict(drawn)
    content["layout"].pop("template", None)
    _figure(
        key=key,
        data={"figure": content, "plotly": PLOTLY_ADDRESS, "alt": alt, "height": height},
        height=height,
    )


def ask_upload(*, key: str, reset: str) -> dict[str, str] | None:
    """Ask for a zip file; it goes to disk in chunks through our own route.

    Args:
        key: the widget's key.
        reset: another value empties the area.

    Returns:
        `token` and `name` of the uploaded file, or None.
    """
    result = _upload(
        key=key,
        data={"token": access_token(), "reset": reset},
        default={"upload": None},
        on_upload_change=_nothing,
    )
    return result.upload


def _nothing() -> None:
    """Streamlit reruns the page by itself; it wants a callback for each value all the same."""
