"""Streamlit's own files for the browser, some seventy for a first page: read and sent in one go.

Streamlit looks for each in a thread and sends it in pieces, which costs its one loop three times as
long: measured, 1.3 ms of the processor for a small one instead of 0.4, 6.9 instead of 1.2 for the
largest.
"""

import importlib.resources
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_HEADERS = {"Cache-Control": "public, immutable, max-age=31536000"}
"""As Streamlit has it: each name holds a hash of what is in the file."""


class Scripts:
    """Answers for these files; what else is asked, also a part of one, comes to Streamlit.

    Args:
        app: the application behind it.
        base_path: below which the app is served: empty, or such as `/lab`.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        folder = Path(str(importlib.resources.files("streamlit") / "static"))
        self._files = {
            f"{base_path}/{path.relative_to(folder).as_posix()}": path
            for path in (folder / "static").rglob("*")
            if path.suffix in _KINDS
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it (ASGI)."""
        is_whole = scope["type"] == "http" and scope["method"] == "GET"
        path = self._files.get(scope["path"]) if is_whole else None
        if path is None or "range" in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        try:  # not in a thread: the largest takes 0.3 ms out of the system's memory
            content = path.read_bytes()
        except FileNotFoundError:  # Streamlit was replaced by another version since the start
            await self._app(scope, receive, send)
            return
        answer = Response(content, headers=_HEADERS, media_type=_KINDS[path.suffix])
        await answer(scope, receive, send)
