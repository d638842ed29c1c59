"""Connections on which no request comes, or whose headers never end, are closed after a while.

Neither Streamlit, which starts uvicorn, nor uvicorn has a setting for it: so the class of uvicorn's
connections is told here. Without it such a connection stays for ever, and some hundreds of them
leave no place for others.
"""

import asyncio
import weakref
from typing import Any, Protocol

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 5.0
"""As long as uvicorn waits for the next request of a connection."""


class _Cycle(Protocol):
    """A request and its answer, as uvicorn keeps them."""

    response_complete: bool


class _Connection(Protocol):
    """A connection of uvicorn's, with h11 or httptools."""

    transport: asyncio.Transport
    cycle: _Cycle | None


_timers: weakref.WeakKeyDictionary[_Connection, asyncio.TimerHandle] = weakref.WeakKeyDictionary()


def close_slow_connections() -> None:
    """Have uvicorn's connections closed whose next request isn't there in `HEAD_SECONDS`.

    They count from the connection, or from the first byte of a later request, to the end of its
    headers.
    """
    protocol: Any = AutoHTTPProtocol
    made, received = protocol.connection_made, protocol.data_received

    def connection_made(self: _Connection, transport: asyncio.Transport) -> None:
        made(self, transport)
        _watch(self)

    def data_received(self: _Connection, data: bytes) -> None:
        received(self, data)
        _watch(self)

    protocol.connection_made = connection_made
    protocol.data_received = data_received


def _watch(connection: _Connection) -> None:
    """Start the clock if a request is waited for, stop it if one is there."""
    if not _is_waiting(connection):
        timer = _timers.pop(connection, None)
        if timer:
            timer.cancel()
    elif connection not in _timers:
        loop = asyncio.get_running_loop()
        _timers[connection] = loop.call_later(HEAD_SECONDS, _close, connection)


def _is_waiting(connection: _Connection) -> bool:
    """Whether headers are still to come; a WebSocket has become another protocol's."""
    protocol: object = connection.transport.get_protocol()
    is_http = protocol is connection
    return is_http and (connection.cycle is None or connection.cycle.response_complete)


def _close(connection: _Connection) -> None:
    _timers.pop(connection, None)
    if _is_waiting(connection):
        connection.transport.close()
