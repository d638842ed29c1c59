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
usual = list(sys.path)
for script in sys.argv[1:]:
    for name in [name for name in sys.modules if name.partition('.')[0] in ('cnnlab', 'tests')]:
        del sys.modules[name]
    sys.argv, sys.path = [script, '--help'], [os.path.dirname(script), *usual]
    try:
        runpy.run_path(script, run_name='__main__')
    except SystemExit as end:
        print('ended with', end.code)
"""
"""Starts one after the other in a process that knows no other path: Keras is loaded once."""


@pytest.mark.slow
def test_each_says_what_it_does():
    command = [sys.executable, "-P", "-c", PROGRAM, *SCRIPTS]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("ended with 0\n") == len(SCRIPTS) > 5
    for script in SCRIPTS:
        assert f"usage: {script.name}" in answer.stdout
        assert f"tests/benchmarks/{script.name}" in script.read_text()
