"""A document as one HTML file that opens without a network and prints well."""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cnnlab.documents.text import safe

_ASSETS = Path(__file__).parent / "assets"
_ENDS_SCRIPT = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_MODULE = ' type="module"'
_NO_SCRIPT = "<noscript><p>The charts need JavaScript; the tables don't.</p></noscript>\n"


class Script(NamedTuple):
    """A script that a document is made with.

    Attributes:
        text: its own.
        is_module: whether it is a module, which runs when all of the document is there.
    """

    text: str
    is_module: bool = False


def render_page(title: str, body: str, *, styles: str = "", plotly: str | None = None) -> str:
    """A report or a card as a whole file.

    Args:
        title: as text.
        body: HTML.
        styles: CSS of this kind of document, behind what all have.
        plotly: the text of Plotly.js, which is put into the file; None for one without figures.
    """
    scripts = [] if plotly is None else [Script(plotly), Script(asset("report.mjs"), True)]
    told = (_NO_SCRIPT if scripts else "") + body
    return html_file(title, told, style=asset("report.css") + styles, scripts=scripts)


def html_file(title: str, body: str, *, style: str, scripts: Sequence[Script] = ()) -> str:
    """The whole file; nothing in it may run but the scripts that it is made with.

    Args:
        title: as text.
        body: HTML.
        style: all of its CSS.
        scripts: in the order in which they run.
    """
    inline = [(script.is_module, _as_inline(script.text)) for script in scripts]
    parts = {
        "title": safe(title),
        "allowed": " ".join(_hash(text) for _, text in inline) or "'none'",
        "style": style,
        "body": body,
        "scripts": "\n".join(
            f"<script{_MODULE if is_module else ''}>{text}</script>" for is_module, text in inline
        ),
    }
    page = asset("report.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page)


def policy_of(page: str) -> str:
    """What a file of `html_file` allows itself, for who sends it over HTTP: there it is a header.

    Args:
        page: the text of the file.
    """
    found = _POLICY.search(page)
    if found is None:
        raise AssertionError("a document without a policy")
    return found[1]


def asset(name: str) -> str:
    """The text of a file that documents are made with."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def _as_inline(script: str) -> str:
    """The same script, with nothing in it that ends a script element or hides its end."""
    return _ENDS_SCRIPT.sub(r"\\x3c", script.replace("\r\n", "\n"))


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
