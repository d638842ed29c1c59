"""A card as Markdown that GitHub and Hugging Face show: YAML first, then the same words."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.documents.model_card.as_html import TO_BE_FILLED_IN
from cnnlab.documents.model_card.blocks import (
    Blank,
    Block,
    Bullets,
    Card,
    Chart,
    Facts,
    Grid,
    Lead,
    NotKnown,
    Paragraph,
    Settings,
    Shown,
    Words,
)
from cnnlab.documents.text import cleaned

_SPECIAL = re.compile(r"[\\`*_\[\]#|~$]")
# These become links and mentions even where every sign is escaped.
_LINK = re.compile(r"(://|www|@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_SPACES = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")  # a percent sign stays at its number
_BEGINS_A_BLOCK = re.compile(r"^(\d{0,9})([-+.)=:](?=[\s=-]|$))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LONG = 4000

FrontMatter = Mapping[str, Any]
"""Values by key; None is a blank that is to be filled in."""


def markdown_page(card: Card, front: FrontMatter) -> str:
    """The whole file.

    Args:
        card: what it says; its figures are left out.
        front: of the YAML at the head, by which Hugging Face lists models.
    """
    parts = [_front(front), f"# {escaped(card.title)}", *_blocks(card.head)]
    for section in card.sections:
        parts += [f"## {escaped(section.title)}", *_blocks(section.blocks)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no link, no mention, in one line."""
    plain = _SPACES.sub(" ", _LINK.sub(rf"\1{_WORD_JOINER}", cleaned(text, limit=_LONG))).strip()
    plain = "".join(_ENTITIES.get(sign, sign) for sign in plain)
    plain = _SPECIAL.sub(lambda found: f"\\{found[0]}", plain)
    return _BEGINS_A_BLOCK.sub(r"\1\\\2", plain)


def _front(front: FrontMatter) -> str:
    lines = [line for key, value in front.items() for line in _yaml(key, value)]
    return "\n".join(["---", *lines, "---"])


def _yaml(key: str, value: Any, indent: str = "") -> list[str]:  # noqa: ANN401 - any JSON value
    """Lines of a key and its value; texts are written as JSON, which YAML reads."""
    if value is None:
        return [f"{indent}{key}: # to be filled in"]
    if isinstance(value, list):
        return [f"{indent}{key}:", *(line for one in value for line in _item(one, indent))]
    return [f"{indent}{key}: {_scalar(value)}"]


def _item(value: Any, indent: str) -> list[str]:  # noqa: ANN401 - any JSON value
    if not isinstance(value, Mapping):
        return [f"{indent}- {_scalar(value)}"]
    lines = [line for key, one in value.items() for line in _yaml(key, one, f"{indent}  ")]
    return [f"{indent}- {lines[0].strip()}", *lines[1:]]


def _scalar(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        value = cleaned(value, limit=_LONG)
    return json.dumps(value, ensure_ascii=False)


def _blocks(blocks: Sequence[Block]) -> list[str]:
    return [_block(one) for one in blocks if not isinstance(one, Chart | Settings)]


def _block(block: Shown) -> str:
    match block:
        case Facts(rows):
            return "\n".join(f"- **{escaped(term)}:** {escaped(text)}" for term, text in rows)
        case Bullets(items):
            return "\n".join(f"- {escaped(item)}" for item in items)
        case Grid(heads, rows, numbers):
            ends = ["---:" if column in numbers else "---" for column in range(len(heads))]
            lines = [list(map(escaped, heads)), ends, *(list(map(escaped, row)) for row in rows)]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)
        case _:
            return _paragraph(block)


def _paragraph(block: Paragraph) -> str:
    match block:
        case Words(text):
            return escaped(text)
        case Lead(text):
            return f"**{escaped(text)}**"
        case NotKnown(text):
            return f"*{escaped(text)}*"
        case Blank(asks):
            return f"> **{TO_BE_FILLED_IN}:** {escaped(asks)}"
