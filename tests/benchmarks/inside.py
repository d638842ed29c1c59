"""What a look inside a net costs, and how fluid its map of 10,000 images is.

    python tests/benchmarks/inside.py [IMAGES] [--smoke]

First the parts of the job that come after reading the images, in CPU seconds: PCA, t-SNE and
look-alikes of 1,000 wrong pictures, on made features of 128 values. Then the page: images are drawn
and imported, what a worker leaves is left by hand, and a browser opens the map. Told are the
seconds until it is drawn, and the time between two frames while the pointer moves over the points,
and while the map is dragged. The first time counts for nothing: the server and the browser load
what they keep. Chromium without a graphics chip draws with the CPU, slower than anybody's.
Goal for 10,000 images: while it is dragged, half of the frames come within 50 ms. `--smoke` takes
300 images and no goal.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.judging.inside.neighbours import nearest_by_angle
from cnnlab.judging.inside.planar import pca_plane, tsne_plane
from tests.benchmarks.app_process import (
    Figure,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.large_dataset import draw_images
from tests.benchmarks.options import option_parser
from tests.made_insides import finish_inside
from tests.made_runs import made_run, no_supervisor

FEATURES, CLASSES, WRONG = 128, 10, 1000
FRAME_MS, MOVES = 50.0, 60
MAP = ".st-key-image_map canvas"
DRAWN = """() => {
  const canvas = document.querySelector('.st-key-image_map canvas')
  const pen = canvas && canvas.width > 1 && canvas.getContext('2d')
  return pen && pen.getImageData(0, 0, canvas.width, canvas.height).data.some((part) => part)
}"""
RECORD = """() => {
  window.frames_ms = []
  let last = performance.now()
  const tick = (now) => {
    window.frames_ms.push(now - last)
    last = now
    window.ticking = requestAnimationFrame(tick)
  }
  window.ticking = requestAnimationFrame(tick)
}"""
RECORDED = "() => { cancelAnimationFrame(window.ticking); return window.frames_ms.slice(1) }"


def made_features(images: int) -> np.ndarray:
    """Features of classes that overlap a little."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 2, (CLASSES, FEATURES))
    noise = rng.normal(size=(images, FEATURES))
    made: np.ndarray = (centres[np.arange(images) % CLASSES] + noise).astype(np.float32)
    return made


def job_figures(images: int) -> list[Figure]:
    """CPU seconds of the job's parts."""
    features = made_features(images)
    parts = {
        "PCA": lambda: pca_plane(features, 0),
        "t-SNE": lambda: tsne_plane(features, 0),
        f"look-alikes of {min(WRONG, images):,}": lambda: nearest_by_angle(
            features[:WRONG], features
        ),
    }
    pca_plane(features[:50], 0)  # scikit-learn is loaded
    figures = []
    for name, part in parts.items():
        began = time.process_time()
        part()
        figures.append(Figure(f"{name}, {images:,} images", time.process_time() - began, "CPU s"))
    return figures


def frames(page: Page, *, is_dragged: bool) -> np.ndarray:
    """Milliseconds between frames while the pointer moves over the map."""
    box = page.locator(MAP).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    if is_dragged:
        page.mouse.down()
    page.evaluate(RECORD)
    for step in range(MOVES):
        page.mouse.move(x + 3 * step, y + 40 * np.sin(step / 5))
    told = np.array(page.evaluate(RECORDED))
    if is_dragged:
        page.mouse.up()
    return told


def page_figures(images: int, goal: float | None) -> list[Figure]:
    """Seconds until the map is drawn, and how fluid it is."""
    with started_app() as app, started_browser() as browser:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "images.zip"
            draw_images(path, images * 5 // 4)
            dataset = lab.import_dataset(path, name="Many images")
        split = {"validation": 0.8}
        config = RunConfig.model_validate({"dataset": dataset.id, "split": split})
        with pytest.MonkeyPatch.context() as patch:
            no_supervisor(patch)
            run = made_run(config, status=Status.FINISHED)
        finish_inside(run, wrong=min(WRONG, images // 2))
        page = new_page(browser, height=1100)
        for _ in range(2):
            began = time.perf_counter()
            page.goto(f"{app.address}/explain?run={run.id}")
            page.wait_for_function(DRAWN, polling=100, timeout=120_000)
            seconds = time.perf_counter() - began
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        page.locator(MAP).scroll_into_view_if_needed()
        hovered = frames(page, is_dragged=False)
        page.get_by_role("button", name="Move", exact=True).click()
        dragged = frames(page, is_dragged=True)
    return [
        Figure(f"page with {images:,} points drawn", seconds, "s"),
        Figure("pointer over the points, median frame", float(np.median(hovered)), "ms"),
        Figure("pointer over the points, slowest of 20", float(np.quantile(hovered, 0.95)), "ms"),
        Figure("map dragged, median frame", float(np.median(dragged)), "ms", goal),
        Figure("map dragged, slowest of 20", float(np.quantile(dragged, 0.95)), "ms"),
    ]


def main() -> None:
    parser = option_parser(__doc__)
    parser.add_argument("images", type=int, nargs="?", default=10_000)
    asked = parser.parse_args()
    images, goal = (300, None) if asked.smoke else (asked.images, FRAME_MS)
    print_figures(job_figures(images) + page_figures(images, goal))


if __name__ == "__main__":
    main()
