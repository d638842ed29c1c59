"""What the README says is so."""

import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab import settings
from cnnlab.cli.main import main
from cnnlab.datasets import limits
from cnnlab.lab.entry import AUTH
from cnnlab.server.door.place import PUBLIC_ADDRESS
from cnnlab.storage.home import Home
from tests.cli.test_cli import Shell

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^\.venv/bin/python -m cnnlab (.+)$", README, re.MULTILINE)
OF_PEOPLE = [command for command in SHOWN if command.startswith(("user ", "workspace "))]
COMMANDS = [command for command in SHOWN if command not in OF_PEOPLE]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_work(home, command):
    Shell(home).alone(*shlex.split(command))


def test_the_examples_of_people_work_one_after_the_other(home, monkeypatch):
    """Each rests on those before it; a password is typed, for which a test has no terminal."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long secret\n" * len(OF_PEOPLE)))
    shell = Shell(home)
    for command in OF_PEOPLE:
        words = shlex.split(command)
        shell(*words, *(["--password-stdin"] if words[:2] == ["user", "add"] else []))
    assert len(OF_PEOPLE) >= 3


def test_every_command_is_in_the_table(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^    ([a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    table = README[README.index("| command |") : README.index("For example")]
    assert len(known) > 10
    for command in known - {"start"}:
        assert f"`{command}" in table


def test_named_files_and_settings_exist():
    paths = re.findall(r"`((?:cnnlab|tests|sample_data)/[\w/.]+)`", README)
    paths += re.findall(r"\[.*?\]\((?!https?:)(.+?)\)", README)
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert hasattr(limits, "MAX_UPLOAD_BYTES")
    assert "CNNLAB_MAX_UPLOAD_BYTES" in README
    assert [name for name in settings._ALLOWED if f"| `{name}` |" not in README] == []
    for setting in (AUTH, PUBLIC_ADDRESS):
        assert f"| `{setting}` |" in README


def test_the_start_command_needs_nothing_but_python():
    program = (
        "import sys; import cnnlab.environment; print([m for m in sys.modules if m in {names}])"
    )
    heavy = {"pydantic", "numpy", "streamlit", "sqlalchemy"}
    command = [sys.executable, "-c", program.format(names=heavy)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"


def test_what_moves_to_storage_of_its_own_is_named():
    """All that a home keeps there, but for what is made again."""
    home = Home(Path("/storage"), own=Path("/own"))
    properties = [name for name, value in vars(Home).items() if isinstance(value, property)]
    values = [getattr(home, name) for name in properties]
    kept = {one.name for one in values if isinstance(one, Path) and one.parent == home.root}
    made_again = {"tensorboard", "form-wish.json", "precision-gains.json", "page-note.txt"}
    (told,) = re.findall("To bring in what a home holds.*?all else stay", README, re.DOTALL)
    assert kept - made_again == set(re.findall(r"`([\w.-]+)/?`", told)) - {"token"}


def test_ci_runs_the_readmes_test_command():
    assert "python3 tests/check.py" in README
    assert "exec python3 tests/check.py" in (ROOT / ".ci" / "run").read_text()
