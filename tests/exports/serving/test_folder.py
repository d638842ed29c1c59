"""The server as a folder: it runs where cnnlab isn't."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from cnnlab.exports.serving import folder as module
from cnnlab.exports.serving.folder import pins, server_texts
from tests.exports.serving.made_server import NAMES, RED, Server, made_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a model, as `serve --to` writes it."""
    model = made_model(tmp_path_factory.mktemp("model"))
    folder = tmp_path_factory.mktemp("server")
    texts = server_texts(json.loads((model / "model.json").read_text()), "r-7")
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copy(model / "model.onnx", folder)
    return folder


def test_every_module_that_the_server_needs_is_in_it_and_none_of_cnnlab(folder):
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) cnnlab", text, re.MULTILINE), path
        for name in re.findall(r"^from serving\.(\w+) import", text, re.MULTILINE):
            assert (folder / "serving" / f"{name}.py").exists(), (path, name)
    own = {path.stem for path in Path(module.__file__).parent.glob("[!_]*.py")}
    assert own - set(module._MODULES) == {"at_once", "folder", "ready"}


def test_it_serves_without_cnnlab(folder):
    environment = {"PATH": os.environ["PATH"], "SERVE_TOKEN": "a-token-of-somebody"}
    server = Server(["serve.py"], cwd=folder, env=environment)
    assert server.told["token"] is None  # it was given: it is told nowhere
    server.token = "a-token-of-somebody"
    told = server.json("POST", "/predict", RED)
    assert (told["class"], told["run"]) == (NAMES[0], "r-7")
    assert server.ask("GET", "/")[0] == server.ask("GET", "/docs")[0] == 200
    assert server.memory_bytes() < 250 * 2**20
    assert server.end() == (0, "")


def test_what_is_pinned_is_what_the_server_was_tested_with():
    found = pins(["starlette", "python_multipart"])
    assert [pin.partition("==")[0] for pin in found][:2] == ["anyio", "idna"]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\d.]+", pin) for pin in found)
    assert not any(pin.startswith(("tensorflow", "streamlit")) for pin in found)


def test_the_dockerfile_starts_what_is_there(folder):
    text = (folder / "Dockerfile").read_text()
    assert '"serve.py", "--host", "0.0.0.0"' in text and "--no-token" not in text
    assert "onnxruntime==" in (folder / "requirements.txt").read_text()
    assert "tensorflow" not in (folder / "requirements.txt").read_text()
