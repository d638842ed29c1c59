"""The live stream: what a run writes into its folder, to everybody who watches, as it comes.

One poller for each watched run, however many watch it. A client says how many rows it has
(`epochs`, `steps`) and gets what follows, so that after a disconnect no row is missing or doubled.
"""

import asyncio
import contextlib
import logging
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import is_allowed
from cnnlab.server.channel import Channel, Position

POLL_SECONDS = 0.1
_REFUSED = 1008
_log = logging.getLogger(__name__)


class Broadcaster:
    """Keeps one polled channel for each attempt of a run that somebody watches."""

    def __init__(self) -> None:
        self._channels: dict[tuple[str, int], Channel] = {}
        self._pollers: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._watchers: dict[tuple[str, int], int] = {}

    @contextlib.asynccontextmanager
    async def watch(self, run: str) -> Any:  # noqa: ANN401 - an async iterator of one Channel
        """Give the channel of a run; it is polled as long as anybody is inside.

        Raises:
            NotFoundError: there is no such run.
        """
        row = lab.load_run(run)
        key = (run, row.attempt)
        if key not in self._channels:
            self._channels[key] = Channel(row)
            self._pollers[key] = asyncio.create_task(self._poll(self._channels[key]))
        self._watchers[key] = self._watchers.get(key, 0) + 1
        try:
            yield self._channels[key]
        finally:
            self._watchers[key] -= 1
            if not self._watchers[key]:
                self._pollers.pop(key).cancel()
                del self._watchers[key], self._channels[key]

    @staticmethod
    async def _poll(channel: Channel) -> None:
        while not channel.is_complete:
            try:
                await channel.update()
            except (CnnlabError, OSError) as error:
                _log.warning("the stream ends: %s", error)
                await channel.fail(str(error))
            await asyncio.sleep(POLL_SECONDS)


_broadcaster = Broadcaster()


async def live(websocket: WebSocket) -> None:
    """`WS /api/runs/RUN/live?epochs=N&steps=M&token=T`: rows from N and M on, until the end."""
    if not is_allowed(websocket):
        await websocket.close(_REFUSED)
        return
    query = websocket.query_params
    counts = [query.get(name, "0") for name in ("epochs", "steps")]
    position = Position(*(int(count) if count.isdecimal() else 0 for count in counts))
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        try:
            async with _broadcaster.watch(websocket.path_params["run"]) as channel:
                await _follow(websocket, channel, position)
        except CnnlabError as error:
            await websocket.send_json({"error": str(error)})
        await websocket.close()


async def _follow(websocket: WebSocket, channel: Channel, position: Position) -> None:
    """Send what is new until the run is complete or the client is gone."""
    gone = asyncio.create_task(_wait_until_gone(websocket))
    try:
        while not gone.done():
            more = asyncio.create_task(channel.wait_beyond(position))
            await asyncio.wait({gone, more}, return_when=asyncio.FIRST_COMPLETED)
            if not more.done():
                more.cancel()
                return
            if more.result() != position:
                await websocket.send_json(channel.news(position, more.result()))
                position = more.result()
            elif channel.is_complete:
                return
    finally:
        gone.cancel()


async def _wait_until_gone(websocket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()
