"""The file: markup, style, one script and the weights, with a policy that forbids the rest."""

import base64
import functools
import hashlib
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from cnnlab.exports.about import About
from cnnlab.exports.web_page.bundling import bundled
from cnnlab.exports.web_page.numbers import (
    PageFacts,
    classes_html,
    facts_html,
    footer_of,
    purpose_of,
    title_of,
)

_FOLDER = Path(__file__).parent
_FIRST = "page/page.mjs"


def page_html(about: About, facts: PageFacts, plan: list[dict[str, Any]], weights: str) -> str:
    """The whole page.

    Args:
        about: the classes and how pictures are prepared.
        facts: what is said beside the answers.
        plan: operations, as `weights.to_text` gives them.
        weights: gzip in base64, likewise.
    """
    style, script = (_FOLDER / "page/page.css").read_text(encoding="utf-8"), bundled_script()
    parts = {
        "policy": _policy(style, script),
        "title": escape(title_of(facts)),
        "dataset": escape(facts.dataset),
        "purpose": escape(purpose_of(about)),
        "facts": facts_html(about, facts),
        "classes": classes_html(about, facts),
        "footer": escape(footer_of(facts)),
        "about": _json(_told(about, plan)),
        "weights": weights,
        "style": style,
        "script": script,
    }
    page = (_FOLDER / "page/page.html").read_text(encoding="utf-8")
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], page)


def _told(about: About, plan: list[dict[str, Any]]) -> dict[str, Any]:
    image = about.image
    return {
        "classes": list(about.class_names),
        "preparation": {
            "size": image.size,
            "color": image.color,
            "resize": image.resize,
            "value_range": None if about.value_range is None else list(about.value_range),
        },
        "threshold": about.threshold,
        "plan": plan,
    }


def _json(value: object) -> str:
    """JSON that ends no script, whatever a class is called."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _policy(style: str, script: str) -> str:
    """Nothing but what stands in the file: no connection, no frame, no form, no other script."""
    allowed = {
        "default-src": "'none'",
        "script-src": _hash_of(script),
        "style-src": _hash_of(style),
        "img-src": "blob: data:",
        "media-src": "blob: mediastream:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def _hash_of(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@functools.cache
def bundled_script() -> str:
    """All modules of the page as one script."""
    return bundled(_FOLDER, _FIRST)
