"""Upload of a 500 MB zip through the browser, then its import: what the server's memory does.

    python tests/benchmarks/upload.py [MEGABYTES] [--smoke]

The zip holds large noisy JPEGs, so that there are few of them and the import is short. The server's
memory is looked at every 50 ms. Goal: it grows by at most 120 MB. `--smoke` takes 20 MB.
"""

import io
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.benchmarks.app_process import (
    MB,
    App,
    Figure,
    new_page,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.options import read_options

MEGABYTES, SIDE_PX, PATTERNS, TIMEOUT_MS = 500, 2000, 10, 90_000
UPLOAD = ".st-key-dataset_upload"


def draw_zip(path: Path, megabytes: int) -> int:
    """Write a stored zip of that size with two class folders; return the number of images."""
    generator = np.random.default_rng(0)
    patterns = []
    for _ in range(PATTERNS):
        pixels, encoded = generator.integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8), io.BytesIO()
        Image.fromarray(pixels).save(encoded, "JPEG", quality=95)
        patterns.append(encoded.getvalue())
    count = -(-megabytes * 1_000_000 // len(patterns[0]))
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            name = f"class_{number % 2}/{number}.jpg"
            archive.writestr(name, patterns[number % PATTERNS] + str(number).encode())
    return count


def upload(page: Page, app: App, path: Path) -> tuple[float, list[float]]:
    """Seconds from the choice of the file to its arrival, and the memory meanwhile."""
    with app.sampled_memory() as samples:
        began = time.perf_counter()
        page.locator(f"{UPLOAD} input[type=file]").set_input_files(path)
        page.wait_for_selector(f"{UPLOAD} [data-state=done]", timeout=TIMEOUT_MS)
        return time.perf_counter() - began, samples


def bring_in(page: Page, app: App, images: int) -> tuple[float, list[float]]:
    """Seconds from the press of the button to the dataset, and the memory meanwhile."""
    with app.sampled_memory() as samples:
        began = time.perf_counter()
        page.locator(".st-key-import_dataset button:enabled").click()
        page.get_by_text(f"{images} images in 2 classes").first.wait_for(timeout=TIMEOUT_MS)
        return time.perf_counter() - began, samples


def main(megabytes: int) -> None:
    with started_app() as app, started_browser() as browser:
        path = app.folder / "noise.zip"
        images = draw_zip(path, megabytes)
        page = new_page(browser)
        page.goto(f"{app.address}/data")
        page.wait_for_selector(".st-key-dataset_select")
        uploading, upload_mb = upload(page, app, path)
        importing, import_mb = bring_in(page, app, images)
        size_mb = path.stat().st_size / MB
    print_figures(
        [
            Figure("size of the zip", size_mb, "MB"),
            Figure("upload", uploading, "s"),
            Figure("upload, speed", size_mb / uploading, "MB/s"),
            Figure("memory before", upload_mb[0], "MB"),
            Figure("growth during the upload", max(upload_mb) - upload_mb[0], "MB", 120),
            Figure("growth with the import", max(import_mb) - upload_mb[0], "MB", 120),
            Figure(f"import of {images} images", importing, "s"),
        ]
    )


if __name__ == "__main__":
    main(*read_options(__doc__, megabytes=(MEGABYTES, 20)))
