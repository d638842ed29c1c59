"""Settings in the environment: taken, or refused in one sentence with their range."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.errors import ConfigError
from cnnlab.settings import check_settings, setting

ROOT = Path(__file__).parents[1]
WRONG = {
    "CNNLAB_MAX_CLASSES": ["abc", "0", "-5", "1.5", "9" * 5000, "1e3", "10_0 0"],
    "CNNLAB_MAX_UPLOAD_BYTES": ["2 GB", "1" + "0" * 16],
    "CNNLAB_STALL_SECONDS": ["nan", "inf", "0.5", "soon"],
    "CNNLAB_WARM_WORKERS": ["2", "yes", "-1"],
    "CNNLAB_RUNS_AT_ONCE": ["0", "two"],
    "CNNLAB_RESERVE_BYTES": ["-1", "64M"],
}


@pytest.mark.parametrize(
    ("variable", "text"), [(name, text) for name, texts in WRONG.items() for text in texts]
)
def test_a_wrong_value_is_refused_with_its_range(monkeypatch, home, capsys, variable, text):
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigError, match=rf"{variable} must be a (whole )?number from [01] to "):
        check_settings()
    with pytest.raises(ConfigError, match=variable):
        lab.list_runs()
    assert main(["runs", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and variable in err and err.count("\n") == 1 and len(err) < 400


def test_all_wrong_values_are_named_at_once(monkeypatch):
    for variable, texts in WRONG.items():
        monkeypatch.setenv(variable, texts[0])
    with pytest.raises(ConfigError) as error:
        check_settings()
    assert all(variable in str(error.value) for variable in WRONG)


@pytest.mark.parametrize(("text", "value"), [("", 7), (" 12 ", 12), ("0.5", 7), ("1", 1)])
def test_what_can_be_taken_is(monkeypatch, text, value):
    monkeypatch.setenv("CNNLAB_RUNS_AT_ONCE", text)
    assert setting("CNNLAB_RUNS_AT_ONCE", 7) == value


def test_a_wrong_limit_is_no_traceback():
    """Limits are read while modules are imported."""
    program = "from cnnlab.datasets import limits; print(limits.MAX_CLASSES)"
    for text, value in {"abc": "1000", "5": "5"}.items():
        environment = os.environ | {"CNNLAB_MAX_CLASSES": text}
        command = [sys.executable, "-c", program]
        ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        assert (ended.stdout.strip(), ended.stderr) == (value, "")
