"""Packages that a format needs beyond the app's own.

They are named in pyproject.toml: an optional dependency that is called as the format is.
"""

import functools
import importlib.metadata
import re
import shlex
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

_PROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"
_AFTER_NAME = re.compile(r"[^A-Za-z0-9._-]")


def missing_packages(export_format: str) -> list[str]:
    """What pip has to be told to install, with its versions, for a format to be made here."""
    wanted = _optional_dependencies().get(export_format, [])
    return [requirement for requirement in wanted if not _is_installed(requirement)]


def pip_line(requirements: Sequence[str]) -> str:
    """The command that installs packages into this very Python."""
    return shlex.join([sys.executable, "-m", "pip", "install", *requirements])


@functools.cache
def _optional_dependencies() -> dict[str, list[str]]:
    with _PROJECT.open("rb") as file:
        named: dict[str, list[str]] = tomllib.load(file)["project"]["optional-dependencies"]
    return named


def _is_installed(requirement: str) -> bool:
    try:
        importlib.metadata.version(_AFTER_NAME.split(requirement)[0])
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
