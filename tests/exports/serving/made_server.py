"""A model without any training, served by a process of its own."""

import atexit
import http.client
import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import onnx
from PIL import Image

from tests.datasets.uploads import encoded

ROOT = Path(__file__).parents[3]
NAMES = ('red "quoted" <b>', "Grün 🐟" + "x" * 292, "blue\nline")
RED, GREEN = (encoded(Image.new("RGB", (20, 16), color), "PNG") for color in ("red", "lime"))


def made_model(folder, *, names=NAMES, packed=False, **about):
    """A model that tells the colours of 8 px apart, as a download or as it lies in a home."""
    folder.mkdir(parents=True, exist_ok=True)
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    count = len(names)
    weights = np.zeros((3, count), np.float32)
    weights[:, :3] = np.eye(3)[:, :count] / 32
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2], keepdims=0),
            helper.make_node("MatMul", ["mean", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"]),
        ],
        "colours",
        [helper.make_tensor_value_info("image", kind, [None, 8, 8, 3])],
        [helper.make_tensor_value_info("probabilities", kind, [None, count])],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    description = {
        "format": "onnx",
        "file": "model.onnx",
        "class_names": list(names),
        "image": {"size": 8, "color": "rgb", "resize": "crop"},
        "threshold": 0.9,
    } | about
    if packed:
        with zipfile.ZipFile(folder / "model.zip", "w") as package:
            package.writestr("model.json", json.dumps(description))
    else:
        (folder / "model.json").write_text(json.dumps(description), encoding="utf-8")
    return folder


class Server:
    """A process that serves, and a client that asks it."""

    def __init__(self, command, *, port=0, cwd=ROOT, env=None):
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command), "--port", str(port), "--json"],
            cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        atexit.register(self.process.kill)  # where a test fails before it ends it
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"{self.process.communicate()[1]}({self.process.returncode})")
        self.told = json.loads(line)
        self.token = self.told["token"]
        self.place = urlsplit(self.told["address"]).netloc

    def ask(self, method, path, body=b"", headers=None, *, with_token=True):
        """Status, headers and content of an answer."""
        connection = http.client.HTTPConnection(self.place, timeout=30)
        token = {"Authorization": f"Bearer {self.token}"} if with_token and self.token else {}
        connection.request(method, path, body, token | (headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def json(self, method, path, body=b"", headers=None, *, status=200):
        got, _, content = self.ask(method, path, body, headers)
        assert got == status, content
        return json.loads(content)

    def memory_bytes(self, name="VmRSS"):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

    def end(self, number=signal.SIGINT):
        """The exit code, and what was told on standard error."""
        self.process.send_signal(number)
        _, told = self.process.communicate(timeout=20)
        return self.process.returncode, told


def form(files, boundary="b0undary"):
    """Body and headers of a form; `files` by their names, or pairs."""
    parts = []
    for name, content in files.items() if isinstance(files, dict) else files:
        head = f'Content-Disposition: form-data; name="pictures"; filename="{name}"'
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
