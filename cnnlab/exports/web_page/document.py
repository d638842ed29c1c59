"""The file: markup, style, one script and the weights, with a policy that forbids the rest."""

import base64
import functools
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from cnnlab.exports.about import About
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
_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "(\.[a-z_./]+\.mjs)"$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_DOCUMENTATION = re.compile(r"^ */\*\*(?:[^*]|\*(?!/))*\*/\n|^ *//.*\n", re.MULTILINE)


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
    """All modules as one: each in a function of its own, those that it imports from before it."""
    functions = [_as_function(name) for name in _in_order(_FIRST, set())]
    script = "\n".join(["const modules = {}", *functions])
    if "</script" in script or "import " in script:
        raise AssertionError("a module has what can't be put into one script")
    return script


def _in_order(name: str, seen: set[str]) -> Iterator[str]:
    seen.add(name)
    for _, path in _IMPORT.findall((_FOLDER / name).read_text(encoding="utf-8")):
        if (other := _named_in(name, path)) not in seen:
            yield from _in_order(other, seen)
    yield name


def _as_function(name: str) -> str:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    given = ", ".join(_EXPORT.findall(text))
    text = _DOCUMENTATION.sub("", _EXPORT.sub("", text)).strip()

    def taken(found: re.Match[str]) -> str:
        return f'const {{ {found[1]} }} = modules["{_named_in(name, found[2])}"]'

    return f'modules["{name}"] = (() => {{\n{_IMPORT.sub(taken, text)}\nreturn {{ {given} }}\n}})()'


def _named_in(name: str, path: str) -> str:
    """The module that one calls by a relative path, as a path from this folder."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
