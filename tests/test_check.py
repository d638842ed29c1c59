"""What the check does on a machine where something is in the way, with another apt-get."""

import os
import sys

import pytest

from cnnlab import environment
from tests import check
from tests.conftest import LONGEST_FIRST, TESTS

LOCKED = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (aptitude)"


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """Makes an apt-get that does the given lines of shell; returns the file of its calls."""
    calls = tmp_path / "apt-get.calls"
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(environment, "LOOK_AGAIN_SECONDS", 0)

    def make(lines):
        program = tmp_path / "apt-get"
        program.write_text(f'#!/bin/sh\necho "$*" >> {calls}\n{lines}\n')
        program.chmod(0o755)
        return calls

    return make


def test_packages_are_installed_after_their_lists_are_read(apt, capfd):
    calls = apt("exit 0")
    assert environment.install_packages("postgresql", "chromium")
    assert calls.read_text() == "update -qq\ninstall -qq -y postgresql chromium\n"
    assert capfd.readouterr().err == ""


def test_a_lock_that_another_program_holds_is_told_and_waited_for(apt, capfd):
    calls = apt(f'[ $(wc -l < "$0".calls) -gt 3 ] || {{ echo "{LOCKED}" >&2; exit 100; }}')
    assert environment.install_packages("postgresql")
    assert calls.read_text() == 3 * "update -qq\n" + "update -qq\ninstall -qq -y postgresql\n"
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 3
    assert all(LOCKED.removeprefix("E: ") in line and "at most 10 min" in line for line in told)


def test_a_wordy_step_is_shown_where_it_fails():
    ends_with = "import sys; print('words'); sys.exit({})".format
    steps = [
        check.Step("", [sys.executable, "-c", ends_with(code)], is_wordy)
        for code in (0, 1)
        for is_wordy in (False, True)
    ]
    shown = [words for _, words in map(check._run_quietly, steps)]
    assert shown == ["words\n", "", "words\n", "words\n"]


def test_a_lock_is_not_waited_for_forever(apt, capfd, monkeypatch):
    monkeypatch.setattr(environment, "LOCK_SECONDS", 0)
    apt(f'echo "{LOCKED}" >&2; exit 100')
    assert not environment.install_packages("postgresql")
    assert LOCKED in capfd.readouterr().err


def test_another_failure_is_shown_and_not_tried_again(apt, capfd):
    calls = apt('echo "E: Unable to locate package nothing" >&2; exit 100')
    assert not environment.install_packages("nothing")
    assert calls.read_text() == "update -qq\ninstall -qq -y nothing\n"
    assert "Unable to locate package nothing" in capfd.readouterr().err


def test_without_root_nothing_is_tried(apt, monkeypatch):
    calls = apt("exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not environment.install_packages("postgresql")
    assert not calls.exists()


def test_no_service_is_started_where_nginx_is_installed(apt, tmp_path, monkeypatch):
    service = tmp_path / "systemd" / "nginx.service"
    service.parent.mkdir()
    monkeypatch.setattr(check, "NGINX_SERVICE", service)
    monkeypatch.setattr(check, "_finds_nginx", lambda: service.is_symlink())
    calls = apt(f'[ "$1" != install ] || readlink {service} >> "$0.calls"')
    assert not check.has_nginx()
    assert calls.read_text() == "update -qq\ninstall -qq -y nginx\n/dev/null\n"
    assert not service.is_symlink()


@pytest.fixture
def checked(monkeypatch):
    """Makes a check with nothing to install, whose steps are these lines of Python."""

    def make(*reading, tests="", postgresql=True, nginx=True, node=True, ci=""):
        commands = [[sys.executable, "-c", lines] for lines in (*reading, tests)]
        steps = [check.Step(f"step {number}", words) for number, words in enumerate(commands)]
        monkeypatch.setattr(check, "ensure_environment", lambda pinned: None)
        monkeypatch.setattr(check, "find_browser", lambda: "")
        monkeypatch.setattr(check, "has_postgresql", lambda: postgresql)
        monkeypatch.setattr(check, "has_nginx", lambda: nginx)
        monkeypatch.setattr(check, "has_node", lambda: node)
        monkeypatch.setattr(check, "steps_that_read", lambda: steps[:1])
        monkeypatch.setattr(check, "browser_steps", lambda: steps[1:-1])
        monkeypatch.setattr(check, "tests", lambda options: steps[-1])
        monkeypatch.setattr(sys, "argv", ["check.py"])
        monkeypatch.setenv("CI", ci)
        return check.main()

    return make


def test_every_step_and_its_seconds_are_told(checked, capfd):
    assert checked("print('line 3')", "", tests="print('9 passed')") == 0
    said = capfd.readouterr().out
    assert said.startswith("step 0: ok\nline 3\nstep 1: ok\n9 passed\n\nstep 0 ")
    assert [line.split()[-1] for line in said.splitlines()[-3:]] == ["ok"] * 3


def test_code_that_reads_badly_is_told_whole_and_not_run(checked, capfd):
    assert checked("raise SystemExit('line 3')", "print('line 4')", tests="print('run')") == 1
    said = capfd.readouterr().out
    assert "step 0: failed\nline 3\nstep 1: ok\nline 4\n" in said
    assert "run" not in said


def test_a_failed_test_fails_the_check(checked):
    assert checked("", tests="raise SystemExit(1)") == 1


@pytest.mark.parametrize(
    ("name", "words"), [("postgresql", "PostgreSQL"), ("nginx", "nginx"), ("node", "Node")]
)
def test_what_is_left_out_is_said_and_nothing_is_left_out_in_ci(checked, capfd, name, words):
    assert checked("", "print('61 units')", **{name: False}) == 0
    said = capfd.readouterr().out
    assert said.splitlines()[-1].startswith(words)
    assert ("61 units" in said) == (name != "node")
    with pytest.raises(SystemExit, match=f"^{words}.*\nCI leaves nothing out"):
        checked("", **{name: False}, ci="true")


def test_the_files_to_begin_with_exist():
    assert [name for name in LONGEST_FIRST if not (TESTS / name).exists()] == []


def test_what_says_that_ray_runs_it_is_run_there():
    says = "python3 tests/check.py --ray"  # why it is skipped elsewhere
    found = {
        str(path.relative_to(check.ROOT))
        for path in TESTS.rglob("test_*.py")
        if path.name != "test_check.py" and says in path.read_text()
    }
    assert found
    assert found <= set(check.RAY_TESTS)
