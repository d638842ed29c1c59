"""A page without the app: for who isn't let in, and where there is none."""

import html
import string
from pathlib import Path

from starlette.responses import HTMLResponse

_PAGE = string.Template(Path(__file__).with_name("bare_page.html").read_text(encoding="utf-8"))
NEVER_KEPT = {"Cache-Control": "no-store"}


def bare_page(title: str, content: str, status: int) -> HTMLResponse:
    """A short page that no browser keeps.

    Args:
        title: plain text.
        content: HTML below it.
        status: of HTTP.
    """
    return HTMLResponse(
        _PAGE.substitute(title=html.escape(title), content=content), status, NEVER_KEPT
    )
