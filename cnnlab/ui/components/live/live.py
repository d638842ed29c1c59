"""One part of a run's live view: status, numbers, curves, turned dials or log."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from cnnlab import lab
from cnnlab.domain.records.stream import StreamNews
from cnnlab.domain.run import Run
from cnnlab.figures.palette import CURVE_COLORS, CurveColors
from cnnlab.server.addresses import RUN_LIVE, address
from cnnlab.server.assets import plotly_address
from cnnlab.server.streams.channel import known_of
from cnnlab.ui.components.shared.component import browser_component, rerun

_live = browser_component("live", styles=["charted"])


class Watched(TypedDict):
    """What the page knows of a run when it draws a part; what its stream tells is newer.

    Attributes:
        part: `status`, `numbers`, `chart`, `turns` or `log`.
        run: its id.
        stream: address of the live stream.
        plotly: address of the chart library.
        colors: of the curves.
        status: as `domain.run.Status`.
        message: why it ended, or what was lost; empty if there is nothing to say.
        device: in words; empty until it is known.
        queue: where it stands in the queue, in words; empty where it doesn't wait.
        changed_by_hand: whether a dial was turned.
        stopping: whether it was asked to stop.
        epochs: that its config asks for.
        title: what the run is, in words, for the part `chart`.
        kept: 0-based epoch whose model was kept, for the part `numbers`; None where none was.
        known: what its stream would tell now, so that nothing waits for it; the part `status`
            has it for all parts of the page.
    """

    part: str
    run: str
    stream: str
    plotly: str
    colors: CurveColors
    status: str
    message: str
    device: str
    queue: str
    changed_by_hand: bool
    stopping: bool
    epochs: int
    title: NotRequired[str]
    kept: NotRequired[int | None]
    known: NotRequired[StreamNews]


def render_live(part: str, run: Run, *, more: Mapping[str, Any] | None = None) -> None:
    """Draw one part of a run's live view; it updates itself until the run has ended.

    A page has the part `status`, which brings what is known. When the run's status changes while
    it is watched, the page is run once more. The widget's key is `live_PART`.

    Args:
        part: `status`, `numbers`, `chart`, `turns` or `log`.
        run: the run.
        more: what the part wants besides: `chart_data` of `ui.run.lineage` with a
            `title`, or `kept`.
    """
    watched: Watched = {
        "part": part,
        "run": run.id,
        "stream": address(RUN_LIVE, run=run.id),
        "plotly": plotly_address(),
        "colors": CURVE_COLORS,
        "status": str(run.status),
        "message": run.message or "",
        "device": run.device or "",
        "queue": lab.queue_words(run),
        "changed_by_hand": run.changed_by_hand,
        "stopping": lab.is_stopping(run),
        "epochs": run.config["training"]["epochs"],
    }
    if part == "status":
        watched["known"] = known_of(run)
    _live(key=f"live_{part}", data={**watched, **(more or {})}, on_status_change=rerun)
