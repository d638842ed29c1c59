"""Every benchmark starts as its docstring says: `python tests/benchmarks/NAME.py`."""

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


@pytest.mark.slow
def test_each_says_what_it_does():
    command = [sys.executable, "-P", "-c", PROGRAM, ROOT, *SCRIPTS]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("ended with 0\n") == len(SCRIPTS) > 5
    for script in SCRIPTS:
        assert f"usage: {script.name}" in answer.stdout
        assert f"tests/benchmarks/{script.name}" in script.read_text()
