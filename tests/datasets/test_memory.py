"""What reading datasets keeps in memory."""

import subprocess
import sys


def test_arrow_keeps_no_pool_of_its_own():
    shown = (
        "import cnnlab.datasets.index, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    )
    told = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "system"
