"""Pages, before Streamlit answers: what they bring besides, and what is none.

A page brings a script that asks whether the app takes it for one of its own, our style, and
Streamlit's scripts that it needs: what came later would move what is there already. Home names the
scripts of the other pages, which its visitor opens next.
A page of something that has charts brings their library too, which else is asked for last.
For an unknown address Streamlit would show Home, as if that had been asked for.
"""

import html
import re
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnnlab.lab.access.acting import acting, have_accounts
from cnnlab.server.addresses import API, OWN, SHARED, address
from cnnlab.server.assets import early_scripts, module_address, page_style, plotly_address
from cnnlab.server.bare_page import bare_page
from cnnlab.server.door.key import derived

_WITH_CHARTS = re.compile(rb"(^|&)(run|runs|study|search)=")
"""What the query of an address says that leads to charts."""

_WHO = "X-Cnnlab-Who"

_ABOUT_OTHER_BYTES = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


def own_page(_: Request) -> Response:
    """`POST /api/own`: whether a page is taken for one of the app's: who asks here was let in.

    A browser says with it where the page comes from, which it doesn't when it opens one. The answer
    says who it is, so that a page that was opened by somebody else is loaded anew.
    """
    return Response(status_code=204, headers={_WHO: _who_acts()})


def _who_acts() -> str:
    """A mark of the person and the workspace of a request; empty where nobody has an account."""
    if not have_accounts():
        return ""
    who = acting()
    return derived(f"who {who.person.id} {who.workspace}")[:16]


class Pages:
    """Adds script and style to a page; answers 404, with the way home, where there is none.

    Args:
        app: the application behind it.
        base_path: below which the app is served: empty, or such as `/lab`.
        names: the pages' names beside Home, which is at the base path itself.
    """

    def __init__(self, app: ASGIApp, base_path: str, names: Sequence[str]) -> None:
        self._app = app
        self._home = f"{base_path}/"
        self._ours = (f"{base_path}{API}/", f"{base_path}{SHARED}/")
        self._pages = {self._home, *(f"{base_path}/{name}" for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on (ASGI)."""
        if scope["type"] != "http" or scope["path"].startswith(self._ours):
            await self._app(scope, receive, send)
        elif scope["path"] + "/" == self._home:
            # Without a name: how a browser calls us, and by http or https, a proxy needn't tell.
            await Response(status_code=307, headers={"Location": self._home_of(scope)})(
                scope, receive, send
            )
        elif scope["path"] in self._pages:
            at_home = scope["path"] == self._home
            added = _OursAdded(send, scope, at_home=at_home)
            await self._app(_for_whole_bytes(scope), receive, added)
        else:
            await self._app(scope, receive, self._unless_home(scope, receive, send))

    def _home_of(self, scope: Scope) -> str:
        query = scope["query_string"].decode("latin-1")
        return f"{self._home}?{query}" if query else self._home

    def _unless_home(self, scope: Scope, receive: Receive, send: Send) -> Send:
        is_replaced = False

        async def send_or_replace(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start" and self._is_home(scope["path"], message):
                is_replaced = True
                await self._no_page(scope["path"])(scope, receive, send)
            elif not is_replaced:
                await send(message)

        return send_or_replace

    def _is_home(self, path: str, start: Message) -> bool:
        """Whether Streamlit's page begins here, or nothing is served outside of the base path."""
        is_outside = not path.startswith(self._home)
        return (start["status"] == 200 and _is_html(start)) or (
            start["status"] == 404 and is_outside
        )

    def _no_page(self, path: str) -> HTMLResponse:
        shown, home = html.escape(path[:200]), html.escape(self._home)
        words = f'<p>Nothing is at <code>{shown}</code>. <a href="{home}">Go to Home</a>.</p>'
        return bare_page("There is no such page", words, 404)


class _OursAdded:
    """Sends a page on with our script in its head and our style at its end, after all others.

    Args:
        send: where it goes.
        scope: of the request.
        at_home: whether Home is asked for.
    """

    def __init__(self, send: Send, scope: Scope, *, at_home: bool) -> None:
        self._send = send
        self._at_home = at_home
        self._has_charts = _WITH_CHARTS.search(scope["query_string"]) is not None
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Take a part of the answer (ASGI)."""
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:  # no page: a redirect
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        script, ask = map(html.escape, (module_address("shared/own.mjs"), address(OWN)))
        who = _who_acts()
        early_names = early_scripts(at_home=self._at_home)
        later = [one for one in early_scripts(at_home=False) if one not in early_names]
        told = f'data-ask="{ask}" data-who="{who}" data-later="{" ".join(later)}"'
        # Before Streamlit's own scripts: it tells them where the app is.
        tag = f'<head><script defer src="{script}" {told}></script>'
        early = "".join(
            f'<script type="module" async src="./static/js/{name}"></script>'
            for name in early_names
        )
        if self._has_charts:  # after Streamlit's own, while that waits for an answer
            early += f'<script defer src="{html.escape(plotly_address())}" data-plotly></script>'
        style = f"{early}<style>{page_style()}</style></body>"
        body = self._body.replace(b"<head>", tag.encode(), 1)
        body = body.replace(b"</body>", style.encode(), 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["Content-Length"] = str(len(body))
        for name in ("etag", "last-modified"):  # of Streamlit's file
            del headers[name]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _for_whole_bytes(scope: Scope) -> Scope:
    """The request without what asks for compressed bytes, or for none."""
    headers = [item for item in scope["headers"] if item[0] not in _ABOUT_OTHER_BYTES]
    return {**scope, "headers": headers}


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
