"""The whole check, for people and CI alike: `python3 tests/check.py [pytest options]`.

With `--exports` first, the whole matrix of formats instead, by hand: in an environment of its own
with the packages of all of them. With `--ray` first, what is tested on a real Ray cluster, which is
installed into an environment of its own.

Makes its own environment, finds or installs a browser, PostgreSQL, nginx and Node, then reads the
code (format, lint, types, ...) and runs all tests. What is missing on a machine is said; where `CI`
is set, it fails.
Standard library only, until the environment is there.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from cnnlab.environment import (  # noqa: E402
    CHECK,
    EXPORTS,
    PYTHON,
    RAY,
    ensure_environment,
    install_packages,
)

SHELL = "chromium-headless-shell"
"""Chromium without windows of its own, which nobody sees here: a page takes half as much."""

BROWSERS = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRESQL_SETTINGS = Path("/etc/postgresql-common/createcluster.conf")
NO_POSTGRESQL = (
    "PostgreSQL isn't there and can't be installed (as root: apt-get install postgresql): "
    "its tests are left out."
)
NGINX_SERVICE = Path("/etc/systemd/system/nginx.service")
NO_NGINX = (
    "nginx isn't there and can't be installed (as root: apt-get install nginx): no test goes "
    "through a proxy."
)

BROWSER_CHECKS = ROOT / "tests" / "browser"
NODE = (18, 18)
NO_NODE = (
    "Node 18.18 or newer with npm isn't there and can't be installed "
    "(as root: apt-get install nodejs npm): what runs in the browser is neither read nor tested "
    "alone."
)


MATRIX = "--exports"
EXPORTS_FOLDER = ROOT / ".venv-exports"
EXPORTS_PYTHON = EXPORTS_FOLDER / "bin" / "python"
EXPORTS_TESTS = ("tests/exports/test_formats.py", "tests/exports/test_matrix.py")
"""What says more where the packages of all formats are there."""


ON_RAY = "--ray"
RAY_FOLDER = ROOT / ".venv-ray"
RAY_PYTHON = RAY_FOLDER / "bin" / "python"
RAY_TESTS = (
    "tests/runner/cluster/test_real.py",
    "tests/e2e/test_on_ray.py",
    "tests/runner/executors/test_contract.py",
)
"""What a real cluster plays; most of the contract, and a whole study, only with `-m ''`."""


@dataclass(frozen=True)
class Step:
    """A command that ends with 0 if all is well.

    Attributes:
        name: as it is listed at the end.
        command: a program and its arguments.
        is_wordy: whether it speaks where all is well, which isn't shown then.
    """

    name: str
    command: Sequence[str]
    is_wordy: bool = False


@dataclass(frozen=True)
class Ended:
    """What a step came to."""

    name: str
    code: int
    seconds: float


def main() -> int:
    """Run every step and say how long each took; the tests only where the code reads well."""
    # Compiled modules are kept: the tests start hundreds of processes that load the same ones.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Three processes a core wait for each other's threads: a test that imports images takes a sixth
    # longer with as many threads as cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    ensure_environment(CHECK)
    if sys.argv[1:2] == [MATRIX]:
        ensure_own_environment(EXPORTS_FOLDER, EXPORTS, "the packages of all formats")
        return run(matrix(sys.argv[2:])).code
    if sys.argv[1:2] == [ON_RAY]:
        ensure_own_environment(RAY_FOLDER, RAY, "Ray")
        os.environ["CNNLAB_TEST_BROWSER"] = find_browser()
        return run(on_ray(sys.argv[2:])).code
    os.environ["CNNLAB_TEST_BROWSER"] = find_browser()
    found = {NO_POSTGRESQL: has_postgresql(), NO_NGINX: has_nginx(), NO_NODE: has_node()}
    missing = [words for words, is_there in found.items() if not is_there]
    if missing and os.environ.get("CI"):
        sys.exit("\n".join([*missing, "CI leaves nothing out."]))
    ended = list(run_together(steps_that_read() + (browser_steps() if found[NO_NODE] else [])))
    if not any(step.code for step in ended):
        ended.append(run(tests(sys.argv[1:])))
    say("")
    for step in ended:
        say(f"{step.name:<12} {step.seconds:6.1f} s  {'failed' if step.code else 'ok'}")
    for words in missing:
        say(words)
    return int(any(step.code for step in ended))


def steps_that_read() -> list[Step]:
    """What looks at the code without running it.

    That all tests can be found is seen here, so that their modules are compiled once: each of the
    processes that run them would do it, for half of the time that it takes to begin.
    """
    python = [str(PYTHON), "-m"]
    return [
        Step("ruff format", [*python, "ruff", "format", "--check", "."]),
        Step("ruff check", [*python, "ruff", "check", "."]),
        Step("mypy", [*python, "mypy", "--no-error-summary"]),
        Step("collect", [*python, "pytest", "--collect-only", "-qq"], is_wordy=True),
    ]


def browser_steps() -> list[Step]:
    """Types, style and unit tests of the modules that run in the browser."""
    packages = BROWSER_CHECKS / "node_modules" / ".bin"
    unit_tests = sorted(str(path) for path in (ROOT / "cnnlab").rglob("*.test.mjs"))
    reporter = f"--test-reporter={BROWSER_CHECKS / 'failures.mjs'}"
    style = ["--config", str(BROWSER_CHECKS / "eslint.config.mjs"), "cnnlab", "tests/browser"]
    return [
        Step("tsc", [str(packages / "tsc"), "--project", str(BROWSER_CHECKS)]),
        Step("eslint", [str(packages / "eslint"), *style]),
        Step("node --test", ["node", "--test", reporter, *unit_tests]),
    ]


def tests(options: Sequence[str]) -> Step:
    """All tests: three processes a core, for with two of them tests that wait for a browser, a
    worker or the disk left two fifths of the cores idle, and three gigabytes a process, of which
    two are its own; what a file prepares for its tests is made once, so files stay whole. Their
    order is tests/conftest.py's.
    """
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    processes = str(max(1, min(3 * (os.cpu_count() or 1), gigabytes // 3)))
    order = ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]
    return Step("pytest", [str(PYTHON), "-m", "pytest", *order, *options])


def ensure_own_environment(folder: Path, pinned: Path, words: str) -> None:
    """Make an environment of its own for something; that of the check stays as it is."""
    uv, python = [str(PYTHON), "-m", "uv", "--quiet"], folder / "bin" / "python"
    if not python.exists():
        subprocess.run([*uv, "venv", "--python", PYTHON, folder], check=True)
    say(f"Installing {words} into {folder.name} ...")
    install = ["pip", "install", "--require-hashes", "--python", python, "-r", pinned]
    subprocess.run([*uv, *install], check=True)


def matrix(options: Sequence[str]) -> Step:
    """The tests of formats with those that the check leaves out: every format times every net."""
    order = ["-m", "", "--timeout", "900", *EXPORTS_TESTS]
    return Step("pytest", [str(EXPORTS_PYTHON), "-m", "pytest", *order, *options])


def on_ray(options: Sequence[str]) -> Step:
    """The tests for which there must be a cluster: they share one, so one process runs them.

    Those of the contract are told by the executor's name.
    """
    os.environ["CNNLAB_TEST_RAY"] = str(RAY_PYTHON)
    chosen = ["-k", "test_real or test_on_ray or ray", *RAY_TESTS]
    return Step("on Ray", [str(PYTHON), "-m", "pytest", "--timeout", "900", *chosen, *options])


def run(step: Step) -> Ended:
    """Run a step before the reader's eyes."""
    start = time.monotonic()
    code = subprocess.run(step.command, cwd=ROOT).returncode
    return Ended(step.name, code, time.monotonic() - start)


