"""Every benchmark starts as its heading says: `python tests/benchmarks/NAME.py`."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(
    path for path in (ROOT / "tests/benchmarks").glob("*.py") if "__main__" in path.read_text()
)
PROGRAM = """
import os, runpy, sys
root, usual = sys.argv[1], list(sys.path)
for script in sys.argv[2:]:
    sys.argv, sys.path = [script, '--help'], [os.path.dirname(script), *usual]
    try:
        runpy.run_path(script, run_name='__main__')
    except SystemExit as end:
        print('ended with', end.code if root in sys.path else 'no way to cnnlab')
"""
"""Starts one after the other, each with no path but its own: Keras and cnnlab are loaded once."""

LIGHT = ("idle_workspaces", "import_speed", "judged_at", "judged_intervals", "verdicts")
"""Those that take seconds: the check has them work; all others are for `-m exhaustive`."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_each_tells_how_it_is_started_and_what_its_least_is(script):
    heading = ast.get_docstring(ast.parse(script.read_text()))
    assert f"python tests/benchmarks/{script.name}" in heading
    assert "--smoke" in heading


@pytest.mark.slow
def test_each_says_what_it_does():
    command = [sys.executable, "-P", "-c", PROGRAM, ROOT, *SCRIPTS]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("ended with 0\n") == len(SCRIPTS) > 5
    for script in SCRIPTS:
        assert f"usage: {script.name} [-h] [--smoke]" in answer.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(script, marks=() if script.stem in LIGHT else pytest.mark.exhaustive)
        for script in SCRIPTS
    ],
    ids=lambda script: script.stem,
)
def test_each_works(script):
    left = set(ROOT.iterdir())
    path = script.relative_to(ROOT)
    environment = {name: value for name, value in os.environ.items() if name != "CNNLAB_HOME"}
    answer = subprocess.run(
        [sys.executable, path, "--smoke"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    assert answer.stdout and "MISSED" not in answer.stdout
    assert set(ROOT.iterdir()) == left
