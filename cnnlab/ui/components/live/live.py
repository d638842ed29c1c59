"""One part of a run's live view: status, numbers, curves, turned dials or log."""

from collections.abc import Mapping
from typing import Any

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.server.addresses import RUN_LIVE, address_with_token
from cnnlab.server.assets import plotly_address
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.palette import CURVE_COLORS

_live = browser_component("live")


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
            "stream": address_with_token(RUN_LIVE, run=run.id),
            "plotly": plotly_address(),
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
        on_status_change=rerun,
    )
