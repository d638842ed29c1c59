"""Packages that a format needs beyond the app's own.

They are named in pyproject.toml: an optional dependency that is called as the format is.
"""

import functools
import importlib.metadata
import shlex
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

_PROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


def unmet_packages(extra: str) -> dict[str, str]:
    """What pip has to be told to install for a format to be made here, and what is wrong, in words.

    Args:
        extra: name of optional dependencies.

    Returns:
        By requirement, with its range of versions; empty where all are fulfilled.
    """
    found = {
        requirement: _problem(Requirement(requirement)) for requirement in optional_packages(extra)
    }
    return {requirement: problem for requirement, problem in found.items() if problem}


def optional_packages(extra: str) -> list[str]:
    """What is called so in pyproject.toml, as pip has to be told, whether it is there or not."""
    return _optional_dependencies().get(extra, [])


def pip_line(requirements: Iterable[str]) -> str:
    """The command that installs packages into this very Python."""
    return shlex.join([sys.executable, "-m", "pip", "install", *requirements])


@functools.cache
def _optional_dependencies() -> dict[str, list[str]]:
    with _PROJECT.open("rb") as file:
        named: dict[str, list[str]] = tomllib.load(file)["project"]["optional-dependencies"]
    return named


def _problem(wanted: Requirement) -> str:
    try:
        version = importlib.metadata.version(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return f"the package {wanted.name}, which isn't installed"
    if wanted.specifier.contains(version, prereleases=True):
        return ""
    return f"{wanted.name} {wanted.specifier}, of which {version} is installed"
