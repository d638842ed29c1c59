"""The live stream: what a run writes into its folder, to everybody who watches, as it comes.

One poller for each watched run, however many watch it. A client says how many rows it has of which
attempt (`attempt`, `epochs`, `turns`, `steps`) and gets what follows, so that after a disconnect or
a restart of the run no row is missing or doubled.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.lab.access.acting import acting
from cnnlab.server.access import whole_number
from cnnlab.server.streams.channel import Channel, Position

POLL_SECONDS = 0.1
_log = logging.getLogger(__name__)


@dataclass
class _Watched:
    """A channel with its poller and the number of those who watch it."""

    channel: Channel
    poller: asyncio.Task[None]
    watchers: int = 0


class Broadcaster:
    """Keeps one polled channel for each run that somebody watches."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, str], _Watched] = {}

    @contextlib.asynccontextmanager
    async def watch(self, run: str) -> AsyncIterator[Channel]:
        """Give the channel of a run; it is polled as long as anybody is inside.

        Raises:
            NotFoundError: there is no such run.
        """
        row = lab.load_run(run)
        place = acting().workspace, run  # ids are random, but in each workspace by themselves
        watched = self._watched.get(place)
        if watched is None or watched.channel.is_complete:  # it may go on: it was resumed
            channel = Channel(row)
            watched = _Watched(channel, asyncio.create_task(self._poll(channel)))
            self._watched[place] = watched
        watched.watchers += 1
        try:
            yield watched.channel
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                watched.poller.cancel()
                if self._watched.get(place) is watched:
                    del self._watched[place]

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
    """`WS /api/runs/RUN/live?attempt=A&epochs=N&turns=K&steps=M`: what follows, to the end.

    Without an attempt the counts are taken to be of the one that is shown.
    """
    query = websocket.query_params
    counts = {name: query.get(name, "0") for name in Position().to_json()}
    position = Position(**{name: whole_number(count) or 0 for name, count in counts.items()})
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
