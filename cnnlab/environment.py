"""The virtual environment: made once, filled from requirements files. Standard library only.

`python3 -m cnnlab start` and `python3 tests/check.py` both begin here, on a machine with nothing
but Python.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
APP_REQUIREMENTS = ROOT / "requirements.txt"


def ensure_environment(requirements: Sequence[Path]) -> None:
    """Make the environment if it isn't there, and install what the files ask for if they changed.

    Args:
        requirements: requirements files, the app's own first.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - this runs before anything checks the version
        sys.exit(f"cnnlab needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
    if not PYTHON.exists():
        _say("Making the virtual environment .venv ...")
        _make()
    wanted = hashlib.sha256(b"\0".join(file.read_bytes() for file in requirements)).hexdigest()
    stamp = FOLDER / f"installed-{len(requirements)}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _say("Installing the packages (TensorFlow is large: this takes a few minutes) ...")
    files = [word for file in requirements for word in ("-r", str(file))]
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *files])
    # Compiled now, so that the first run doesn't pay some eight seconds for it.
    subprocess.run([str(PYTHON), "-m", "compileall", "-q", str(FOLDER / "lib")], check=False)
    stamp.write_text(wanted)


def start(options: Sequence[str]) -> None:
    """Become the app: `streamlit run app.py` inside the environment."""
    ensure_environment([APP_REQUIREMENTS])
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "streamlit", "run", "app.py", *options])


def _make() -> None:
    """`python -m venv`; Debian ships it as a package of its own, which may be missing."""
    made = subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], capture_output=True)
    if made.returncode == 0:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"Python's venv module is missing: sudo apt-get install {package}, then again.")
    _run(["apt-get", "update", "-qq"])
    _run(["apt-get", "install", "-qq", "-y", package])
    _run([sys.executable, "-m", "venv", str(FOLDER)])


def _run(command: Sequence[str]) -> None:
    ended = subprocess.run(command)
    if ended.returncode != 0:
        sys.exit(f"This failed: {' '.join(command)}")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
