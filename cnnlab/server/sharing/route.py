"""The route of links: one document for who has no account, and nothing else of the workspace."""

import asyncio
import gzip
import html
import logging
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import Response

from cnnlab.domain.errors import CnnlabError, NotFoundError, RunStateError
from cnnlab.lab.sharing.opening import find_link
from cnnlab.server.bare_page import bare_page
from cnnlab.server.door.peers import came_from
from cnnlab.server.sharing.kept import shown_by

_log = logging.getLogger(__name__)

_few = ThreadPoolExecutor(4, "shared")
"""Who opens links, however often, waits for others who do, and keeps nobody in the app waiting."""

_ALONE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_ALONE_IN_ITS_TAB = "; frame-ancestors 'none'; sandbox allow-scripts allow-downloads"
"""In a sandbox a document isn't one of our site: no cookie, no store, no page of ours is its."""


async def shared(request: Request) -> Response:
    """`GET /shared/SECRET`: what a link shows; the same 404 wherever it leads nowhere."""
    answer = await asyncio.get_running_loop().run_in_executor(_few, _answer, request)
    answer.headers.update(_ALONE)
    return answer


def _answer(request: Request) -> Response:
    address = came_from(request)
    try:
        link = find_link(request.path_params["secret"], address)
        if link is None:
            return _nothing()
        compressed, policy, _ = shown_by(link, address)
    except NotFoundError:
        return _nothing()
    except RunStateError:
        return _told("Not yet", "This run hasn't ended. Reload this page later.", 409)
    except CnnlabError as error:
        _log.error("What a link shows can't be read: %s", error)
        return _told("Not at the moment", "This can't be read now. Try again later.", 503)
    headers = {"Content-Security-Policy": policy + _ALONE_IN_ITS_TAB, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(compressed), media_type="text/html", headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(compressed, media_type="text/html", headers=headers)


def _nothing() -> Response:
    words = (
        "It has expired, was revoked, or was never complete. Ask whoever sent it to you for "
        "another one."
    )
    return _told("This link leads nowhere", words, 404)


def _told(title: str, words: str, status: int) -> Response:
    return bare_page(title, f"<p>{html.escape(words)}</p>", status)
