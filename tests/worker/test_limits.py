"""The limits of a kind of work, as its worker holds them."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cnnlab.jobs.kinds.uploads import KIND
from cnnlab.worker.process import doing

ROOT = Path(__file__).parents[2]
MEGABYTE = 2**20


def test_who_takes_too_much_memory_is_told_and_the_next_one_may_take_it():
    with (
        doing._limits(replace(KIND, memory_limit_bytes=50 * MEGABYTE)),
        pytest.raises(MemoryError),
    ):
        bytearray(500 * MEGABYTE)
    assert len(bytearray(500 * MEGABYTE)) == 500 * MEGABYTE


def test_who_takes_too_long_ends_by_a_signal():
    program = (
        "import time; from dataclasses import replace\n"
        "from cnnlab.jobs.kinds.uploads import KIND; from cnnlab.worker.process import doing\n"
        "doing.LAST_RESORT_SECONDS = 0.0\n"
        "with doing._limits(replace(KIND, time_limit_seconds=0.1)): time.sleep(60)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == -signal.SIGALRM


def test_the_supervisor_who_says_why_comes_first():
    with doing._limits(replace(KIND, time_limit_seconds=600)):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 650
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
