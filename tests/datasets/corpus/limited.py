"""Imports one upload after another in a process that may have only so much more memory.

    python -m tests.datasets.corpus.limited MEGABYTES PLAIN UPLOAD...

PLAIN is imported first; what the process has taken then, and MEGABYTES, is all it gets. Prints the
answer to each accepted upload, and at last a list of all exit codes.
"""

import json
import re
import resource
import sys
from pathlib import Path

from cnnlab.cli.main import main


def limit_memory(more_megabytes: int) -> None:
    """Let no allocation succeed beyond what is in use and so many megabytes."""
    status = Path("/proc/self/status").read_text()
    used = int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) * 1024
    resource.setrlimit(resource.RLIMIT_AS, (used + more_megabytes * 10**6,) * 2)


def run(more_megabytes: int, plain: str, uploads: list[str]) -> None:
    """Import all, limited after the first."""
    main(["import", plain, "--json"])
    limit_memory(more_megabytes)
    codes = [main(["import", upload, "--json"]) for upload in uploads]
    sys.stdout.write(json.dumps(codes) + "\n")


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
