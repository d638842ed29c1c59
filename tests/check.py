"""The whole check, for people and CI alike: `python3 tests/check.py [pytest options]`.

Makes its own environment, finds or installs a browser and PostgreSQL, then runs format, lint and
all tests.
Standard library only, until the environment is there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from cnnlab.environment import (  # noqa: E402
    APP_REQUIREMENTS,
    PYTHON,
    ensure_environment,
    install_packages,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRESQL_SETTINGS = Path("/etc/postgresql-common/createcluster.conf")


def main() -> int:
    """Run every step; stop at the first that fails."""
    ensure_environment([APP_REQUIREMENTS, ROOT / "tests" / "requirements.txt"])
    os.environ["CNNLAB_TEST_BROWSER"] = find_browser()
    install_postgresql()
    steps = [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        # Two at a time; what a file prepares for its tests is made once, so files stay whole. In
        # the order of their names, the last ones are short: neither process waits for the other.
        ["pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *sys.argv[1:]],
    ]
    for step in steps:
        ended = subprocess.run([str(PYTHON), "-m", *step], cwd=ROOT)
        if ended.returncode != 0:
            return ended.returncode
    return 0


def install_postgresql() -> None:
    """Install Debian's server unless it is there; without it, its tests are skipped and say so.

    The tests start a server of their own: the one that the package would start isn't wanted.
    """
    if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb"):
        return
    if install_packages("postgresql-common"):
        with POSTGRESQL_SETTINGS.open("a", encoding="utf-8") as file:
            file.write("\ncreate_main_cluster = false\n")
        install_packages("postgresql")


def find_browser() -> str:
    """Path of a Chromium: one that is there, Debian's package, or Playwright's own download."""
    found = next(filter(_works, map(shutil.which, BROWSERS)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install_packages("chromium")
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
