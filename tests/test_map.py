"""The map of the house and the guide for those who work on it name what is there, and all of it."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "cnnlab"
MAP = HOUSE / "README.md"
GUIDE = ROOT / ".github" / "CONTRIBUTING.md"
PATH = re.compile(r"`((?:[\w.]+/)+(?:[\w.]+\.\w+)?|[\w.]+\.(?:py|md|toml))`")


def rows(title):
    """First cells of the table under a title."""
    part = MAP.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)


@pytest.mark.parametrize("document", [MAP, GUIDE], ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document):
    text = document.read_text(encoding="utf-8")
    found = set(PATH.findall(text))
    found |= set(re.findall(r"(?:pages|tests|cnnlab)/[\w/.]+\w", text))
    found |= {str((document.parent / link).resolve()) for link in re.findall(r"\]\((\S+)\)", text)}
    missing = [
        path
        for path in sorted(found)
        if "NAME" not in path and not (ROOT / path).exists() and not (HOUSE / path).exists()
    ]
    assert len(found) > 20
    assert missing == []


def test_every_package_has_its_line():
    packages = {f"{file.parent.relative_to(HOUSE)}/" for file in HOUSE.rglob("__init__.py")} - {
        "./"
    }
    assert set(rows("Rooms")) == packages


def test_the_floors_are_those_that_are_checked():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = re.search(r"```\n(__main__\n.*?)```", MAP.read_text(encoding="utf-8"), re.DOTALL)
    assert drawn[1].splitlines() == layers
