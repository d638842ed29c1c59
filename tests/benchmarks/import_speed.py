"""Import of 10,000 small JPEGs against a bare Pillow loop with the same number of processes.

    python tests/benchmarks/import_speed.py [IMAGES] [ROUNDS] [--smoke]

The bare loop does the least that training needs: read, decode, resize to 48 px; it checks, keeps
and reports nothing. Goal: the median of the three ratios is at most 1.3. `--smoke` takes 50 images
once.
"""

import io
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab.datasets.importing.importing import import_images
from tests.benchmarks.options import read_options

SIDE_PX, CLASSES, ROUNDS, GOAL = 96, 10, 3, 1.3


def draw_images(path: Path, count: int) -> None:
    """A zip of class folders with smooth random pictures, about as large as photos of 96 px."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            coarse = generator.integers(0, 256, (24, 24, 3), dtype=np.uint8)
            image = Image.fromarray(coarse).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
            encoded = io.BytesIO()
            image.save(encoded, "JPEG", quality=90)
            archive.writestr(f"class_{number % CLASSES}/{number}.jpg", encoded.getvalue())


def decode_share(path: Path, share: int, shares: int) -> int:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()[share::shares]
        for name in names:
            image = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
            np.asarray(image.resize((48, 48), Image.Resampling.BILINEAR))
    return len(names)


def decode_bare(path: Path, processes: int) -> None:
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.starmap(decode_share, [(path, share, processes) for share in range(processes)], 1)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(count: int, rounds: int) -> None:
    processes = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        path, into = Path(name) / "images.zip", Path(name) / "dataset"
        draw_images(path, count)
        print(f"{count:,} JPEGs of {SIDE_PX} px, {path.stat().st_size / 1e6:.1f} MB, ", end="")
        print(f"{processes} processes\n\nround  bare s  import s  ratio")
        ratios = []
        for number in range(rounds):
            into.mkdir()
            bare = seconds(lambda: decode_bare(path, processes))
            ours = seconds(lambda: import_images(path, into, processes=processes))
            shutil.rmtree(into)
            ratios.append(ours / bare)
            print(f"{number + 1:5}  {bare:6.2f}  {ours:8.2f}  {ratios[-1]:5.2f}")
    print(f"\nmedian ratio {statistics.median(ratios):.2f} (goal: at most {GOAL})")


if __name__ == "__main__":
    main(*read_options(__doc__, images=(10_000, 50), rounds=(ROUNDS, 1)))
