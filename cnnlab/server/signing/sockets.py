"""A WebSocket that is closed once the session that opened it has ended."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnnlab.domain.errors import StorageError

LOOK_SECONDS = 2.0
"""How often an open one is looked at."""
ENDED = 1008
_MOST_FAILURES = 5
"""So often in a row nobody can say whether it may stay; then it may not."""

_log = logging.getLogger(__name__)


class ClosedAtEnd:
    """Passes a WebSocket on, as long as somebody may have it.

    Args:
        app: what it is for.
        still_open: whether it may stay.
    """

    def __init__(self, app: ASGIApp, still_open: Callable[[], Awaitable[bool]]) -> None:
        self._app = app
        self._still_open = still_open
        self._has_ended = asyncio.Event()
        self._is_accepted = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on (ASGI); for the application the client has gone when it is closed."""

        async def send_while_open(message: Message) -> None:
            if self._has_ended.is_set():  # the application hasn't noticed yet
                return
            self._is_accepted |= message["type"] == "websocket.accept"
            await send(message)

        async def receive_or_end() -> Message:
            return await self._receive(receive)

        watcher = asyncio.create_task(self._watch(send))
        try:
            await self._app(scope, receive_or_end, send_while_open)
        finally:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher

    async def _receive(self, receive: Receive) -> Message:
        coming = asyncio.ensure_future(receive())
        ended = asyncio.ensure_future(self._has_ended.wait())
        try:
            await asyncio.wait({coming, ended}, return_when=asyncio.FIRST_COMPLETED)
            if self._has_ended.is_set():
                return {"type": "websocket.disconnect", "code": ENDED}
            return coming.result()
        finally:
            ended.cancel()
            coming.cancel()  # does nothing where it is done

    async def _watch(self, send: Send) -> None:
        failures = 0
        while failures < _MOST_FAILURES:
            try:
                if not await self._still_open():
                    break
                failures = 0
            except StorageError as error:
                failures += 1
                _log.warning("nobody knows whether a session goes on: %s", error)
            await asyncio.sleep(LOOK_SECONDS)
        while not self._is_accepted:  # a handshake that goes on is let to its end
            await asyncio.sleep(LOOK_SECONDS)
        self._has_ended.set()
        await send({"type": "websocket.close", "code": ENDED})