def run_together(steps: Sequence[Step]) -> Iterator[Ended]:
    """Run steps side by side, one a core; what each says is shown as a whole, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for ended, words in pool.map(_run_quietly, steps):
            say(f"{ended.name}: {'failed' if ended.code else 'ok'}\n{words}".rstrip())
            yield ended


def _run_quietly(step: Step) -> tuple[Ended, str]:
    start = time.monotonic()
    done = subprocess.run(
        step.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    is_shown = done.returncode != 0 or not step.is_wordy
    words = done.stdout if is_shown else ""
    return Ended(step.name, done.returncode, time.monotonic() - start), words


def say(text: str) -> None:
    """Write a line at once: what a step writes comes after it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def has_postgresql() -> bool:
    """Whether Debian's server is there; it is installed where that is allowed.

    The tests start a server of their own: the one that the package would start isn't wanted.
    """
    if _finds_postgresql():
        return True
    if install_packages("postgresql-common"):
        with POSTGRESQL_SETTINGS.open("a", encoding="utf-8") as file:
            file.write("\ncreate_main_cluster = false\n")
        install_packages("postgresql")
    return _finds_postgresql()


def _finds_postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or bool(shutil.which("initdb"))


def has_nginx() -> bool:
    """Whether nginx is there; it is installed where that is allowed.

    The tests start a process of their own: the service that the package would start isn't wanted.
    """
    if _finds_nginx():
        return True
    is_masked = os.geteuid() == 0 and NGINX_SERVICE.parent.is_dir() and not NGINX_SERVICE.exists()
    if is_masked:
        NGINX_SERVICE.symlink_to("/dev/null")
    try:
        install_packages("nginx")
    finally:
        if is_masked:
            NGINX_SERVICE.unlink()
    return _finds_nginx()


def _finds_nginx() -> bool:
    return bool(shutil.which("nginx") or shutil.which("/usr/sbin/nginx"))


def has_node() -> bool:
    """Whether Node and what checks the browser's modules are there; installed where allowed."""
    if not _finds_node():
        install_packages("nodejs", "npm")
    if not _finds_node():
        return False
    wanted = (BROWSER_CHECKS / "package-lock.json").read_text(encoding="utf-8")
    installed = BROWSER_CHECKS / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(command, cwd=BROWSER_CHECKS).returncode != 0:
            sys.exit("The checks of the browser's modules can't be installed (npm ci failed).")
        installed.write_text(wanted, encoding="utf-8")
    return True


def _finds_node() -> bool:
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True)
    numbers = answer.stdout.strip().lstrip("v").split(".")[:2]
    return all(map(str.isdecimal, numbers)) and tuple(map(int, numbers)) >= NODE


def find_browser() -> str:
    """Path of a Chromium: Debian's package, one that is there, or Playwright's own download."""
    if not _works(shutil.which(SHELL)):
        install_packages(SHELL)
    found = next(filter(_works, map(shutil.which, BROWSERS)), None)
    if found is None and install_packages("chromium"):
        found = next(filter(_works, map(shutil.which, BROWSERS)), None)
    if found is None:
        found = _playwright_browser()
    if found is None:
        sys.exit("No Chromium was found and none could be installed: apt-get install chromium.")
    return found


def _playwright_browser() -> str | None:
    subprocess.run([str(PYTHON), "-m", "playwright", "install", "chromium"], check=False)
    program = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([str(PYTHON), "-c", program], capture_output=True, text=True)
    path = answer.stdout.strip()
    return path if _works(path) else None


def _works(browser: str | None) -> bool:
    """A file of that name may be a stub that asks for a snap, or lack its libraries."""
    if not browser or not Path(browser).exists():
        return False
    return subprocess.run([browser, "--version"], capture_output=True).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
