"""What somebody is told who isn't let in: a short page in a browser, a line elsewhere."""

import html
from typing import NamedTuple

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from cnnlab.server.bare_page import NEVER_KEPT, bare_page


class Refusal(NamedTuple):
    """Why somebody isn't let in.

    Attributes:
        status: of HTTP.
        title: the reason in a few words.
        words: what to do, a sentence or two.
        command: what prints the link, where that helps.
    """

    status: int
    title: str
    words: str
    command: str = ""


_LINK = ".venv/bin/python -m cnnlab link"
NO_KEY = Refusal(
    401,
    "This laboratory is locked",
    "Open it with the link that was printed when it was started. Whoever started it can print the "
    "link again, in the app's folder:",
    _LINK,
)
WRONG_TOKEN = Refusal(
    403,
    "This link doesn't fit",
    "It belongs to another laboratory or to an earlier token. Whoever started this one can print "
    "the present link, in the app's folder:",
    _LINK,
)
FOREIGN_HOST = Refusal(
    403,
    "Unknown name",
    "The app isn't offered under the name in this address. Use the printed link, or name the "
    "address in CNNLAB_PUBLIC_ADDRESS when you start it.",
)
FOREIGN_PAGE = Refusal(
    403,
    "Another site asks",
    "The app answers its own pages only. Behind a proxy, name its address in "
    "CNNLAB_PUBLIC_ADDRESS when you start the app.",
)
FROM_OUTSIDE = Refusal(
    403,
    "From this machine only",
    "The app was started with CNNLAB_AUTH=none, which lets in this machine alone.",
)
SIGNED_OUT = Refusal(401, "Signed out", "Open a page of the app and sign in.")
NOT_BY_PROXY = Refusal(403, "By the proxy only", "Open the app at the address that its proxy has.")
UNNAMED = Refusal(401, "Nobody is named", "The proxy before the app doesn't say who you are.")
NOT_ADMITTED = Refusal(403, "You may not come in", "Ask whoever runs the app.")
PLAIN_HTTP = Refusal(
    403,
    "HTTPS only",
    "People sign in here, so the app answers other machines over HTTPS alone: open its https:// "
    "address.",
)
LARGE_HEAD = Refusal(431, "Too long", "The headers of a request may have 64 KB.")
LONG_NUMBER = Refusal(400, "Too long", "A number in this request has more than 100 digits.")


def said(refusal: Refusal, connection: HTTPConnection) -> Response:
    """The answer to a request.

    Args:
        refusal: why.
        connection: the request: browsers say that they take HTML.
    """
    status, title, words, command = refusal
    if "text/html" in connection.headers.get("accept", ""):
        shown = f"<pre>{html.escape(command)}</pre>" if command else ""
        return bare_page(title, f"<p>{html.escape(words)}</p>{shown}", status)
    return PlainTextResponse(f"{title}. {words} {command}".strip() + "\n", status, NEVER_KEPT)
