"""What is written to a connection goes out at once.

Else the system holds a small packet back until the other side has confirmed the one before, which
takes up to 40 ms each time: with every file of a page, whose head and body are two packets, and
with what the end of a script tells the browser. asyncio turns that off for sockets that say they
are TCP's; Streamlit opens its own without saying so.
"""

import asyncio
import socket
from typing import Any, Protocol

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class _Connection(Protocol):
    """A connection of uvicorn's, with h11 or httptools."""

    transport: asyncio.Transport


def send_at_once() -> None:
    """Have uvicorn's connections hold nothing back; those that become WebSockets keep it."""
    protocol: Any = AutoHTTPProtocol
    made = protocol.connection_made

    def connection_made(self: _Connection, transport: asyncio.Transport) -> None:
        opened = transport.get_extra_info("socket")
        if opened is not None and opened.family in (socket.AF_INET, socket.AF_INET6):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made(self, transport)

    protocol.connection_made = connection_made
