"""Lines of Python as a formatter would write them."""

import json
from collections.abc import Iterable, Sequence

WIDTH = 100
"""Columns of a line at most."""

INDENT = "    "


def call(head: str, arguments: Sequence[str], tail: str = ")", depth: int = 1) -> list[str]:
    """A call in one line, or with its arguments in lines of their own where that is too long.

    Args:
        head: up to and with the opening bracket.
        arguments: source, without commas.
        tail: from the closing bracket on.
        depth: of the indentation.
    """
    margin = INDENT * depth
    whole = f"{margin}{head}{', '.join(arguments)}{tail}"
    if len(whole) <= WIDTH:
        return [whole]
    inner = f"{margin}{INDENT}{', '.join(arguments)}"
    if len(inner) <= WIDTH:
        return [f"{margin}{head}", inner, f"{margin}{tail}"]
    return [f"{margin}{head}", *(f"{margin}{INDENT}{one}," for one in arguments), f"{margin}{tail}"]


def named(head: str, names: Sequence[str]) -> list[str]:
    """A top-level text of names, which is to be split: a list of many would take a line for each.

    Args:
        head: up to the text.
        names: without spaces, such as those of layers.
    """
    whole = f"{head}{string(' '.join(names))}"
    if len(whole) <= WIDTH:
        return [whole]
    return [f'{head}"""', *wrapped(" ".join(names), INDENT), '"""']


def string(text: str) -> str:
    """A literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def number(value: float) -> str:
    """A literal: a whole number without a point, small ones as 1e-05."""
    return f"{int(value)}" if float(value).is_integer() and abs(value) < 1e6 else repr(value)


def wrapped(text: str, margin: str = "") -> list[str]:
    """Words in lines that fit.

    Args:
        text: one paragraph.
        margin: before each line.
    """
    lines, line = [], margin
    for word in text.split():
        if len(line) > len(margin) and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = margin
        line += word if line == margin else f" {word}"
    return [*lines, line]


def joined(parts: Iterable[Sequence[str]]) -> str:
    """Top-level parts, two empty lines between them."""
    return "\n\n\n".join("\n".join(part) for part in parts if part) + "\n"
