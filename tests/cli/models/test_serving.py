"""`serve` as a user runs it: the small process, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_cli import ROOT, Shell
from tests.exports.serving.made_server import NAMES, RED, Server, made_model


@pytest.fixture
def prepared(home):
    """The id of a run whose model is prepared for ONNX Runtime."""
    folder = home / "runs" / "r" / "attempt-1" / "exports" / "onnx"
    made_model(folder, packed=True)
    (folder / "result.json").write_text(json.dumps({"status": "finished"}))
    return "r"


def test_a_prepared_model_is_served_by_a_process_that_loads_nothing_else(prepared):
    server = Server(["-m", "cnnlab", "serve", prepared])
    assert (server.told["run"], server.told["runtime"]) == (prepared, "ONNX Runtime")
    told = server.json("POST", "/predict", RED)
    assert (told["class"], told["run"]) == (NAMES[0], prepared)
    loaded = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "onnxruntime" in loaded
    for heavy in ("tensorflow", "pandas", "sqlalchemy", "pyarrow", "scipy", "pydantic"):
        assert f"/{heavy}" not in loaded
    assert server.memory_bytes("VmHWM") < 250 * 2**20
    assert server.end() == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none"], "There is no run 'none'"),
        (["../r"], "There is no run '../r'"),
        (["r", "--port", "70000"], "--port: must be a whole number from 0 to 65535"),
        (["r", "--threads", "0"], "--threads: must be a whole number from 1 to 64"),
        (["r", "--runtime", "tpu"], "choose from 'litert', 'onnx'"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_sentence(prepared, home, words, said):
    assert said in Shell(home).refuse("serve", *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-token", "--host", "0.0.0.0"], "Everybody who reaches 0.0.0.0 could use"),
        (["--host", "no.such.name.invalid"], "--host must be a name or number"),
        (["--token-file", "/none"], "The token can't be read from /none"),
    ],
)
def test_what_the_server_cannot_be_told_is_refused_in_one_sentence(prepared, words, said):
    command = [sys.executable, "-m", "cnnlab", "serve", prepared, *words]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert said in answer.stderr and len(answer.stderr.strip().splitlines()) == 1


def test_a_damaged_model_is_refused_in_one_sentence(prepared, home):
    (model,) = home.rglob("model.onnx")
    model.write_bytes(model.read_bytes()[:50])
    command = [sys.executable, "-m", "cnnlab", "serve", prepared, "--port", "0"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 1 and "model.onnx can't be loaded" in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_what_the_server_cannot_be_told_is_refused_before_a_model_is_prepared(home):
    words = Shell(home).refuse("serve", "none", "--no-token", "--host", "0.0.0.0")
    assert "Everybody who reaches 0.0.0.0 could use" in words
