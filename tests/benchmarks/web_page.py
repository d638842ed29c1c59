"""The offline page in Chromium: its size, when it is ready, how long a picture takes, how near.

    python tests/benchmarks/web_page.py [--size 48] [--classes 10] [--smoke]

Drawn weights, for each preset and both widths of its weights. Goal for small_cnn at
48 px: ready within 1 s, at most 40 ms a picture. `--smoke` takes the smallest preset at 16 px.
"""

import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.about import About
from cnnlab.exports.model_format import Source
from cnnlab.training.judging.reference import float32_clone, reference_probabilities
from cnnlab.training.network.model import build_model
from tests.benchmarks.options import option_parser
from tests.datasets.uploads import encoded
from tests.exports.web_page.pages import write_page

PRESETS = ("tiny_cnn", "small_cnn", "vgg_small", "resnet_small")
PICTURES, OPENED = 40, 5

_ASK = """async (letters) => {
  const content = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0))
  const since = performance.now()
  const said = await new Promise((resolve) => {
    addEventListener("message", function heard({ data }) {
      if (data?.cnnlab !== "classified") return
      removeEventListener("message", heard)
      resolve(data)
    })
    postMessage({ cnnlab: "classify", id: 1, content }, "*")
  })
  return { ...said, whole: performance.now() - since }
}"""

_READY = """new Promise((resolve) => {
  addEventListener("message", ({ data }) => {
    if (data?.cnnlab === "ready") resolve(data.milliseconds)
  })
  postMessage({ cnnlab: "hello" }, "*")
})"""


def main() -> None:
    """Measure every preset."""
    parser = option_parser(__doc__)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--classes", type=int, default=10)
    asked = parser.parse_args()
    presets = PRESETS[:1] if asked.smoke else PRESETS
    asked.size = 16 if asked.smoke else asked.size
    print(f"{'network':<13}{'weights':>9}{'MB':>7}{'ready ms':>10}{'compute ms':>12}"
          f"{'640x480 ms':>12}{'12 MP ms':>10}{'difference':>12}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = os.environ.get("CNNLAB_TEST_BROWSER") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for preset in presets:
            for in_halves in (True, False):
                measure(browser, Path(folder), preset, asked.size, asked.classes, in_halves)
        browser.close()


def measure(browser, folder, preset, size, classes, in_halves) -> None:
    """Measure one page and print its line."""
    config = load_config({"architecture": {"preset": preset}, "image": {"size": size}})
    model = float32_clone(build_model(config, (size, size, 3), classes))
    names = tuple(f"class {number}" for number in range(classes))
    source = Source(model, About(names, config.image), lambda: np.zeros(0))
    page_path = write_page(folder / f"{preset}.html", source, in_halves=in_halves)
    images = np.random.default_rng(0).integers(0, 256, (PICTURES, size, size, 3), np.uint8)
    expected = reference_probabilities(model, images, lambda: None)
    ready = []
    for _ in range(OPENED):
        page = browser.new_page()
        page.goto(page_path.as_uri())
        page.wait_for_selector("body[data-state=ready]", state="attached")
        ready.append(page.evaluate(_READY))
    said = [
        page.evaluate(_ASK, _letters(encoded(Image.fromarray(image), "PNG"))) for image in images
    ]
    difference = np.abs([each["probabilities"] for each in said] - expected).max()
    photos = [_photo(640, 480), _photo(4000, 3000)]
    whole = [np.median([page.evaluate(_ASK, photo)["whole"] for _ in range(3)]) for photo in photos]
    print(f"{preset:<13}{'float16' if in_halves else 'float32':>9}"
          f"{page_path.stat().st_size / 1e6:>7.2f}{np.median(ready):>10.0f}"
          f"{np.median([each['milliseconds'] for each in said]):>12.1f}"
          f"{whole[0]:>12.0f}{whole[1]:>10.0f}{difference:>12.1e}")  # fmt: skip
    page.close()


def _photo(width, height) -> str:
    rough = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    return _letters(encoded(Image.fromarray(rough).resize((width, height)), "JPEG", quality=90))


def _letters(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


if __name__ == "__main__":
    main()
