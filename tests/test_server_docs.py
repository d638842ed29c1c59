"""What README.md says about a server: its files are sound, its commands and settings exist."""

import configparser
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import streamlit.config

from cnnlab.cli.main import _parser
from cnnlab.environment import NO_BROWSER

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = re.search(r"^## On a server\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)[1]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
UNITS = [text for kind, text in BLOCKS if kind == "ini"]
COMMANDS = [
    line.partition("     #")[0]
    for kind, text in BLOCKS
    if kind == "sh" and not text.startswith("#!")
    for line in text.splitlines()
    if line.startswith("cnnlab ")
]
KNOWN_KEYS = {
    "Unit": {"Description", "Wants", "After"},
    "Service": {
        "User", "UMask", "WorkingDirectory", "EnvironmentFile", "ExecStart", "ExecStartPost",
        "KillMode", "Restart", "RestartSec", "NoNewPrivileges", "ProtectSystem", "ProtectHome",
        "ReadWritePaths", "Type",
    },
    "Timer": {"OnCalendar", "Persistent"},
    "Install": {"WantedBy"},
}  # fmt: skip


def unit(text):
    parsed = configparser.ConfigParser(interpolation=None, strict=True)
    parsed.optionxform = str
    parsed.read_string(text)
    return parsed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command):
    _parser().parse_args(shlex.split(command.split("; ")[0])[1:])


def test_the_commands_were_found():
    assert len(COMMANDS) >= 8


def test_every_setting_is_one_that_the_program_reads():
    named = set(re.findall(r"CNNLAB_[A-Z_]+", SECTION))
    read = "".join(path.read_text() for path in (ROOT / "cnnlab").rglob("*.py"))
    assert len(named) > 8 and [name for name in named if f'"{name}"' not in read] == []


@pytest.mark.parametrize("text", UNITS)
def test_units_have_what_systemd_knows(text):
    parsed = unit(text)
    for section in parsed.sections():
        assert set(parsed[section]) <= KNOWN_KEYS[section]


def test_the_service_starts_the_app_as_it_is_started():
    service = next(unit(text)["Service"] for text in UNITS if "User=cnnlab" in text)
    words = shlex.split(service["ExecStart"])
    assert words[1:5] == ["-m", "cnnlab", "start", NO_BROWSER]
    options = dict(zip(words[5::2], words[6::2], strict=True))
    for name in options:
        streamlit.config.get_option(name.removeprefix("--"))
    public = re.search(r"CNNLAB_PUBLIC_ADDRESS=https://[^/]+/(\S+)", SECTION)[1]
    assert options["--server.baseUrlPath"] == public
    assert options["--server.address"] == "127.0.0.1"
    health = f"http://127.0.0.1:{options['--server.port']}/{public}/healthz"
    assert f"curl {health}" in SECTION
    written = service["ReadWritePaths"].split()
    home = re.search(r"CNNLAB_HOME=(\S+)", SECTION)[1]
    assert any(Path(home).is_relative_to(path) for path in written)
    assert service["WorkingDirectory"] in written  # the first start installs there
    if service["ProtectSystem"] == "strict":  # else the GPU is tried anew in every worker
        assert "/tmp" in written


def test_the_command_has_the_services_user_and_settings(tmp_path):
    script = next(text for kind, text in BLOCKS if text.startswith("#!"))
    (tmp_path / "cnnlab.env").write_text(
        next(text for kind, text in BLOCKS if kind == "env")
        + "CNNLAB_DATABASE=postgresql+psycopg:///cnnlab?host=/var/run/postgresql\n"
    )
    (tmp_path / "runuser").write_text('#!/bin/sh\nprintf "%s\\n" "$@" "$CNNLAB_DATABASE" "$PWD"\n')
    for old, new in (("/etc/cnnlab.env", "cnnlab.env"), ("/opt/cnnlab", ".")):
        assert old in script
        script = script.replace(old, str(tmp_path / new))
    (tmp_path / "cnnlab").write_text(script)
    for name in ("runuser", "cnnlab"):
        (tmp_path / name).chmod(0o755)
    told = subprocess.run(
        [tmp_path / "cnnlab", "workspace", "add", "Group 1"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert told[:3] == ["-u", "cnnlab", "--"]
    assert told[-5:-2] == ["workspace", "add", "Group 1"]
    assert told[-2] == "postgresql+psycopg:///cnnlab?host=/var/run/postgresql"
    assert Path(told[-1]) == tmp_path


def test_the_files_that_it_names_exist():
    for name in re.findall(r"`(\.docker|\.constraints/[\w.]+)/?`", SECTION):
        assert (ROOT / name).exists()
    assert (ROOT / ".constraints" / "server.txt").exists()
    for name in re.findall(r"-f (compose\S*\.yaml)", SECTION):
        assert (ROOT / ".docker" / name).exists()


def test_the_proxys_configuration_is_there_once():
    assert README.count("location /lab {") == 1
