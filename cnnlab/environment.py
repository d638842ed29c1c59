"""The virtual environment: made once, filled from requirements files. Standard library only.

`python3 -m cnnlab start` and `python3 tests/check.py` both begin here, on a machine with nothing
but Python.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
CONSTRAINTS = ROOT / ".constraints"
"""What is installed, to the version and the hash: `tests/constraints.py` makes these files."""
APP, APP_ON_GPU, CHECK, EXPORTS, RAY = (
    CONSTRAINTS / f"{name}.txt" for name in ("app", "gpu", "check", "exports", "ray")
)
GPU_DOWNLOAD_GB, GPU_DISK_GB = 2.8, 8
"""What NVIDIA's libraries weigh on the way, and what they take unpacked with some room."""
NO_BROWSER = "--no-browser"
OPEN_BROWSER = "--open-browser"
"""What `start` says to the app, behind Streamlit's own options."""
PIP_INDEX = "https://pypi.org/pypi/pip/json"
NVIDIA_SECONDS = 20
LOCK_SECONDS = 600
LOOK_AGAIN_SECONDS = 10
LOCKED = re.compile("Could not get lock .*|.* was locked by another process.*")
"""What apt-get says where another program holds one of the package manager's locks."""


def ensure_environment(pinned: Path) -> None:
    """Make the environment if it isn't there, and install what the file asks for if it changed.

    Args:
        pinned: one of this module's files.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - this runs before anything checks the version
        sys.exit(f"cnnlab needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
    if not _has_pip():
        _say("Making the virtual environment .venv ...")
        _make()
    wanted = hashlib.sha256(pinned.read_bytes()).hexdigest()
    stamp = FOLDER / f"installed-{pinned.stem}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _say("Installing the packages (TensorFlow is large: this takes a few minutes) ...")
    _run([str(PYTHON), *_install(pinned)])
    # Compiled now, so that the first run doesn't pay some eight seconds for it.
    subprocess.run([str(PYTHON), "-m", "compileall", "-q", str(FOLDER / "lib")], check=False)
    stamp.write_text(wanted)


def _install(pinned: Path) -> list[str]:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(pinned)]
    return ["-m", "pip", "install", *options]


def start(options: Sequence[str]) -> NoReturn:
    """Become the app: `streamlit run app.py` inside the environment.

    Args:
        options: `--cpu` leaves a GPU's libraries out, `--no-browser` the browser closed; the others
            go to Streamlit.
    """
    ensure_environment(_what_fits(uses_gpu="--cpu" not in options))
    others = [option for option in options if option not in ("--cpu", NO_BROWSER)]
    browser = [] if NO_BROWSER in options else ["--", OPEN_BROWSER]
    os.chdir(ROOT)
    command = [str(PYTHON), "-m", "streamlit", "run", "app.py", *others, *browser]
    os.execv(PYTHON, command)


def _what_fits(*, uses_gpu: bool) -> Path:
    """The file of the app for this machine; where that is the large one, say so first."""
    gpus = nvidia_gpus() if uses_gpu else []
    if not gpus:
        return APP
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    stamp = FOLDER / f"installed-{APP_ON_GPU.stem}"
    if not stamp.exists() and free_gb < GPU_DISK_GB:
        _say(
            f"{gpus[0]} is left out: its libraries need {GPU_DISK_GB} GB of disk, and {free_gb:.1f}"
            f" GB are free. cnnlab computes on the CPU; free some space and start it again."
        )
        return APP
    if not stamp.exists():
        _say(
            f"{gpus[0]} is there: its libraries are installed too, {GPU_DOWNLOAD_GB} GB to "
            "download. `python3 -m cnnlab start --cpu` does without."
        )
    return APP_ON_GPU


def nvidia_gpus() -> list[str]:
    """Names of the NVIDIA GPUs for which TensorFlow has libraries here; what `nvidia-smi` says.

    Those libraries are for Linux on x86 (WSL2 is one).
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return []
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=NVIDIA_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return answer.stdout.split("\n")[:-1] if answer.returncode == 0 else []


def install_packages(*packages: str) -> bool:
    """Install Debian packages where that is allowed; say whether it worked.

    While another program holds the package manager's lock this waits, at most `LOCK_SECONDS`, and
    says so.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _apt_get("update", "-qq")  # what it can't fetch may not be needed
    return _apt_get("install", "-qq", "-y", *packages)


def _apt_get(*words: str) -> bool:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    end = time.monotonic() + LOCK_SECONDS
    while True:
        ended = subprocess.run(["apt-get", *words], env=quiet, stderr=subprocess.PIPE, text=True)
        is_locked = ended.returncode != 0 and LOCKED.search(ended.stderr)
        if not is_locked or time.monotonic() > end:
            sys.stderr.write(ended.stderr)
            return ended.returncode == 0
        _say(
            f"apt-get {words[0]} waits for another program, at most {LOCK_SECONDS / 60:.0f} "
            f"minutes: {is_locked[0]}"
        )
        time.sleep(LOOK_AGAIN_SECONDS)


def _has_pip() -> bool:
    """Whether the environment is whole: a kill may have left it without pip."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def _make() -> None:
    """`python -m venv`; Debian ships the part of it that brings pip as a package of its own."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", FOLDER], capture_output=True, text=True)
    if made.returncode == 0:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if install_packages(package):
        _run([sys.executable, "-m", "venv", str(FOLDER)])
        return
    _run([sys.executable, "-m", "venv", "--without-pip", str(FOLDER)])
    _say("Fetching pip ...")
    _fetch_pip()


def _fetch_pip() -> None:
    """Install pip into the environment from its own wheel, checked against its sha256."""
    try:
        wheel = next(
            file
            for file in json.loads(_download(PIP_INDEX))["urls"]
            if file["packagetype"] == "bdist_wheel"
        )
        content = _download(urllib.parse.urljoin(PIP_INDEX, wheel["url"]))
    except OSError as error:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        sys.exit(f"pip can't be fetched ({error}): sudo apt-get install {package}, then again.")
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        sys.exit("The downloaded pip is damaged: try again.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, wheel["filename"])
        path.write_bytes(content)
        _run([str(PYTHON), f"{path}/pip", "install", "--quiet", "--no-index", str(path)])


def _download(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        content: bytes = answer.read()
    return content


def _run(command: Sequence[str]) -> None:
    ended = subprocess.run(command)
    if ended.returncode != 0:
        sys.exit(f"This failed: {' '.join(command)}")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
