"""Makes the files of `.constraints` from the ranges in the requirements files.

`.venv/bin/python tests/constraints.py` keeps the versions that still fit, with `--upgrade` it takes
the newest. The files hold for Linux, WSL2 and macOS and every Python from 3.11 on: the app's, the
same with NVIDIA's libraries, what a server may need besides, the check's, those with which it runs
the matrix of formats, and those of the cluster that it starts.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from cnnlab.environment import APP, APP_ON_GPU, CHECK, CONSTRAINTS, EXPORTS, RAY  # noqa: E402

REQUIREMENTS = ROOT / "requirements.txt"
CHECK_REQUIREMENTS = ROOT / "tests" / "requirements.txt"
EXPORTS_REQUIREMENTS = ROOT / "tests" / "requirements-exports.txt"
RAY_REQUIREMENTS = ROOT / "tests" / "requirements-ray.txt"
GPU_REQUIREMENTS = ROOT / "tests" / "requirements-gpu.txt"
SERVER_REQUIREMENTS = ROOT / ".docker" / "requirements.txt"
SERVER = CONSTRAINTS / "server.txt"
HEADING = "# Made by tests/constraints.py from the ranges in the requirements files.\n"
OPTIONS = [
    "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate",
    "--no-header", "--quiet",
]  # fmt: skip


def main(options: list[str]) -> None:
    """Write all files, the app's first: the others have the same versions of what is in it."""
    compile_pins(APP, [REQUIREMENTS, *options])
    compile_pins(APP_ON_GPU, [REQUIREMENTS, GPU_REQUIREMENTS, "--constraints", APP, *options])
    compile_pins(SERVER, [SERVER_REQUIREMENTS, "--constraints", APP, *options])
    check = [REQUIREMENTS, CHECK_REQUIREMENTS]
    compile_pins(CHECK, [*check, "--constraints", APP, *options])
    compile_pins(EXPORTS, [*check, EXPORTS_REQUIREMENTS, "--constraints", CHECK, *options])
    compile_pins(RAY, [RAY_REQUIREMENTS, *options])


def compile_pins(pinned: Path, words: list[str | Path]) -> None:
    """Run `uv pip compile`."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *map(str, words)]
    subprocess.run([*command, "--output-file", str(pinned)], check=True, cwd=ROOT)
    pinned.write_text(HEADING + pinned.read_text().removeprefix(HEADING))


if __name__ == "__main__":
    main(sys.argv[1:])
