"""Connections: slow ones are closed, and of too many the further ones are told so."""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 512
"""Open at once: what is behind answers a few hundred pictures a second."""

HEAD_SECONDS = 5.0
"""From the connection, or a request's first byte, to the end of its headers."""

_FULL = json.dumps({"problem": f"{MOST} connections are open already: ask again in 5 s."}).encode()
_FULL_ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(_FULL), _FULL)
)
_NO_HTTP = json.dumps(
    {"problem": "This isn't a request of HTTP/1.1, or its headers have more than 16 KiB."}
).encode()


class Patient(H11Protocol):
    """One connection of uvicorn's, which is closed where a request doesn't get on.

    uvicorn itself waits for ever for a head that never ends.
    """

    body_seconds = 30.0
    """From the end of the headers to the end of the body; set at the start."""

    _timer: asyncio.TimerHandle | None = None
    _waits_for: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.write(_FULL_ANSWER)
            transport.close()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on, and see what is waited for now."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        super().connection_lost(exc)
        self._stop()

    def on_response_complete(self) -> None:
        """The next request has a clock of its own, from its first byte on."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._watch()

    def send_400_response(self, msg: str) -> None:
        """Say in JSON, as everything else is said, that this is no request."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # an answer is under way
            self.transport.close()
            return
        headers = [
            (b"content-type", b"application/json"),
            (b"connection", b"close"),
            (b"content-length", str(len(_NO_HTTP)).encode()),
        ]
        events: list[Any] = [
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=_NO_HTTP),
            h11.EndOfMessage(),
        ]
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        state = self.conn.their_state
        # Between requests uvicorn's own clock runs, until a byte of the next one is there.
        is_between = state is h11.IDLE and self.cycle is not None and not self.conn.trailing_data[0]
        waits_for = state if state in (h11.IDLE, h11.SEND_BODY) and not is_between else None
        if waits_for is self._waits_for:
            return
        self._stop()
        self._waits_for = waits_for
        if waits_for is not None:
            # A body that is late is answered first, by who reads it.
            most = self.body_seconds + 1
            seconds = min(HEAD_SECONDS, most) if waits_for is h11.IDLE else most
            self._timer = asyncio.get_running_loop().call_later(seconds, self.transport.close)

    def _stop(self) -> None:
        self._waits_for = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
