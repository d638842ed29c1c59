"""What Data and Train say: what, which number, what to do; in short sentences, each once."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.ui.apps import open_page, words

ROOT = Path(__file__).parents[2] / "cnnlab"
SPOKEN = [
    *(path for room in ("data", "train", "form") for path in (ROOT / "ui" / room).glob("*.py")),
    ROOT / "datasets" / "findings.py",
    ROOT / "datasets" / "split_words.py",
    ROOT / "domain" / "recipes" / "good_model.py",
]
MOST_WORDS = 20


def texts(path):
    """What a module may say, with X for what it fills in; docstrings say nothing on a page."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in docs:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values
            )


def sentences(text):
    return [one for one in re.split(r"(?<=[.?!])\s+|\n\n|\n- ", text) if one.strip()]


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_long(path):
    long = [one for text in texts(path) for one in sentences(text) if len(one.split()) > MOST_WORDS]
    assert not long


def test_what_is_said_holds_for_a_finger_too():
    """Python doesn't know what points; browser modules ask `isTouched` of shared/dom.mjs."""
    said = {
        text
        for path in (ROOT / "ui").rglob("*.py")
        for text in texts(path)
        if "click" in text.lower()
    }
    spoken = {text for text in said if " " in text}
    assert spoken == {"Drop pictures (or a zip of them) here, or click to choose them."}


def test_what_is_quoted_stands_in_one_kind_of_quotes():
    """The straight ones, as commands and fields are quoted, too."""
    there = (path for kind in ("py", "mjs", "html") for path in ROOT.rglob(f"*.{kind}"))
    assert not [path for path in there if re.search("[\u2018\u2019\u201c\u201d]", path.read_text())]


@pytest.mark.parametrize("page", ["data", "train"])
def test_no_sentence_is_said_twice(page, dataset):
    said = Counter(one for one in sentences(words(open_page(page))) if len(one.split()) > 3)
    assert [one for one, times in said.items() if times > 1] == []
