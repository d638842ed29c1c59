"""The page's modules without a browser: Node runs what needs none of one."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from cnnlab.exports import web_page

FOLDER = Path(web_page.__file__).parent

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node isn't installed")

_BEGIN = """
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"))
const given = JSON.parse(readFileSync(0, "utf8"))
"""

_OPEN = """
import { openPicture } from "FOLDER/pictures/pictures.mjs"
import { toSquare } from "FOLDER/pictures/pillow.mjs"
const told = []
for (const { content, ...preparation } of given) {
  try {
    const square = toSquare(await openPicture(bytes(content), preparation), preparation)
    told.push({ square: Buffer.from(square).toString("base64") })
  } catch (error) {
    told.push({ problem: error.message })
  }
}
console.log(JSON.stringify(told))
"""

_COMPUTE = """
import { Network } from "FOLDER/network/network.mjs"
const told = given.map(({ plan, weights, shape, pictures }) => {
  const network = new Network(plan, new Uint8Array(gunzipSync(bytes(weights))).buffer, shape)
  return pictures.map((picture) => Array.from(network.probabilities(bytes(picture))))
})
console.log(JSON.stringify(told))
"""


def opened(cases):
    """Squares as the page makes them, or a text with what it says instead.

    Args:
        cases: of `content`, `size`, `color`, `resize` and `value_range`.
    """
    told = _run(_OPEN, [{**case, "content": _text(case["content"])} for case in cases])
    return [_square(row, case) for row, case in zip(told, cases, strict=True)]


def computed(cases):
    """Probabilities (N, classes) of each network.

    Args:
        cases: a plan and weights, as `to_text` gives them, and (N, H, W, C) uint8.
    """
    given = [
        {
            "plan": plan,
            "weights": weights,
            "shape": images.shape[1:],
            "pictures": [_text(image.tobytes()) for image in images],
        }
        for plan, weights, images in cases
    ]
    return [np.array(rows, np.float32) for rows in _run(_COMPUTE, given)]


def _run(script, given):
    program = _BEGIN + script.replace("FOLDER", FOLDER.as_uri())
    command = ["node", "--input-type=module", "--eval", program]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def _text(content):
    return base64.b64encode(content).decode("ascii")


def _square(row, case):
    if "problem" in row:
        return row["problem"]
    channels = 3 if case["color"] == "rgb" else 1
    values = np.frombuffer(base64.b64decode(row["square"]), np.uint8)
    return values.reshape(case["size"], case["size"], channels)
