"""A large set of small images: import with its memory, report, and the gallery's first view.

    python tests/benchmarks/large_dataset.py [IMAGES] [--smoke]

Memory is the sum over the importing process and its children, sampled ten times a second; it should
stay flat while the images go by. `--smoke` takes 100 images.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from tests.benchmarks.options import read_options

SIDE_PX, CLASSES, TILES = 32, 20, 60


def draw_images(path: Path, count: int) -> None:
    """A zip of class folders with small random PNGs."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            coarse = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            image = Image.fromarray(coarse).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
            encoded = io.BytesIO()
            image.save(encoded, "PNG", compress_level=1)
            archive.writestr(f"class_{number % CLASSES}/{number}.png", encoded.getvalue())


def own_megabytes(root: int) -> float:
    """Memory that a process and its descendants hold for themselves (proportional set size)."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    parents = dict(map(int, line.split()) for line in listing.splitlines())
    total = 0
    for pid in parents:
        above = pid
        while above not in (root, 0, 1):
            above = parents.get(above, 0)
        rollup = Path(f"/proc/{pid}/smaps_rollup")
        if above == root and rollup.exists():
            lines = rollup.read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def import_watched(path: Path) -> tuple[str, float, list[float]]:
    """Import in a process of its own; the dataset's id, seconds, and memory over time."""
    command = [sys.executable, "-m", "cnnlab", "import", str(path), "--json"]
    start, samples = time.perf_counter(), []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            samples.append(own_megabytes(process.pid))
        except (OSError, StopIteration):  # a process ended while it was looked at
            continue
        time.sleep(0.1)
    seconds = time.perf_counter() - start
    (dataset,) = lab.list_datasets()
    return dataset.id, seconds, samples


def timed(what: str, work) -> object:
    start = time.perf_counter()
    value = work()
    print(f"{what:44} {time.perf_counter() - start:7.3f} s")
    return value


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        os.environ["CNNLAB_HOME"] = str(Path(name) / "home")
        path = Path(name) / "images.zip"
        draw_images(path, count)
        print(f"{count:,} PNGs of {SIDE_PX} px, {path.stat().st_size / 1e6:.0f} MB")
        dataset, seconds, memory = import_watched(path)
        middle = memory[len(memory) // 4 : len(memory) // 2]
        print(f"{'import':44} {seconds:7.3f} s, {count / seconds:,.0f} images a second")
        print(f"memory: at half time {max(middle):,.0f} MB, at most {max(memory):,.0f} MB")
        rows = timed("gallery, first view: find the images", lambda: lab.find_images(dataset))
        timed("facts of a page", lambda: lab.image_facts(dataset, rows[:TILES]))
        timed("its thumbnails", lambda: [lab.thumbnail(dataset, row, 224) for row in range(TILES)])
        timed("findings", lambda: lab.findings(dataset))
        timed("last page, a text filter", lambda: lab.find_images(dataset, text="99.png"))


if __name__ == "__main__":
    main(*read_options(__doc__, images=(100_000, 100)))
