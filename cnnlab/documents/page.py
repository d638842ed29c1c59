"""A document as one HTML file that opens without a network and prints well."""

import base64
import hashlib
import re
from pathlib import Path

from cnnlab.documents.text import safe

_ASSETS = Path(__file__).parent / "assets"
_ENDS_SCRIPT = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
_NO_SCRIPT = "<noscript><p>The charts need JavaScript; the tables don't.</p></noscript>\n"


def render_page(title: str, body: str, *, styles: str = "", plotly: str | None = None) -> str:
    """The whole file; nothing in it may run but the scripts that it is made with.

    Args:
        title: as text.
        body: HTML.
        styles: CSS of this kind of document, behind what all have.
        plotly: the text of Plotly.js, which is put into the file; None for one without figures.
    """
    scripts = [] if plotly is None else [_as_inline(plotly), _as_inline(asset("report.mjs"))]
    parts = {
        "title": safe(title),
        "allowed": " ".join(map(_hash, scripts)) or "'none'",
        "style": asset("report.css") + styles,
        "body": (_NO_SCRIPT if scripts else "") + body,
        "scripts": "\n".join(
            f"<script{kind}>{script}</script>"
            for kind, script in zip(("", ' type="module"'), scripts, strict=False)
        ),
    }
    page = asset("report.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page)


def asset(name: str) -> str:
    """The text of a file that documents are made with."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def _as_inline(script: str) -> str:
    """The same script, with nothing in it that ends a script element or hides its end."""
    return _ENDS_SCRIPT.sub(r"\\x3c", script.replace("\r\n", "\n"))


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
