"""The pinned files: whole, and as the ranges in the requirements files say."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cnnlab.environment import APP, APP_ON_GPU, CHECK, EXPORTS
from tests.constraints import (
    CHECK_REQUIREMENTS,
    EXPORTS_REQUIREMENTS,
    GPU_REQUIREMENTS,
    REQUIREMENTS,
    SERVER,
    SERVER_REQUIREMENTS,
)

SOURCES = {
    APP: [REQUIREMENTS],
    APP_ON_GPU: [REQUIREMENTS, GPU_REQUIREMENTS],
    CHECK: [REQUIREMENTS, CHECK_REQUIREMENTS],
    EXPORTS: [REQUIREMENTS, CHECK_REQUIREMENTS, EXPORTS_REQUIREMENTS],
    SERVER: [SERVER_REQUIREMENTS],
}


def lines(path: Path) -> list[str]:
    """Requirements of a file, each with its hashes in one line."""
    joined = path.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def pins(path: Path) -> dict[str, set[str]]:
    """Versions by normalized name: some packages have several, for other systems."""
    found: dict[str, set[str]] = {}
    for line in lines(path):
        name, version = re.match(r"([\w.\-\[\]]+)==([\w.+!]+)", line).groups()
        found.setdefault(name.partition("[")[0].lower().replace("_", "-"), set()).add(version)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_package_is_pinned_with_hashes_within_its_range(path):
    assert all(" --hash=sha256:" in line for line in lines(path))
    pinned = pins(path)
    wanted = [Requirement(line) for source in SOURCES[path] for line in lines(source)]
    wrong = [
        str(each)
        for each in wanted
        if not any(each.specifier.contains(one) for one in pinned.get(each.name.lower(), ()))
    ]
    assert wrong == [], "run tests/constraints.py"


def test_the_app_is_the_same_in_all_files():
    app = pins(APP)
    for path in (APP_ON_GPU, CHECK, EXPORTS):
        others = pins(path)
        assert {name: others[name] for name in app} == app


def test_what_a_server_needs_besides_fits_to_the_app():
    app, besides = pins(APP), pins(SERVER)
    assert {"psycopg", "authlib", "httpx"} <= set(besides)
    shared = app.keys() & besides.keys()
    assert {name: besides[name] for name in shared} == {name: app[name] for name in shared}


def test_only_the_file_for_gpus_brings_nvidias_libraries():
    brings = {path: any(name.startswith("nvidia-") for name in pins(path)) for path in SOURCES}
    assert brings == {APP: False, APP_ON_GPU: True, CHECK: False, EXPORTS: False, SERVER: False}
