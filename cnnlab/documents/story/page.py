"""A story as one HTML file that is read slide by slide, without the app.

Pure: what the slides say goes in, and what draws them; the text of the file comes out.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cnnlab.documents.page import Script, asset, html_file

_NO_SCRIPT = "<noscript><p>The slides need JavaScript.</p></noscript>\n"


class SlideParts(NamedTuple):
    """What slides are drawn by.

    Attributes:
        markup: HTML of the presenter.
        style: its CSS.
        script: its modules as one, which read what they show from the element `told`.
    """

    markup: str
    style: str
    script: str


def slides_page(title: str, told: Mapping[str, Any], parts: SlideParts) -> str:
    """The whole file.

    Args:
        title: as text.
        told: what the slides show, as the presenter's module is given it.
        parts: what they are drawn by.
    """
    # JSON that ends no script, whatever a class is called.
    data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    body = f'{_NO_SCRIPT}{parts.markup}\n<script type="application/json" id="told">{data}</script>'
    style = asset("slides.css") + parts.style
    return html_file(title, body, style=style, scripts=[Script(parts.script, is_module=True)])
